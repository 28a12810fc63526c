import { createHash } from "node:crypto";

/** What Better Auth's cookies began with before they were told apart by site. */
const SHARED_PREFIX = "better-auth";
const SESSION = "session_token";

/** What is known of a site's cookies. */
export interface CookieNames {
  /** Better Auth's `cookiePrefix`. */
  prefix: string;
  /** The cookie that holds the session. */
  session: string;
  /** The cookie that a browser keeps which somebody has signed in with. */
  device: string;
  /** The session's cookie as all sites had it once. */
  sharedSession: string;
}

/**
 * The names of a site's cookies. Browsers keep cookies by host, whatever the port, so two sites on one host
 * would sign each other out if they shared names. What tells them apart is the origin of the public URL.
 */
export function cookieNames(publicUrl: string): CookieNames {
  const { origin, protocol } = new URL(publicUrl);
  const secure = protocol === "https:" ? "__Secure-" : "";
  const digest = createHash("sha256").update(origin).digest("hex").slice(0, 8);
  const prefix = `todo-${digest}.${SHARED_PREFIX}`;
  return {
    prefix,
    session: `${secure}${prefix}.${SESSION}`,
    device: `${secure}${prefix}.device`,
    sharedSession: `${secure}${SHARED_PREFIX}.${SESSION}`,
  };
}

/** The value of a cookie that a request brings. */
export function readCookie(headers: Headers, name: string): string | undefined {
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at !== -1 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * The headers with a session that was begun under the shared name, where there is none under this site's.
 * The signature isn't about the name, and another site's doesn't fit this one's secret.
 */
export function withAdoptedSession(headers: Headers, names: CookieNames): Headers {
  const shared = readCookie(headers, names.sharedSession);
  if (shared === undefined || readCookie(headers, names.session) !== undefined) return headers;
  const adopted = new Headers(headers);
  adopted.set("cookie", `${headers.get("cookie")}; ${names.session}=${shared}`);
  return adopted;
}
