import { ACCOUNT_LIMITS } from "@/lib/account-limits";
import type { AuthMode, SignInReason, SignInView } from "@/lib/auth-forms";
import { HOME_PATH } from "@/lib/redirects";
import { SITE_DESCRIPTION } from "@/lib/site";
import { FormError, FormField, PasswordField } from "./fields";
import { Brand, type DocumentProps, FormDocument } from "./form-document";

const TEXTS = {
  "sign-in": {
    title: "Sign in",
    heading: "Welcome back",
    submit: { label: "Sign in", busy: "Signing in…" },
    question: "New here?",
    other: { path: "/sign-up", label: "Create an account" },
  },
  "sign-up": {
    title: "Create an account",
    heading: "Create your account",
    submit: { label: "Create account", busy: "Creating your account…" },
    question: "Have an account?",
    other: { path: "/sign-in", label: "Sign in" },
  },
} as const satisfies Record<AuthMode, unknown>;

const REASONS: Readonly<Record<SignInReason, { testId: string; tone: string; text: string }>> = {
  expired: {
    testId: "session-expired",
    tone: "warning",
    text: "Your session has expired. Sign in again to go on where you left off.",
  },
  everywhere: {
    testId: "signed-out-everywhere",
    tone: "done",
    text: "You are signed out, here and on all your other devices.",
  },
  deleted: {
    testId: "account-deleted",
    tone: "done",
    text: "Your account is deleted, with its tasks and conversations.",
  },
};

/** The whole page of one of the two ways in. Its form is sent to its own address. */
export function SignInPage({ view, ...document }: DocumentProps & { view: SignInView }) {
  const { mode, next, reason, entered, failure, signedOut } = view;
  const { title, heading, submit, question, other } = TEXTS[mode];
  const { name, email, password } = ACCOUNT_LIMITS;
  const query = next === HOME_PATH ? "" : `?${new URLSearchParams({ next })}`;
  const notice = reason ? REASONS[reason] : null;
  return (
    <FormDocument title={`${failure ? "Error: " : ""}${title}`} signedOut={signedOut} {...document}>
      <main className="center">
        <Brand />
        <section className="card">
          <h1>{heading}</h1>
          {notice ? (
            <p data-testid={notice.testId} className={`notice ${notice.tone}`}>
              {notice.text}
            </p>
          ) : null}
          <form method="post">
            {mode === "sign-up" ? (
              <FormField
                id="name"
                name="name"
                label="Name"
                autoComplete="name"
                maxLength={name.max}
                defaultValue={entered.name}
                data-testid="name"
                {...{ failure, field: "name" }}
              />
            ) : null}
            <FormField
              id="email"
              name="email"
              type="email"
              label="Email"
              autoComplete="email"
              inputMode="email"
              maxLength={email.max}
              defaultValue={entered.email}
              data-testid="email"
              {...{ failure, field: "email" }}
            />
            <PasswordField
              id="password"
              name="password"
              label="Password"
              autoComplete={mode === "sign-in" ? "current-password" : "new-password"}
              maxLength={password.max}
              data-testid="password"
              failure={failure}
              {...(mode === "sign-up" && {
                minLength: password.min,
                hint: `At least ${password.min} characters.`,
              })}
            />
            <FormError failure={failure} />
            <button type="submit" className="wide" data-busy={submit.busy} data-testid="submit">
              {submit.label}
            </button>
          </form>
          <p className="quiet centered">
            {question} <a href={`${other.path}${query}`}>{other.label}</a>
          </p>
        </section>
        <p className="quiet centered">{SITE_DESCRIPTION}</p>
      </main>
    </FormDocument>
  );
}
