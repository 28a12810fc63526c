import { describeAuthError } from "@/lib/auth-errors";
import { type AuthMode, SIGN_IN_REASONS, type SignInView } from "@/lib/auth-forms";
import { safeNextPath } from "@/lib/redirects";
import { describeError, log } from "../log";
import { isTrustedWrite } from "../origins";
import { readForm } from "./form-data";
import { type Outcome, outcomeOf, toApiRequest } from "./send";

/** What the pages need from their surroundings; tests bring their own. */
export interface SignInDependencies {
  /** Answers a request to the accounts' API as it does for everybody. */
  answer(request: Request, path: string): Promise<Response>;
  /** The id of the user that the headers' session belongs to, if any. */
  userOf(headers: Headers): Promise<string | undefined>;
  /** The URL people open, without a trailing slash. */
  publicUrl: string;
  /** Origins that forms may be sent from, the public URL's first. */
  trustedOrigins: readonly string[];
}

/** Where to go, or what to show. */
export type FormAnswer<View> =
  | { redirect: string; cookies: string[] }
  | { status: number; view: View };

const ENDPOINTS = { "sign-in": "sign-in/email", "sign-up": "sign-up/email" } as const;

/** Answers a request for one of the sign-in pages, or the form that it was sent. */
export async function answerSignIn(
  mode: AuthMode,
  request: Request,
  dependencies: SignInDependencies,
): Promise<FormAnswer<SignInView>> {
  const { searchParams } = new URL(request.url);
  const reason = SIGN_IN_REASONS.find((known) => known === searchParams.get("reason"));
  const view: SignInView = {
    mode,
    next: safeNextPath(searchParams.get("next")),
    reason: (mode === "sign-in" && reason) || null,
    entered: { name: "", email: "" },
    failure: null,
    signedOut: false,
  };

  if (request.method !== "POST") {
    const signedIn = await isSignedIn(request.headers, dependencies);
    if (signedIn) return { redirect: view.next, cookies: [] };
    return { status: 200, view: { ...view, signedOut: signedIn === false } };
  }

  const form = await readForm(request);
  if (!form) {
    const message = "That is more than this form can take. Enter something shorter.";
    return { status: 413, view: { ...view, failure: { message } } };
  }
  const entered = {
    name: form.get("name")?.trim() ?? "",
    email: form.get("email")?.trim() ?? "",
  };
  const result = await send(mode, request.headers, dependencies, {
    email: entered.email,
    password: form.get("password") ?? "",
    ...(mode === "sign-up" ? { name: entered.name } : {}),
  });
  if ("cookies" in result) return { redirect: view.next, cookies: result.cookies };
  return { status: result.status, view: { ...view, entered, failure: result.failure } };
}

/** Whether somebody is signed in; undefined where that can't be told. */
async function isSignedIn(
  headers: Headers,
  { userOf }: Pick<SignInDependencies, "userOf">,
): Promise<boolean | undefined> {
  try {
    return (await userOf(headers)) !== undefined;
  } catch (error) {
    // The form can be shown all the same; sending it tells whether signing in is possible again.
    log("error", "auth.session_failed", describeError(error));
    return undefined;
  }
}

/** Passes the form on through the accounts' own API, which keeps the limits. */
async function send(
  mode: AuthMode,
  received: Headers,
  { answer, publicUrl, trustedOrigins }: SignInDependencies,
  body: Record<string, string>,
): Promise<Outcome> {
  const origin = received.get("origin") ?? publicUrl;
  if (!isTrustedWrite(received, trustedOrigins)) {
    return { status: 403, failure: describeAuthError(403, undefined, origin) };
  }
  const path = ENDPOINTS[mode];
  return outcomeOf(await answer(toApiRequest(received, publicUrl, path, body), path), origin);
}
