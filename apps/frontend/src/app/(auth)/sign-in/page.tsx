import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { AuthForm } from "@/components/auth/auth-form";
import { HOME_PATH, safeNextPath } from "@/lib/redirects";
import { getSession } from "@/lib/server/session";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<{ next?: string | string[]; reason?: string | string[] }>;
}) {
  const { next, reason } = await searchParams;
  const target = safeNextPath(typeof next === "string" ? next : undefined);
  if (await getSession()) redirect(target);
  const query = target === HOME_PATH ? "" : `?${new URLSearchParams({ next: target })}`;
  return (
    <>
      <h1 className="mb-5 text-xl font-semibold tracking-tight">Welcome back</h1>
      {reason === "expired" ? (
        <p
          data-testid="session-expired"
          className="mb-4 rounded-xl bg-warning-soft px-3.5 py-2.5 text-sm text-warning"
        >
          Your session has expired. Sign in again to go on where you left off.
        </p>
      ) : null}
      <AuthForm mode="sign-in" next={target} />
      <p className="mt-5 text-center text-sm text-ink-muted">
        New here?{" "}
        <a
          className="font-medium text-accent underline underline-offset-2"
          href={`/sign-up${query}`}
        >
          Create an account
        </a>
      </p>
    </>
  );
}
