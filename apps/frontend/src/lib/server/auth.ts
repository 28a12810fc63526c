import { betterAuth } from "better-auth";
import { jwt } from "better-auth/plugins";
import { Pool } from "pg";
import { type ServerEnv, serverEnv } from "./env";
import { describeError, log } from "./log";
import { signingKeys } from "./signing-keys";

const DAY = 60 * 60 * 24;

/** Shortest password accepted at sign-up. */
export const MIN_PASSWORD_LENGTH = 8;

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
      minPasswordLength: MIN_PASSWORD_LENGTH,
      maxPasswordLength: 128,
    },
    session: { expiresIn: 30 * DAY, updateAge: DAY },
    advanced: {
      useSecureCookies: env.publicUrl.startsWith("https://"),
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
      // The tables come with the back end's migrations, perhaps after this process has started;
      // Better Auth would look once and refuse every request from then on.
      database: { validateSchema: false },
      ipAddress: { trustedProxies: env.trustedProxies },
    },
    // The built-in limits suit one person behind one address; whole offices and NATed clusters
    // share one. Password checks stay limited, the key set is public and cached by its reader.
    rateLimit: {
      enabled: true,
      // Counted for all replicas, and over restarts.
      storage: "database",
      window: 10,
      max: 1000,
      customRules: {
        "/sign-in/email": { window: 10, max: 30 },
        "/sign-up/email": { window: 60, max: 120 },
        "/jwks": false,
      },
    },
    plugins: [
      jwt({
        // Tokens are minted by the proxy alone; a header on each session read would be waste.
        disableSettingJwtHeader: true,
        adapter: { getJwks: signingKeys },
        jwt: {
          issuer: env.publicUrl,
          audience: env.publicUrl,
          expirationTime: `${TOKEN_LIFETIME_SECONDS}s`,
          definePayload: ({ user }) => ({ email: user.email, name: user.name }),
        },
      }),
    ],
    telemetry: { enabled: false },
    logger: {
      level: "warn",
      log: (level, message, ...details) =>
        log(level === "error" ? "error" : level === "warn" ? "warning" : "debug", "auth", {
          message,
          ...describeError(details[0] ?? ""),
        }),
    },
  });
}

export type Auth = ReturnType<typeof createAuth>;
export type Session = Auth["$Infer"]["Session"];

function createPool(env: ServerEnv): Pool {
  const pool = new Pool({
    connectionString: env.databaseUrl,
    max: env.databasePoolSize,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    query_timeout: 10_000,
    keepAlive: true,
    application_name: "todo-frontend",
  });
  // An idle connection that the server drops must not end the process.
  pool.on("error", (error) => log("warning", "database.connection_lost", describeError(error)));
  return pool;
}

const KEY = Symbol.for("todo-frontend.auth");
const store = globalThis as typeof globalThis & { [KEY]?: Auth };

/**
 * The process's Better Auth instance, made on first use: the build has no environment. Pages and
 * route handlers are bundled apart, so it hangs on the global object: there is one pool for all.
 */
export function getAuth(): Auth {
  if (!store[KEY]) {
    const env = serverEnv();
    store[KEY] = createAuth(env, createPool(env));
  }
  return store[KEY];
}
