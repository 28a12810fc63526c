import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import type { AuthFailure } from "@/lib/auth-errors";

/** Which of the two ways in. */
export type AuthMode = "sign-in" | "sign-up";

const LABELS = {
  "sign-in": { submit: "Sign in", busy: "Signing in…" },
  "sign-up": { submit: "Create account", busy: "Creating your account…" },
} as const;

/** The form of both ways in. It is sent to the page's own address, and works without any script. */
export function AuthForm({
  mode,
  entered,
  failure,
}: {
  mode: AuthMode;
  /** What was sent before, but for the password. */
  entered: { name: string; email: string };
  failure: AuthFailure | null;
}) {
  const invalid = (field: "email" | "password") =>
    failure?.field === field
      ? { "aria-invalid": true, "aria-errormessage": "form-error", autoFocus: true }
      : {};

  return (
    <form method="post" className="space-y-4">
      {mode === "sign-up" ? (
        <Field
          id="name"
          name="name"
          label="Name"
          autoComplete="name"
          required
          maxLength={100}
          defaultValue={entered.name}
          data-testid="name"
        />
      ) : null}
      <Field
        id="email"
        name="email"
        type="email"
        label="Email"
        autoComplete="email"
        inputMode="email"
        required
        defaultValue={entered.email}
        data-testid="email"
        {...invalid("email")}
      />
      <div className="relative">
        <Field
          id="password"
          name="password"
          type="password"
          label="Password"
          autoComplete={mode === "sign-in" ? "current-password" : "new-password"}
          required
          minLength={mode === "sign-up" ? 8 : undefined}
          maxLength={128}
          data-testid="password"
          {...(mode === "sign-up" ? { hint: "At least 8 characters." } : {})}
          {...invalid("password")}
        />
        <button
          type="button"
          hidden
          className="absolute top-0 right-0 rounded-md px-1 text-sm text-ink-muted underline underline-offset-2 hover:text-ink"
          aria-controls="password"
        >
          Show <span className="sr-only">password</span>
        </button>
      </div>
      {failure ? (
        <p
          id="form-error"
          role="alert"
          data-testid="form-error"
          className="rounded-xl bg-danger-soft px-3.5 py-2.5 text-sm text-danger"
        >
          {failure.message}
        </p>
      ) : null}
      <Button type="submit" className="w-full" data-busy={LABELS[mode].busy} data-testid="submit">
        {LABELS[mode].submit}
      </Button>
    </form>
  );
}
