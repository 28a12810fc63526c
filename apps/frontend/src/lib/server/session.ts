import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { PATH_HEADER, signInPath } from "../redirects";
import { getAuth, type Session } from "./auth";
import { cookieNames, readCookie, withAdoptedSession } from "./cookies";
import { serverEnv } from "./env";

/**
 * The signed-in user's session, or null. Read once for each request. It isn't extended here, as
 * server components can't hand the new cookie to the browser; the proxy does both.
 */
export const getSession = cache(async (): Promise<Session | null> => {
  const own = withAdoptedSession(new Headers(await headers()), cookieNames(serverEnv().publicUrl));
  return getAuth().api.getSession({ headers: own, query: { disableRefresh: true } });
});

/** The session, or a redirect to the sign-in page that comes back here afterwards. */
export async function requireSession(): Promise<Session> {
  const session = await getSession();
  if (session) return session;
  const requestHeaders = await headers();
  const { session: cookie } = cookieNames(serverEnv().publicUrl);
  const hadCookie = readCookie(requestHeaders, cookie) !== undefined;
  redirect(signInPath(requestHeaders.get(PATH_HEADER), hadCookie));
}
