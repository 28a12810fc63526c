/** The stack's configuration: read, completed with defaults, and checked as a whole. */
import { createHash } from "node:crypto";
import { type Exception, readExceptions } from "../../blueprints/exceptions";

/** How images reach the cluster; default: the Minikube profile "minikube". */
export type DeliverySettings =
  | {
      /** They are loaded into the profile's nodes. */
      kind: "minikube";
      /** Name of the Minikube profile; default "minikube". */
      profile: string;
    }
  | {
      /** They are pushed to a registry, and the nodes pull them. */
      kind: "registry";
      /** Host and optional path that images are pushed to and pulled from, such as "registry.example.com/team"; no default. */
      registry: string;
    };

/** An amount of CPU and one of memory, as Kubernetes quantities. */
export interface Quantities {
  /** Cores, such as "0.5", or thousandths of one, such as "500m". */
  cpu: string;
  /** Bytes, plain or with Ki, Mi, Gi, k, M or G. */
  memory: string;
}

/** CPU and memory of one container. */
export interface Resources {
  /** What a node sets aside for it, never more than the limits; default 250m and 256Mi. */
  requests: Quantities;
  /** What it may use at most; default 500m and 512Mi. */
  limits: Quantities;
}

/** Secret values as they were configured, in clear: wrap them before they go anywhere. */
export interface ConfiguredSecrets {
  /** URL of the PostgreSQL database, with user and password; default: the local database on this machine. */
  databaseUrl?: string;
  /** Key of the back end's own tokens, at least 32 characters; default: generated once and kept. */
  jwtSecret?: string;
  /** Key of the front end's sessions, at least 32 characters; default: generated once and kept. */
  betterAuthSecret?: string;
  /** API key for the model's provider, OpenAI or another; default: none is sent. */
  openaiApiKey?: string;
}

/** Everything that a stack may decide. */
export interface Settings {
  /** What the stack is for: the last two refuse what only suits a laptop; default "development". */
  environment: "development" | "staging" | "production";
  /** Namespace of the release; default "todo-app". */
  namespace: string;
  /** Context of the kubeconfig that names the cluster; default: the Minikube profile's, none with a registry. */
  kubeContext: string;
  /** How images reach the cluster; default: loaded into the Minikube profile "minikube". */
  delivery: DeliverySettings;
  /** How the front end is reached. */
  service: {
    /** Type of its Kubernetes Service; default "NodePort". */
    type: "NodePort" | "LoadBalancer" | "ClusterIP";
    /** TCP port on the nodes, 30000–32767, with type NodePort; default 30000. */
    nodePort: number;
    /**
     * Cluster IP to ask for, with type LoadBalancer; default: one that follows from the namespace where
     * users come through Minikube's tunnel, else undefined, and Kubernetes chooses.
     */
    clusterIp: string | undefined;
  };
  /** URL that users open, scheme://host[:port]; default undefined: it follows from the service. */
  publicUrl: string | undefined;
  /** Other origins, scheme://host[:port], under which users may sign in; default none. */
  trustedOrigins: string[];
  /** Origins, scheme://host[:port], whose pages may call the back end directly; default none. */
  corsOrigins: string[];
  /** Host headers that the back end accepts at /mcp beside its Service's name; default none. */
  allowedHosts: string[];
  /** Pods of each of the two services, 1–20; default 1. */
  replicas: number;
  /** CPU and memory of each back-end pod; default as {@link Resources} says. */
  backendResources: Resources;
  /** CPU and memory of each front-end pod; default as {@link Resources} says. */
  frontendResources: Resources;
  /** Least severe messages that are logged; default "info". */
  logLevel: (typeof LOG_LEVELS)[number];
  /** The language model. */
  llm: {
    /** Who runs it; default "openai" where an API key is configured, else "offline". */
    provider: (typeof MODEL_PROVIDERS)[number];
    /** Its name as the provider calls it; default "": the provider's usual one. */
    model: string;
    /** URL of its API; default "": the provider's own. */
    baseUrl: string;
  };
  /** The database, wherever it is. */
  database: {
    /** Connections that each back-end pod may hold, 1–100; default 5. */
    poolSize: number;
    /** TCP port of the local database on this machine, 1024–65535; default 55432. */
    localPort: number;
  };
  /** What was configured of the secrets; default: nothing, so that they are generated. */
  secrets: ConfiguredSecrets;
  /** Seconds until a rollout that isn't ready counts as failed, 20–1800; default 180. */
  rolloutTimeoutSeconds: number;
  /** Deployments that `rollback` can return to, 1–50; default 5. */
  keptDeployments: number;
  /** Whether AI assistants get read-only access, for `npm run ops`; default false. */
  ops: boolean;
  /** Findings of the blueprints that are accepted, each with its reason and its last day; default none. */
  blueprintExceptions: Exception[];
}

/** Every mistake of a configuration at once. */
export class ConfigError extends Error {
  /** One per wrong key, which is its first word. */
  readonly mistakes: readonly string[];

  constructor(stack: string, mistakes: readonly string[]) {
    const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
    const list = mistakes.map((mistake) => `  - ${mistake}`).join("\n");
    super(`stack "${stack}" has ${count} in its configuration:\n${list}`);
    this.name = "ConfigError";
    this.mistakes = mistakes;
  }
}

/** Raw configuration without the project's prefix; structured values as JSON, as Pulumi hands them over. */
export type RawConfig = Readonly<Record<string, string | undefined>>;

/** A value that is there but encrypted, as secrets are outside the program. */
export const UNREADABLE = "\0unreadable";

/** The keys that hold secrets. */
export const SECRET_KEYS = [
  "databaseUrl",
  "jwtSecret",
  "betterAuthSecret",
  "openaiApiKey",
] as const;

/** The keys that a stack may set; others are mistakes. */
export const KEYS = [
  "environment",
  "namespace",
  "kubeContext",
  "imageDelivery",
  "minikubeProfile",
  "registry",
  "serviceType",
  "nodePort",
  "loadBalancerIp",
  "publicUrl",
  "trustedOrigins",
  "corsOrigins",
  "allowedHosts",
  "replicas",
  "backendResources",
  "frontendResources",
  "logLevel",
  "llmProvider",
  "llmModel",
  "llmBaseUrl",
  "databasePoolSize",
  "localDatabasePort",
  "rolloutTimeoutSeconds",
  "keptDeployments",
  "ops",
  "blueprintExceptions",
  "allowLocalDatabase",
  "allowOfflineModel",
  "allowGeneratedSecrets",
  ...SECRET_KEYS,
] as const;
type Key = (typeof KEYS)[number];

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const IPV4 = /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/;
const PROFILE = /^[a-zA-Z0-9][-a-zA-Z0-9_.]*$/;
const REGISTRY = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;
const DATABASE_URL = /^postgres(ql)?(\+[a-z0-9]+)?:\/\/[^/?#\s]+\/[^/?#\s]+/;
/** Thousandths of a core are the finest that Kubernetes takes. */
const CPU = /^(\d+(\.\d{1,3})?|\d+m)$/;
const MEMORY = /^(?:\d+|(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi))$/;
const BYTES: Readonly<Record<string, number>> = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};
const MEANING = {
  cpu: 'CPU, such as "500m" or "1.5"',
  memory: 'memory, such as "512Mi" or "1.5G"',
};
const MIN_SECRET_LENGTH = 32;
/** What is wrong with a URL that has a password in it; the password itself is never repeated. */
const HOLDS_CREDENTIALS =
  "must have no user or password in it: it is shown in previews, and kept in clear";
const KEY_ELSEWHERE = "the model's key is openaiApiKey, set with --secret";
const LOG_LEVELS = ["debug", "info", "warning", "error", "critical"] as const;
const MODEL_PROVIDERS = ["offline", "openai", "openrouter", "ollama", "openai-compatible"] as const;
const DEFAULT_RESOURCES: Resources = {
  requests: { cpu: "250m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/**
 * Reads the configuration of a stack.
 * @param secretKeys the keys whose values are encrypted, that is, were set with --secret
 * @throws ConfigError with every mistake that is in it
 */
export function readSettings(
  raw: RawConfig,
  stack: string,
  secretKeys: readonly string[],
): Settings {
  const read = new Reader(raw, secretKeys);

  const environment = read.choice(
    "environment",
    ["development", "staging", "production"] as const,
    "development",
  );
  const profile = read.text(
    "minikubeProfile",
    "minikube",
    PROFILE,
    "the name of a Minikube profile",
  );
  const deliveryKind = read.choice("imageDelivery", ["minikube", "registry"] as const, "minikube");
  const registry = read.text(
    "registry",
    "",
    REGISTRY,
    'a host and path such as "registry.example.com/team"',
  );
  const kubeContext = read.text("kubeContext", deliveryKind === "minikube" ? profile : "");
  const serviceType = read.choice(
    "serviceType",
    ["NodePort", "LoadBalancer", "ClusterIP"] as const,
    "NodePort",
  );
  const publicUrl = read.origin("publicUrl");
  const provider = read.choice("llmProvider", ["", ...MODEL_PROVIDERS] as const, "");
  const secrets = read.secrets();
  const namespace = read.text(
    "namespace",
    "todo-app",
    DNS_LABEL,
    "a DNS label: a-z, 0-9 and -, at most 63",
  );
  const loadBalancerIp = read.text("loadBalancerIp", "", IPV4, "an IPv4 address");
  const allowed: Allowed = {
    localDatabase: read.flag("allowLocalDatabase"),
    offlineModel: read.flag("allowOfflineModel"),
    generatedSecrets: read.flag("allowGeneratedSecrets"),
  };
  const onTunnel =
    serviceType === "LoadBalancer" && deliveryKind === "minikube" && publicUrl === undefined;
  const settings: Settings = {
    environment,
    namespace,
    kubeContext,
    delivery:
      deliveryKind === "minikube" ? { kind: "minikube", profile } : { kind: "registry", registry },
    service: {
      type: serviceType,
      nodePort: read.integer("nodePort", 30_000, 30_000, 32_767),
      clusterIp: loadBalancerIp || (onTunnel ? tunnelAddress(namespace) : undefined),
    },
    publicUrl,
    trustedOrigins: read.list("trustedOrigins"),
    corsOrigins: read.list("corsOrigins"),
    allowedHosts: read.list("allowedHosts"),
    replicas: read.integer("replicas", 1, 1, 20),
    backendResources: read.resources("backendResources"),
    frontendResources: read.resources("frontendResources"),
    logLevel: read.choice("logLevel", LOG_LEVELS, "info"),
    llm: {
      provider: provider || (secrets.openaiApiKey ? "openai" : "offline"),
      model: read.text("llmModel", ""),
      baseUrl: read.url("llmBaseUrl") ?? "",
    },
    database: {
      poolSize: read.integer("databasePoolSize", 5, 1, 100),
      localPort: read.integer("localDatabasePort", 55_432, 1024, 65_535),
    },
    secrets,
    rolloutTimeoutSeconds: read.integer("rolloutTimeoutSeconds", 180, 20, 1800),
    keptDeployments: read.integer("keptDeployments", 5, 1, 50),
    ops: read.flag("ops"),
    blueprintExceptions: read.exceptions("blueprintExceptions"),
  };
  checkTogether(settings, allowed, read);
  const mistakes = read.mistakes();
  if (mistakes.length > 0) throw new ConfigError(stack, mistakes);
  return settings;
}

/**
 * Address of a namespace's LoadBalancer on Minikube: a tunnel makes the Service's cluster IP reachable, and
 * users' tokens name the URL, so it must be known beforehand. Taken from the part of Minikube's service
 * network (10.96.0.0/12) that Kubernetes leaves to those who choose, behind its own .1 and .10.
 */
function tunnelAddress(namespace: string): string {
  const digest = createHash("sha256").update(namespace).digest();
  return `10.96.0.${16 + (digest.readUInt32BE(0) % 239)}`;
}

/** What a stack other than a laptop's may do without. */
interface Allowed {
  localDatabase: boolean;
  offlineModel: boolean;
  generatedSecrets: boolean;
}

/**
 * The rules that concern more than one key. A wrong key has its default here: rules that a default
 * breaks ask whether the key is right, so that no other is blamed for it.
 */
function checkTogether(settings: Settings, allowed: Allowed, read: Reader): void {
  const { delivery, service, llm, secrets, environment } = settings;
  if (delivery.kind === "registry") {
    if (delivery.registry === "")
      read.mistake("registry", 'is required with imageDelivery "registry"');
    if (settings.kubeContext === "")
      read.mistake("kubeContext", 'is required with imageDelivery "registry"');
    if (!secrets.databaseUrl)
      read.mistake(
        "databaseUrl",
        "is required away from Minikube: the local database serves this machine only",
      );
  }
  if ((service.type === "ClusterIP" || delivery.kind === "registry") && !settings.publicUrl) {
    const reason =
      service.type === "ClusterIP" ? 'serviceType "ClusterIP"' : 'imageDelivery "registry"';
    read.mistake("publicUrl", `is required with ${reason}: the address that users open`);
  }
  if (service.clusterIp && service.type !== "LoadBalancer" && read.isRight("serviceType"))
    read.mistake("loadBalancerIp", 'is for serviceType "LoadBalancer" only');
  if ((llm.provider === "ollama" || llm.provider === "openai-compatible") && llm.baseUrl === "")
    read.mistake("llmBaseUrl", `is required with llmProvider "${llm.provider}"`);
  if (llm.provider === "openai-compatible" && llm.model === "")
    read.mistake("llmModel", `is required with llmProvider "${llm.provider}"`);
  if ((llm.provider === "openai" || llm.provider === "openrouter") && !secrets.openaiApiKey)
    read.mistake("openaiApiKey", `is required with llmProvider "${llm.provider}"`);
  if (environment === "development") return;
  if (!secrets.databaseUrl && !allowed.localDatabase)
    read.mistake(
      "databaseUrl",
      `is required in ${environment} (or set allowLocalDatabase to true)`,
    );
  if (llm.provider === "offline" && !allowed.offlineModel && read.isRight("openaiApiKey"))
    read.mistake(
      "llmProvider",
      `must not be "offline" in ${environment} (or set allowOfflineModel to true)`,
    );
  for (const key of ["jwtSecret", "betterAuthSecret"] as const) {
    if (!secrets[key] && !allowed.generatedSecrets)
      read.mistake(key, `is required in ${environment} (or set allowGeneratedSecrets to true)`);
  }
}

/** Reads typed values and notes the mistake of each key instead of stopping at the first. */
class Reader {
  private readonly found = new Map<string, string>();

  constructor(
    private readonly raw: RawConfig,
    secretKeys: readonly string[],
  ) {
    for (const [key, value] of Object.entries(raw)) {
      if (!includes(KEYS, key)) {
        this.found.set(key, "is not a known key");
      } else if (!includes(SECRET_KEYS, key)) {
        if (secretKeys.includes(key))
          this.mistake(key, "must be set without --secret: it is no secret, and is shown");
      } else if (value !== undefined && value !== "" && !secretKeys.includes(key)) {
        this.mistake(
          key,
          `must be set with --secret, now it is in clear: pulumi config set --secret ${key}`,
        );
      }
    }
  }

  /** Each begins with its key. */
  mistakes(): string[] {
    return [...this.found].map(([key, problem]) => `${key} ${problem}`);
  }

  /** Notes what is wrong with a key; what follows from its first mistake is none of its own. */
  mistake(key: Key, problem: string): void {
    if (this.isRight(key)) this.found.set(key, problem);
  }

  /** Whether no mistake of a key is known yet. */
  isRight(key: Key): boolean {
    return !this.found.has(key);
  }

  text(key: Key, fallback: string, pattern?: RegExp, meaning?: string): string {
    const value = this.value(key);
    if (value === undefined || value === "") return fallback;
    if (pattern && !pattern.test(value))
      this.mistake(
        key,
        holdsCredentials(value)
          ? HOLDS_CREDENTIALS
          : `must be ${meaning}, not ${JSON.stringify(value)}`,
      );
    return value;
  }

  choice<const T extends string>(key: Key, choices: readonly T[], fallback: T): T {
    const value = this.value(key);
    if (value === undefined) return fallback;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    const names = choices.filter((choice) => choice !== "").join(", ");
    this.mistake(key, `must be one of ${names}, not ${JSON.stringify(value)}`);
    return fallback;
  }

  integer(key: Key, fallback: number, least: number, most: number): number {
    const value = this.value(key);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^-?\d+$/.test(value) && number >= least && number <= most) return number;
    this.mistake(
      key,
      `must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`,
    );
    return fallback;
  }

  /** A wrong flag counts as set: what it might allow is no mistake as well. */
  flag(key: Key): boolean {
    const value = this.value(key);
    if (value !== undefined && value !== "true" && value !== "false")
      this.mistake(key, `must be true or false, not ${JSON.stringify(value)}`);
    return value === "true" || !this.isRight(key);
  }

  url(key: Key): string | undefined {
    const value = this.value(key);
    if (value === undefined || value === "") return undefined;
    if (holdsCredentials(value))
      this.mistake(
        key,
        key === "llmBaseUrl" ? `${HOLDS_CREDENTIALS}; ${KEY_ELSEWHERE}` : HOLDS_CREDENTIALS,
      );
    else if (!isHttpUrl(value))
      this.mistake(key, `must be an http(s) URL, not ${JSON.stringify(value)}`);
    return value;
  }

  /** scheme://host[:port] */
  origin(key: Key): string | undefined {
    const value = this.url(key);
    if (value !== undefined && this.isRight(key) && !isOrigin(value))
      this.mistake(
        key,
        `must be scheme://host[:port] without a path, not ${JSON.stringify(value)}`,
      );
    return value;
  }

  list(key: Key): string[] {
    const value = this.json(key);
    if (value === undefined) return [];
    if (!Array.isArray(value) || !value.every(isText)) {
      this.mistake(key, "must be a list of texts");
      return [];
    }
    if (value.some(holdsCredentials)) this.mistake(key, HOLDS_CREDENTIALS);
    return value;
  }

  exceptions(key: Key): Exception[] {
    const value = this.json(key);
    if (value === undefined) return [];
    const { exceptions, mistakes } = readExceptions(value);
    if (mistakes.length > 0) this.mistake(key, mistakes.join("; "));
    return exceptions;
  }

  resources(key: Key): Resources {
    const value = this.json(key);
    if (value === undefined) return DEFAULT_RESOURCES;
    const problems: string[] = [];
    const resources = readResources(value, problems);
    if (problems.length > 0) this.mistake(key, problems.join("; "));
    return resources;
  }

  secrets(): ConfiguredSecrets {
    const secrets: ConfiguredSecrets = {};
    for (const key of SECRET_KEYS) {
      const value = this.value(key);
      if (value === undefined || value === "") continue;
      secrets[key] = value;
      const problem = value === UNREADABLE ? undefined : secretProblem(key, value);
      if (problem !== undefined) this.mistake(key, problem);
    }
    return secrets;
  }

  /** A key's value; undefined where it was refused unread. */
  private value(key: Key): string | undefined {
    return this.isRight(key) ? this.raw[key] : undefined;
  }

  private json(key: Key): unknown {
    const value = this.value(key);
    if (value === undefined || value === "") return undefined;
    try {
      return JSON.parse(value);
    } catch {
      this.mistake(key, "must be structured (see: pulumi config set --path)");
      return undefined;
    }
  }
}

/** What is wrong with a secret; never repeats it. */
function secretProblem(key: (typeof SECRET_KEYS)[number], value: string): string | undefined {
  if (key === "openaiApiKey") return undefined;
  if (key === "databaseUrl")
    return DATABASE_URL.test(value)
      ? undefined
      : "must look like postgresql://user:password@host:5432/database";
  return value.length < MIN_SECRET_LENGTH
    ? `must have at least ${MIN_SECRET_LENGTH} characters`
    : undefined;
}

/** Completes resources with the defaults, and adds what is wrong with them to the problems. */
function readResources(value: unknown, problems: string[]): Resources {
  if (!isRecord(value)) {
    problems.push("must have requests and limits");
    return DEFAULT_RESOURCES;
  }
  for (const name of Object.keys(value))
    if (name !== "requests" && name !== "limits") problems.push(`has an unknown part "${name}"`);
  const requests = readQuantities("requests", value.requests ?? {}, problems);
  const limits = readQuantities("limits", value.limits ?? {}, problems);
  for (const unit of ["cpu", "memory"] as const) {
    const request = amount(unit, requests[unit]);
    const limit = amount(unit, limits[unit]);
    if (request !== undefined && limit !== undefined && request > limit)
      problems.push(
        `has requests.${unit} ${requests[unit]} above limits.${unit} ${limits[unit]}: set both, the request to at most the limit`,
      );
  }
  return { requests, limits };
}

function readQuantities(
  part: "requests" | "limits",
  value: unknown,
  problems: string[],
): Quantities {
  const quantities = { ...DEFAULT_RESOURCES[part] };
  if (!isRecord(value)) {
    problems.push(`must have cpu and memory in ${part}`);
    return quantities;
  }
  for (const [unit, given] of Object.entries(value)) {
    if (unit !== "cpu" && unit !== "memory") {
      problems.push(`has an unknown part "${part}.${unit}"`);
      continue;
    }
    quantities[unit] = typeof given === "string" || typeof given === "number" ? `${given}` : "";
    if (amount(unit, quantities[unit]) === undefined)
      problems.push(
        `has a ${part}.${unit} that is no amount of ${MEANING[unit]}: ${JSON.stringify(given)}`,
      );
  }
  return quantities;
}

/** Thousandths of a core, or bytes; undefined where a text is no such quantity. */
function amount(unit: "cpu" | "memory", text: string): number | undefined {
  if (unit === "cpu") {
    if (!CPU.test(text)) return undefined;
    return text.endsWith("m") ? Number.parseInt(text, 10) : Math.round(Number(text) * 1000);
  }
  const found = MEMORY.exec(text);
  if (!found) return undefined;
  const [, number = text, suffix = ""] = found;
  return Math.round(Number(number) * (BYTES[suffix] ?? 1));
}

function includes<const T extends string>(keys: readonly T[], key: string): key is T {
  return (keys as readonly string[]).includes(key);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Whether a URL, or what is meant as one, names a user: what stands before "@" in its host's place. */
function holdsCredentials(text: string): boolean {
  return (
    /^[^/?#]*:?[/\\]{2}[^/?#\\]*@/.test(text.trim()) || /^[^/?#@]*:[^/?#@]*@/.test(text.trim())
  );
}

function isHttpUrl(text: string): boolean {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}

function isOrigin(text: string): boolean {
  return new URL(text).origin === text;
}
