import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { AuthForm } from "@/components/auth/auth-form";
import { HOME_PATH, safeNextPath } from "@/lib/redirects";
import { getSession } from "@/lib/server/session";

export const metadata: Metadata = { title: "Create an account" };

export default async function SignUpPage({
  searchParams,
}: {
  searchParams: Promise<{ next?: string | string[] }>;
}) {
  const { next } = await searchParams;
  const target = safeNextPath(typeof next === "string" ? next : undefined);
  if (await getSession()) redirect(target);
  const query = target === HOME_PATH ? "" : `?${new URLSearchParams({ next: target })}`;
  return (
    <>
      <h1 className="mb-5 text-xl font-semibold tracking-tight">Create your account</h1>
      <AuthForm mode="sign-up" next={target} />
      <p className="mt-5 text-center text-sm text-ink-muted">
        Have an account?{" "}
        <a
          className="font-medium text-accent underline underline-offset-2"
          href={`/sign-in${query}`}
        >
          Sign in
        </a>
      </p>
    </>
  );
}
