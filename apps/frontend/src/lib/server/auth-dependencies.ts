import { getIP } from "better-auth/api";
import { authServices } from "./auth";
import type { AuthApiDependencies } from "./auth-api";
import { cookieNames } from "./cookies";
import { DeviceCookies } from "./device-cookie";
import { serverEnv } from "./env";
import { trustedOrigins } from "./origins";
import { PasswordQueue } from "./password-queue";
import { RateLimits } from "./rate-limits";
import { SignInLimits } from "./sign-in-limits";

let dependencies: (AuthApiDependencies & { limits: SignInLimits }) | undefined;

/** What signing in and out works with in this process. */
export function authDependencies(): AuthApiDependencies & { limits: SignInLimits } {
  if (!dependencies) {
    const env = serverEnv();
    const { auth, database } = authServices();
    const passwords = new PasswordQueue({ poolSize: env.databasePoolSize });
    const cookies = cookieNames(env.publicUrl);
    dependencies = {
      handler: (request) => passwords.answer(request, (one) => auth.handler(one)),
      userOf: async (headers) =>
        (await auth.api.getSession({ headers, query: { disableRefresh: true } }))?.user.id,
      publicUrl: env.publicUrl,
      trustedOrigins: trustedOrigins(env),
      cookies,
      devices: new DeviceCookies(cookies, env.betterAuthSecret),
      limits: new SignInLimits(new RateLimits(database), env.betterAuthSecret),
      addressOf: (headers) => getIP(headers, auth.options) ?? "unknown",
    };
  }
  return dependencies;
}
