import type { ServerEnv } from "./env";

/** Origins that may sign in and write, the public URL's first. */
export function trustedOrigins(env: Pick<ServerEnv, "publicUrl" | "trustedOrigins">): string[] {
  return [new URL(env.publicUrl).origin, ...env.trustedOrigins];
}

/** Translates Better Auth's origin patterns: `*` stands for anything but a slash. */
function toPattern(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, "[^/]*").replace(/\?/g, "[^/]")}$`, "i");
}

function matches(origin: string, pattern: string): boolean {
  // A pattern without a scheme is compared with the host alone.
  const subject = pattern.includes("://") ? origin : origin.replace(/^[a-z]+:\/\//i, "");
  return toPattern(pattern).test(subject);
}

/**
 * Whether a request that changes something may come from where it says it does. Browsers always
 * name the origin of such requests; a caller that names none is no browser, so nobody else's
 * cookies can ride along.
 */
export function isTrustedWrite(headers: Headers, trusted: readonly string[]): boolean {
  const origin = headers.get("origin");
  if (origin) return trusted.some((pattern) => matches(origin, pattern));
  const site = headers.get("sec-fetch-site");
  return site === null || site === "same-origin" || site === "none";
}
