import Head from "next/head";
import { LogoMark } from "@/components/ui/logo";
import type { AuthFailure } from "@/lib/auth-errors";
import { HOME_PATH } from "@/lib/redirects";
import { SITE_DESCRIPTION, SITE_NAME, VIEWPORT } from "@/lib/site";
import { AuthForm, type AuthMode } from "./auth-form";
import { enhanceAuthForm } from "./auth-form-script";

export interface AuthPageProps {
  /** Where one lands afterwards. */
  next: string;
  /** One was signed in, until the session expired. */
  expired: boolean;
  /** What was sent before, but for the password. */
  entered: { name: string; email: string };
  /** Why that didn't work. */
  failure: AuthFailure | null;
  /** Lets this page's script through its Content-Security-Policy. */
  nonce: string;
}

const TEXTS = {
  "sign-in": {
    title: "Sign in",
    heading: "Welcome back",
    question: "New here?",
    other: { path: "/sign-up", label: "Create an account" },
  },
  "sign-up": {
    title: "Create an account",
    heading: "Create your account",
    question: "Have an account?",
    other: { path: "/sign-in", label: "Sign in" },
  },
} as const;

const VIEWPORT_CONTENT = `width=${VIEWPORT.width}, initial-scale=${VIEWPORT.initialScale}, interactive-widget=${VIEWPORT.interactiveWidget}`;

/** The whole page of one of the two ways in. */
export function AuthPage({
  mode,
  next,
  expired,
  entered,
  failure,
  nonce,
}: AuthPageProps & { mode: AuthMode }) {
  const { title, heading, question, other } = TEXTS[mode];
  const query = next === HOME_PATH ? "" : `?${new URLSearchParams({ next })}`;
  return (
    <>
      <Head>
        <title>{`${failure ? "Error: " : ""}${title} · ${SITE_NAME}`}</title>
        <meta name="viewport" content={VIEWPORT_CONTENT} />
      </Head>
      <main className="grid min-h-dvh place-items-center bg-radial-[at_50%_0%] from-accent-soft to-canvas to-65% px-4 py-10">
        <div className="w-full max-w-sm">
          <div className="mb-7 flex flex-col items-center gap-3 text-center">
            <LogoMark className="size-12" />
            <p className="text-lg font-semibold tracking-tight">{SITE_NAME}</p>
          </div>
          <div className="rounded-2xl border border-line bg-surface p-6 shadow-card sm:p-7">
            <h1 className="mb-5 text-xl font-semibold tracking-tight">{heading}</h1>
            {expired ? (
              <p
                data-testid="session-expired"
                className="mb-4 rounded-xl bg-warning-soft px-3.5 py-2.5 text-sm text-warning"
              >
                Your session has expired. Sign in again to go on where you left off.
              </p>
            ) : null}
            <AuthForm mode={mode} entered={entered} failure={failure} />
            <p className="mt-5 text-center text-sm text-ink-muted">
              {question}{" "}
              <a
                className="font-medium text-accent underline underline-offset-2"
                href={`${other.path}${query}`}
              >
                {other.label}
              </a>
            </p>
          </div>
          <p className="mt-6 text-center text-sm text-ink-muted">{SITE_DESCRIPTION}</p>
        </div>
      </main>
      <script
        nonce={nonce}
        suppressHydrationWarning
        // biome-ignore lint/security/noDangerouslySetInnerHtml: it is this project's own code.
        dangerouslySetInnerHTML={{ __html: `(${enhanceAuthForm.toString()})()` }}
      />
    </>
  );
}
