import type { PageConfig } from "next";
import { AuthPage, type AuthPageProps } from "@/components/auth/auth-page";
import { authPageProps } from "@/lib/server/auth-page-props";

// A form needs no client runtime: without it the page loads 1 kB of script instead of 140.
export const config: PageConfig = { unstable_runtimeJS: false };

export const getServerSideProps = authPageProps("sign-in");

export default function SignInPage(props: AuthPageProps) {
  return <AuthPage mode="sign-in" {...props} />;
}
