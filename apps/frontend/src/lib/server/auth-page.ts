import type { AuthMode } from "@/components/auth/auth-form";
import type { AuthPageProps } from "@/components/auth/auth-page";
import { type AuthFailure, describeAuthError } from "../auth-errors";
import { safeNextPath } from "../redirects";
import type { Auth } from "./auth";
import { describeError, log } from "./log";
import { isTrustedWrite } from "./origins";

/** What the pages need from their surroundings; tests bring their own. */
export interface AuthPageDependencies {
  auth: Pick<Auth, "handler"> & { api: Pick<Auth["api"], "getSession"> };
  /** The URL people open, without a trailing slash. */
  publicUrl: string;
  /** Origins that forms may be sent from, the public URL's first. */
  trustedOrigins: readonly string[];
}

/** Where to go, or what to show. */
export type AuthPageAnswer =
  | { redirect: string; cookies: string[] }
  | { status: number; props: Omit<AuthPageProps, "nonce"> };

/** Longest form that is taken, in characters. */
export const MAX_FORM_LENGTH = 16 * 1024;

const ENDPOINTS = { "sign-in": "/api/auth/sign-in/email", "sign-up": "/api/auth/sign-up/email" };

/** Answers a request for one of the sign-in pages, or the form that it was sent. */
export async function answerAuthPage(
  mode: AuthMode,
  request: Request,
  dependencies: AuthPageDependencies,
): Promise<AuthPageAnswer> {
  const { searchParams } = new URL(request.url);
  const next = safeNextPath(searchParams.get("next"));
  const page = { next, expired: mode === "sign-in" && searchParams.get("reason") === "expired" };
  const entered = { name: "", email: "" };

  if (request.method !== "POST") {
    if (await isSignedIn(request.headers, dependencies)) return { redirect: next, cookies: [] };
    return { status: 200, props: { ...page, entered, failure: null } };
  }

  const text = await request.text();
  if (text.length > MAX_FORM_LENGTH) {
    const failure = { message: "That is more than this form can take. Enter something shorter." };
    return { status: 413, props: { ...page, entered, failure } };
  }
  const form = new URLSearchParams(text);
  entered.name = form.get("name")?.trim() ?? "";
  entered.email = form.get("email")?.trim() ?? "";
  const result = await send(mode, request.headers, dependencies, {
    email: entered.email,
    password: form.get("password") ?? "",
    ...(mode === "sign-up" ? { name: entered.name } : {}),
  });
  if ("cookies" in result) return { redirect: next, cookies: result.cookies };
  return { status: result.status, props: { ...page, entered, failure: result.failure } };
}

async function isSignedIn(
  headers: Headers,
  { auth }: Pick<AuthPageDependencies, "auth">,
): Promise<boolean> {
  try {
    // The redirect that follows carries no cookies, so nothing is extended.
    return (await auth.api.getSession({ headers, query: { disableRefresh: true } })) !== null;
  } catch (error) {
    // The form can be shown all the same; sending it tells whether signing in is possible again.
    log("error", "auth.session_failed", describeError(error));
    return false;
  }
}

/** Passes the form on through Better Auth's own endpoint, which checks the origin and the rate. */
async function send(
  mode: AuthMode,
  received: Headers,
  { auth, publicUrl, trustedOrigins }: AuthPageDependencies,
  body: Record<string, string>,
): Promise<{ cookies: string[] } | { status: number; failure: AuthFailure }> {
  const origin = received.get("origin") ?? publicUrl;
  if (!isTrustedWrite(received, trustedOrigins)) {
    return { status: 403, failure: describeAuthError(403, undefined, origin) };
  }
  const headers = new Headers(received);
  headers.delete("content-length");
  headers.set("content-type", "application/json");
  try {
    const response = await auth.handler(
      new Request(`${publicUrl}${ENDPOINTS[mode]}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      }),
    );
    if (response.ok) return { cookies: response.headers.getSetCookie() };
    const answer: unknown = await response.json().catch(() => undefined);
    return { status: response.status, failure: describeAuthError(response.status, answer, origin) };
  } catch (error) {
    log("error", "auth.failed", describeError(error));
    return { status: 503, failure: describeAuthError(503, undefined, origin) };
  }
}
