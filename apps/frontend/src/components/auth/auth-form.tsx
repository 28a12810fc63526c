"use client";

import { useActionState, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { type AuthResult, signIn, signUp } from "@/lib/auth-client";

interface FormState {
  name: string;
  email: string;
  password: string;
  failure?: Extract<AuthResult, { ok: false }>;
}

const LABELS = {
  "sign-in": { submit: "Sign in", busy: "Signing in…" },
  "sign-up": { submit: "Create account", busy: "Creating your account…" },
} as const;

function text(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}

/** The form of both ways in; `next` is where people land afterwards. */
export function AuthForm({ mode, next }: { mode: "sign-in" | "sign-up"; next: string }) {
  const form = useRef<HTMLFormElement>(null);
  const [visible, setVisible] = useState(false);
  const [state, submit, busy] = useActionState(
    async (_previous: FormState, data: FormData): Promise<FormState> => {
      const entered = {
        name: text(data, "name").trim(),
        email: text(data, "email").trim(),
        password: text(data, "password"),
      };
      const { name, ...credentials } = entered;
      const result =
        mode === "sign-in" ? await signIn(credentials) : await signUp({ name, ...credentials });
      if (!result.ok) return { ...entered, failure: result };
      // A full load, so that nothing of the signed-out page is kept.
      window.location.assign(next);
      return new Promise(() => undefined);
    },
    { name: "", email: "", password: "" },
  );
  const { failure } = state;

  useEffect(() => {
    const field = failure?.field;
    if (field) form.current?.querySelector<HTMLInputElement>(`[name="${field}"]`)?.focus();
  }, [failure]);

  const invalid = (field: "email" | "password") =>
    failure?.field === field && !busy
      ? { "aria-invalid": true, "aria-errormessage": "form-error" }
      : {};

  return (
    <form ref={form} action={submit} className="space-y-4">
      {mode === "sign-up" ? (
        <Field
          id="name"
          name="name"
          label="Name"
          autoComplete="name"
          required
          maxLength={100}
          defaultValue={state.name}
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
        defaultValue={state.email}
        data-testid="email"
        {...invalid("email")}
      />
      <div className="relative">
        <Field
          id="password"
          name="password"
          type={visible ? "text" : "password"}
          label="Password"
          autoComplete={mode === "sign-in" ? "current-password" : "new-password"}
          required
          minLength={mode === "sign-up" ? 8 : undefined}
          maxLength={128}
          defaultValue={state.password}
          data-testid="password"
          {...(mode === "sign-up" ? { hint: "At least 8 characters." } : {})}
          {...invalid("password")}
        />
        <button
          type="button"
          className="absolute top-0 right-0 rounded-md px-1 text-sm text-ink-muted underline underline-offset-2 hover:text-ink"
          aria-pressed={visible}
          aria-controls="password"
          onClick={() => setVisible(!visible)}
        >
          {visible ? "Hide" : "Show"} <span className="sr-only">password</span>
        </button>
      </div>
      <div>
        {failure && !busy ? (
          <p
            id="form-error"
            role="alert"
            data-testid="form-error"
            className="animate-appear rounded-xl bg-danger-soft px-3.5 py-2.5 text-sm text-danger"
          >
            {failure.message}
          </p>
        ) : null}
      </div>
      <Button type="submit" className="w-full" disabled={busy} data-testid="submit">
        {busy ? LABELS[mode].busy : LABELS[mode].submit}
      </Button>
    </form>
  );
}
