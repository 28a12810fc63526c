/** Request header in which the proxy passes the path and query on to server components. */
export const PATH_HEADER = "x-request-path";

/** Where people land when nothing else was asked for. */
export const HOME_PATH = "/chat";

const BASE = "http://localhost";

/** `URL.parse`, which Safari has from 18 on. */
function parse(value: string): URL | null {
  try {
    return new URL(value, BASE);
  } catch {
    return null;
  }
}

/**
 * The path to return to after signing in. Anything but a path of this site (another origin, a
 * scheme, an API route, the sign-in pages themselves) falls back to the home page.
 */
export function safeNextPath(value: string | null | undefined): string {
  if (!value?.startsWith("/")) return HOME_PATH;
  const url = parse(value);
  if (url?.origin !== BASE) return HOME_PATH;
  // What is left after "/.//" or "/x/..//" would name another site.
  if (url.pathname.startsWith("//")) return HOME_PATH;
  if (/^\/(api|sign-in|sign-up)(\/|$)/.test(url.pathname) || url.pathname === "/") return HOME_PATH;
  return `${url.pathname}${url.search}`;
}

/** The sign-in page's path, coming back to `from`; `expired` explains why one has to sign in. */
export function signInPath(from: string | null | undefined, expired = false): string {
  const query = new URLSearchParams();
  const next = safeNextPath(from);
  if (next !== HOME_PATH) query.set("next", next);
  if (expired) query.set("reason", "expired");
  const text = query.toString();
  return text ? `/sign-in?${text}` : "/sign-in";
}
