import { ACCOUNT_LIMITS } from "@/lib/account-limits";
import { type AuthFailure, describeAuthError } from "@/lib/auth-errors";
import { ACCOUNT_ACTIONS, type AccountAction, type AccountView } from "@/lib/auth-forms";
import { signInPath } from "@/lib/redirects";
import { inWords } from "../auth-api";
import { describeError, log } from "../log";
import { isTrustedWrite } from "../origins";
import type { SignInLimits } from "../sign-in-limits";
import { readForm } from "./form-data";
import { type Outcome, outcomeOf, toApiRequest } from "./send";
import type { FormAnswer } from "./sign-in";

/** What the page needs from its surroundings; tests bring their own. */
export interface AccountDependencies {
  /** Better Auth's own answer, to what isn't reachable from outside too. */
  handler(request: Request): Promise<Response>;
  /** Whoever the headers' session belongs to, if anybody. */
  userOf(headers: Headers): Promise<AccountView["user"] | undefined>;
  /**
   * Makes ready to erase what the back end has of the headers' user.
   * @returns erases it, for good; may be called again, also when the session has ended
   */
  eraser(headers: Headers): Promise<() => Promise<void>>;
  limits: Pick<SignInLimits, "password">;
  /** The URL people open, without a trailing slash. */
  publicUrl: string;
  /** Origins that forms may be sent from, the public URL's first. */
  trustedOrigins: readonly string[];
}

export const ACCOUNT_PATH = "/account";

const FAILED: AuthFailure = {
  message: "That isn't possible right now. Nothing was changed. Please try again in a moment.",
};

const HALF_DELETED: AuthFailure = {
  message:
    "Your tasks and conversations are deleted, but the account isn't yet. Please try again in a moment.",
};

/**
 * Answers a request for the account page, or one of its forms; without a view where nobody can tell whose page it is.
 * `headers` hold the session.
 */
export async function answerAccount(
  request: Request,
  headers: Headers,
  dependencies: AccountDependencies,
): Promise<FormAnswer<AccountView | null>> {
  let user: AccountView["user"] | undefined;
  try {
    user = await dependencies.userOf(headers);
  } catch (error) {
    log("error", "auth.session_failed", describeError(error));
    return { status: 503, view: null };
  }
  if (!user) return { redirect: signInPath(ACCOUNT_PATH), cookies: [] };
  const view: AccountView = { user, done: null, failure: null };
  if (request.method !== "POST") {
    const done = new URL(request.url).searchParams.get("done");
    return { status: 200, view: { ...view, done: done === "change-password" ? done : null } };
  }

  const fail = (status: number, failure: AuthFailure, action: AccountAction | null = null) => ({
    status,
    view: { ...view, failure: { ...failure, action } },
  });
  const origin = headers.get("origin") ?? dependencies.publicUrl;
  if (!isTrustedWrite(headers, dependencies.trustedOrigins)) {
    return fail(403, describeAuthError(403, undefined, origin));
  }
  const form = await readForm(request);
  if (!form) return fail(413, { message: "That is more than this form can take." });
  if (form.get("user") !== user.id) {
    return fail(409, {
      message: `This page was made for somebody else. You are signed in as ${user.email} now, and nothing was changed.`,
    });
  }
  const action = ACCOUNT_ACTIONS.find((known) => known === form.get("action"));
  if (!action) return fail(400, { message: "This form isn't known. Load the page anew." });

  try {
    const result = await ACTIONS[action](form, { user, headers, origin }, dependencies);
    return "redirect" in result ? result : fail(result.status, result.failure, action);
  } catch (error) {
    log("error", "account.failed", { action, ...describeError(error) });
    return fail(503, FAILED, action);
  }
}

/** Who sent a form, and how. */
interface Sender {
  user: AccountView["user"];
  headers: Headers;
  origin: string;
}

type Result = { redirect: string; cookies: string[] } | { status: number; failure: AuthFailure };
type Action = (
  form: URLSearchParams,
  sender: Sender,
  dependencies: AccountDependencies,
) => Promise<Result>;

const ACTIONS: Readonly<Record<AccountAction, Action>> = {
  "change-password": async (form, sender, dependencies) => {
    const newPassword = form.get("newPassword") ?? "";
    const { min, max } = ACCOUNT_LIMITS.password;
    if (newPassword.length < min || newPassword.length > max) {
      const message = `Choose a new password of ${min} to ${max} characters.`;
      return { status: 400, failure: { message, field: "newPassword" } };
    }
    const currentPassword = form.get("password") ?? "";
    const body = { currentPassword, newPassword, revokeOtherSessions: true };
    const outcome = await withPassword(sender, dependencies, () =>
      ask("change-password", body, sender, dependencies),
    );
    if (!("cookies" in outcome)) return outcome;
    log("info", "account.password_changed", { user_id: sender.user.id });
    return { redirect: `${ACCOUNT_PATH}?done=change-password`, cookies: outcome.cookies };
  },

  "sign-out-everywhere": async (_form, sender, dependencies) => {
    const outcome = await ask("revoke-sessions", {}, sender, dependencies);
    if (!("cookies" in outcome)) return outcome;
    log("info", "account.signed_out_everywhere", { user_id: sender.user.id });
    return leave("everywhere", sender, dependencies);
  },

  "delete-account": async (form, sender, dependencies) => {
    const password = form.get("password") ?? "";
    const checked = await withPassword(sender, dependencies, () =>
      ask("verify-password", { password }, sender, dependencies),
    );
    if (!("cookies" in checked)) return checked;
    // The account goes last: should anything fail before, one can still sign in and try again.
    const erase = await dependencies.eraser(sender.headers);
    await erase();
    const outcome = await ask("delete-user", { password }, sender, dependencies);
    if (!("cookies" in outcome)) return { status: 503, failure: HALF_DELETED };
    log("info", "account.deleted", { user_id: sender.user.id });
    // What another tab has written meanwhile; now that nobody can sign in, there is no more to come.
    await erase().catch((error: unknown) =>
      log("warning", "account.erased_once", { user_id: sender.user.id, ...describeError(error) }),
    );
    return leave("deleted", sender, dependencies);
  },
};

/** Does what needs the password, of which not every number of tries is taken. */
async function withPassword(
  { user }: Sender,
  { limits }: AccountDependencies,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const verdict = await limits.password(user.id);
  if (!verdict.allowed) {
    const message = `Too many wrong passwords. Try again in ${inWords(verdict.retryAfterSeconds)}.`;
    return { status: 429, failure: { message } };
  }
  const outcome = await work();
  if ("cookies" in outcome || !isWrongPassword(outcome.failure)) await verdict.succeeded();
  return outcome;
}

const WRONG_PASSWORD: AuthFailure = {
  message: "That isn't your password. Check it and try again.",
  field: "password",
};

function isWrongPassword(failure: AuthFailure): boolean {
  return failure === WRONG_PASSWORD;
}

async function ask(
  path: string,
  body: Record<string, unknown>,
  { headers, origin }: Sender,
  { handler, publicUrl }: AccountDependencies,
): Promise<Outcome> {
  const response = await handler(toApiRequest(headers, publicUrl, path, body));
  const answer: unknown = response.ok
    ? undefined
    : await response
        .clone()
        .json()
        .catch(() => {});
  if ((answer as { code?: unknown } | undefined)?.code === "INVALID_PASSWORD") {
    return { status: 400, failure: WRONG_PASSWORD };
  }
  const outcome = await outcomeOf(response, origin);
  return "failure" in outcome && outcome.status >= 500 ? { status: 503, failure: FAILED } : outcome;
}

/** To the sign-in page, without a session. */
async function leave(
  reason: "everywhere" | "deleted",
  sender: Sender,
  dependencies: AccountDependencies,
): Promise<Result> {
  const outcome = await ask("sign-out", {}, sender, dependencies);
  const cookies = "cookies" in outcome ? outcome.cookies : [];
  return { redirect: `/sign-in?reason=${reason}`, cookies };
}
