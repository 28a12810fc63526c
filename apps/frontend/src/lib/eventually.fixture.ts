import { vi } from "vitest";

/** Longest wait, in milliseconds; a machine that builds images meanwhile needs it. */
const LIMIT_MS = 10_000;

/** Resolves once a check no longer throws. @throws what it throws last, after 10 s */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: LIMIT_MS });
}
