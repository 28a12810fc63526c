import { betterAuth } from "better-auth";
import { jwt } from "better-auth/plugins";
import type { Pool } from "pg";
import { ACCOUNT_LIMITS } from "../account-limits";
import { cookieNames } from "./cookies";
import { Database } from "./database";
import { type ServerEnv, serverEnv } from "./env";
import { describeError, log } from "./log";
import { createSigningKey, signingKeys } from "./signing-keys";

const DAY = 60 * 60 * 24;

/** Lifetime of the tokens that the back end verifies, in seconds. */
export const TOKEN_LIFETIME_SECONDS = 15 * 60;

/**
 * Better Auth over the given pool. All state is in Postgres, so any replica serves any session;
 * the tables come from the back end's migrations.
 */
export function createAuth(env: ServerEnv, pool: Pool) {
  return betterAuth({
    appName: "Todo AI Chatbot",
    baseURL: env.publicUrl,
    secret: env.betterAuthSecret,
    trustedOrigins: env.trustedOrigins,
    database: pool,
    emailAndPassword: {
      enabled: true,
      autoSignIn: true,
      minPasswordLength: ACCOUNT_LIMITS.password.min,
      maxPasswordLength: ACCOUNT_LIMITS.password.max,
    },
    user: { deleteUser: { enabled: true } },
    session: { expiresIn: 30 * DAY, updateAge: DAY },
    advanced: {
      cookiePrefix: cookieNames(env.publicUrl).prefix,
      useSecureCookies: env.publicUrl.startsWith("https://"),
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      // The tables come with the back end's migrations, perhaps after this process has started;
      // Better Auth would look once and refuse every request from then on.
      database: { validateSchema: false },
      ipAddress: { trustedProxies: env.trustedProxies },
    },
    // What may be asked how often is decided before a request gets here: see sign-in-limits.ts.
    rateLimit: { enabled: false },
    plugins: [
      jwt({
        // Tokens are minted by the proxy alone; a header on each session read would be waste.
        disableSettingJwtHeader: true,
        adapter: {
          getJwks: signingKeys,
          createJwk: (key, context) => createSigningKey(pool, key, context),
        },
        jwt: {
          issuer: env.publicUrl,
          audience: env.publicUrl,
          expirationTime: `${TOKEN_LIFETIME_SECONDS}s`,
          // The subject is all that the back end asks for.
          definePayload: () => ({}),
        },
      }),
    ],
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message, ...details) =>
        log(level === "error" ? "error" : level === "warn" ? "warning" : "debug", "auth", {
          message,
          ...(details.length > 0 && describeError(details[0])),
        }),
    },
  });
}

export type Auth = ReturnType<typeof createAuth>;
export type Session = Auth["$Infer"]["Session"];

/** What the process keeps: one of each, for all that asks. */
export interface AuthServices {
  auth: Auth;
  database: Database;
}

const KEY = Symbol.for("todo-frontend.auth");
const store = globalThis as typeof globalThis & { [KEY]?: AuthServices };

/**
 * The process's Better Auth and its database, made on first use: the build has no environment. Route handlers
 * are bundled apart, so they hang on the global object: there is one pool for all.
 */
export function authServices(): AuthServices {
  if (!store[KEY]) {
    const env = serverEnv();
    const database = new Database(env);
    store[KEY] = { auth: createAuth(env, database), database };
  }
  return store[KEY];
}

/** The process's Better Auth. */
export function getAuth(): Auth {
  return authServices().auth;
}
