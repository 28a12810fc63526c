import { createHash } from "node:crypto";

const DIGITS = 16;

/**
 * A hash of a Secret's values, 16 hex digits, that changes with any of them and tells none: they hold at
 * least 32 random characters together.
 */
export function fingerprint(data: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(Object.entries(data).sort());
  return createHash("sha256").update(text).digest("hex").slice(0, DIGITS);
}
