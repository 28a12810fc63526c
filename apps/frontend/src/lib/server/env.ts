import { isIP } from "node:net";
import { DatabaseUrlError, databaseTarget } from "./database-tls";

/**
 * The server's settings, read from the environment at run time so that one image serves every
 * deployment. An empty string means "not set".
 */
export interface ServerEnv {
  /** Deployment stage; only used for logging and defaults. */
  environment: "development" | "staging" | "production";
  /** Postgres connection URL. */
  databaseUrl: string;
  /** Largest number of open database connections of this process. */
  databasePoolSize: number;
  /** Key of Better Auth's cookies and of the stored signing key. */
  betterAuthSecret: string;
  /** The URL people open; also issuer and audience of the tokens. No trailing slash. */
  publicUrl: string;
  /** Further origins that may sign in and write. Better Auth's `*` patterns are allowed. */
  trustedOrigins: string[];
  /**
   * Addresses and CIDR ranges of the proxies in front, whose X-Forwarded-For is believed. Without
   * any, a client is whoever connects.
   */
  trustedProxies: string[];
  /** Base URL of the back end. No trailing slash. */
  backendUrl: string;
  /** Reported by the health endpoint. */
  version: string;
  /** Domain key of OpenAI's hosted ChatKit component; without it the built-in chat is used. */
  chatkitDomainKey: string | undefined;
  /** Where the ChatKit component's script is loaded from. */
  chatkitScriptUrl: string;
}

/** A setting is missing or malformed. The message names the variable and what it expects. */
export class EnvError extends Error {
  override name = "EnvError";
}

const ENVIRONMENTS = ["development", "staging", "production"] as const;
const CHATKIT_SCRIPT_URL = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";

function optional(source: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = source[name]?.trim();
  return value ? value : undefined;
}

function required(source: NodeJS.ProcessEnv, name: string, hint: string): string {
  const value = optional(source, name);
  if (value === undefined) throw new EnvError(`${name} is not set; it must hold ${hint}.`);
  return value;
}

/** The parts of a comma-separated list. */
function list(source: NodeJS.ProcessEnv, name: string): string[] {
  return (optional(source, name) ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

function isAddressRange(value: string): boolean {
  const [address = "", prefix = "0", ...rest] = value.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

function httpUrl(name: string, value: string): string {
  const url = URL.parse(value);
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new EnvError(`${name} must be an http or https URL.`);
  }
  return value.replace(/\/+$/, "");
}

/** Accepts SQLAlchemy's `postgresql+driver://` spelling, which the back end shares. */
function postgresUrl(value: string): string {
  const url = value.replace(/^postgres(ql)?(\+\w+)?:\/\//, "postgresql://");
  if (!url.startsWith("postgresql://")) {
    throw new EnvError("DATABASE_URL must be a postgresql:// URL.");
  }
  try {
    databaseTarget(url);
  } catch (error) {
    if (error instanceof DatabaseUrlError) throw new EnvError(`DATABASE_URL: ${error.message}`);
    throw error;
  }
  return url;
}

/**
 * Reads and checks all settings.
 * @throws EnvError when one is missing or malformed.
 */
export function readServerEnv(source: NodeJS.ProcessEnv = process.env): ServerEnv {
  const stage = optional(source, "ENVIRONMENT") ?? "development";
  const environment = ENVIRONMENTS.find((known) => known === stage);
  if (!environment) throw new EnvError(`ENVIRONMENT must be one of ${ENVIRONMENTS.join(", ")}.`);

  const poolSize = Number(optional(source, "DB_POOL_SIZE") ?? "5");
  if (!Number.isInteger(poolSize) || poolSize < 1 || poolSize > 100) {
    throw new EnvError("DB_POOL_SIZE must be a whole number from 1 to 100.");
  }

  const trustedProxies = list(source, "TRUSTED_PROXIES");
  if (!trustedProxies.every(isAddressRange)) {
    throw new EnvError("TRUSTED_PROXIES must be IP addresses or CIDR ranges, such as 10.0.0.0/8.");
  }

  const secret = required(source, "BETTER_AUTH_SECRET", "at least 32 random characters");
  if (secret.length < 32) throw new EnvError("BETTER_AUTH_SECRET must have 32 characters or more.");

  return {
    environment,
    databaseUrl: postgresUrl(required(source, "DATABASE_URL", "a postgresql:// URL")),
    databasePoolSize: poolSize,
    betterAuthSecret: secret,
    publicUrl: httpUrl(
      "BETTER_AUTH_URL",
      required(source, "BETTER_AUTH_URL", "the URL people open"),
    ),
    trustedOrigins: list(source, "TRUSTED_ORIGINS").map((origin) => origin.replace(/\/+$/, "")),
    trustedProxies,
    backendUrl: httpUrl(
      "BACKEND_URL",
      required(source, "BACKEND_URL", "the base URL of the back end"),
    ),
    version: optional(source, "APP_VERSION") ?? "unknown",
    chatkitDomainKey: optional(source, "CHATKIT_DOMAIN_KEY"),
    chatkitScriptUrl: httpUrl(
      "CHATKIT_SCRIPT_URL",
      optional(source, "CHATKIT_SCRIPT_URL") ?? CHATKIT_SCRIPT_URL,
    ),
  };
}

let cached: ServerEnv | undefined;

/** The process's settings, read once. */
export function serverEnv(): ServerEnv {
  cached ??= readServerEnv();
  return cached;
}
