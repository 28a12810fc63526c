/** The stack's configuration: read, completed with defaults, and checked as a whole. */
import { createHash } from "node:crypto";

/** How images reach the cluster. */
export type DeliverySettings =
  | {
      kind: "minikube";
      /** Name of the Minikube profile. */
      profile: string;
    }
  | {
      kind: "registry";
      /** Host and optional path that images are pushed to and pulled from, such as "registry.example.com/team". */
      registry: string;
    };

/** CPU and memory of one container, as Kubernetes quantities. */
export interface Resources {
  requests: { cpu: string; memory: string };
  limits: { cpu: string; memory: string };
}

/** Secret values as they were configured, in clear: wrap them before they go anywhere. */
export interface ConfiguredSecrets {
  databaseUrl?: string;
  jwtSecret?: string;
  betterAuthSecret?: string;
  openaiApiKey?: string;
}

/** Everything that a stack may decide. */
export interface Settings {
  environment: "development" | "staging" | "production";
  /** Namespace of the release. */
  namespace: string;
  /** Context of the kubeconfig that names the cluster. */
  kubeContext: string;
  delivery: DeliverySettings;
  /** How the front end is reached. */
  service: {
    type: "NodePort" | "LoadBalancer" | "ClusterIP";
    nodePort: number;
    /** Cluster IP to ask for; undefined where Kubernetes may choose. */
    clusterIp: string | undefined;
  };
  /** URL that users open; undefined where it follows from the service. */
  publicUrl: string | undefined;
  /** Other origins that may sign in. */
  trustedOrigins: string[];
  corsOrigins: string[];
  allowedHosts: string[];
  /** Pods of each service. */
  replicas: number;
  backendResources: Resources;
  frontendResources: Resources;
  logLevel: string;
  llm: { provider: string; model: string; baseUrl: string };
  database: {
    /** Connections that each back-end pod may hold. */
    poolSize: number;
    /** Port of the local database on this machine. */
    localPort: number;
  };
  secrets: ConfiguredSecrets;
  /** Seconds until a rollout that isn't ready counts as failed. */
  rolloutTimeoutSeconds: number;
  /** Deployments that `rollback` can return to. */
  keptDeployments: number;
  /** Whether AI assistants get read-only access, for `npm run ops`. */
  ops: boolean;
}

/** Every mistake of a configuration at once. */
export class ConfigError extends Error {
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

/** A value that is there but can't be read, such as a secret outside the program. */
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
const QUANTITY = /^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const MIN_SECRET_LENGTH = 32;
const LOG_LEVELS = ["debug", "info", "warning", "error", "critical"] as const;
const MODEL_PROVIDERS = ["offline", "openai", "openrouter", "ollama", "openai-compatible"] as const;
const DEFAULT_RESOURCES: Resources = {
  requests: { cpu: "250m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

/** Reads the configuration of a stack. @throws ConfigError with every mistake that is in it */
export function readSettings(raw: RawConfig, stack: string): Settings {
  const read = new Reader(raw);
  read.refuseUnknownKeys();

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
  };
  checkTogether(settings, read);
  if (read.mistakes.length > 0) throw new ConfigError(stack, read.mistakes);
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

/** The rules that concern more than one key. */
function checkTogether(settings: Settings, read: Reader): void {
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
  if ((service.type === "ClusterIP" || delivery.kind === "registry") && !settings.publicUrl)
    read.mistake(
      "publicUrl",
      `is required with serviceType "${service.type}" there: the address that users open`,
    );
  if (service.clusterIp && service.type !== "LoadBalancer")
    read.mistake("loadBalancerIp", 'is for serviceType "LoadBalancer" only');
  if ((llm.provider === "ollama" || llm.provider === "openai-compatible") && llm.baseUrl === "")
    read.mistake("llmBaseUrl", `is required with llmProvider "${llm.provider}"`);
  if (llm.provider === "openai-compatible" && llm.model === "")
    read.mistake("llmModel", `is required with llmProvider "${llm.provider}"`);
  if ((llm.provider === "openai" || llm.provider === "openrouter") && !secrets.openaiApiKey)
    read.mistake("openaiApiKey", `is required with llmProvider "${llm.provider}"`);
  if (environment === "development") return;
  if (!secrets.databaseUrl && delivery.kind === "minikube" && !read.flag("allowLocalDatabase"))
    read.mistake(
      "databaseUrl",
      `is required in ${environment} (or set allowLocalDatabase to true)`,
    );
  if (llm.provider === "offline" && !read.flag("allowOfflineModel"))
    read.mistake(
      "llmProvider",
      `must not be "offline" in ${environment} (or set allowOfflineModel to true)`,
    );
  for (const key of ["jwtSecret", "betterAuthSecret"] as const) {
    if (!secrets[key] && !read.flag("allowGeneratedSecrets"))
      read.mistake(key, `is required in ${environment} (or set allowGeneratedSecrets to true)`);
  }
}

/** Reads typed values and notes each mistake instead of stopping at the first. */
class Reader {
  readonly mistakes: string[] = [];

  constructor(private readonly raw: RawConfig) {}

  mistake(key: Key, problem: string): void {
    this.mistakes.push(`${key} ${problem}`);
  }

  refuseUnknownKeys(): void {
    for (const key of Object.keys(this.raw)) {
      if (!(KEYS as readonly string[]).includes(key))
        this.mistakes.push(`${key} is not a known key`);
    }
  }

  text(key: Key, fallback: string, pattern?: RegExp, meaning?: string): string {
    const value = this.raw[key];
    if (value === undefined || value === "") return fallback;
    if (pattern && !pattern.test(value))
      this.mistake(key, `must be ${meaning}, not ${JSON.stringify(value)}`);
    return value;
  }

  choice<const T extends string>(key: Key, choices: readonly T[], fallback: T): T {
    const value = this.raw[key];
    if (value === undefined) return fallback;
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    const names = choices.filter((choice) => choice !== "").join(", ");
    this.mistake(key, `must be one of ${names}, not ${JSON.stringify(value)}`);
    return fallback;
  }

  integer(key: Key, fallback: number, least: number, most: number): number {
    const value = this.raw[key];
    if (value === undefined) return fallback;
    const number = Number(value);
    if (/^-?\d+$/.test(value) && number >= least && number <= most) return number;
    this.mistake(
      key,
      `must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`,
    );
    return fallback;
  }

  flag(key: Key): boolean {
    const value = this.raw[key];
    if (value !== undefined && value !== "true" && value !== "false")
      this.mistake(key, `must be true or false, not ${JSON.stringify(value)}`);
    return value === "true";
  }

  url(key: Key): string | undefined {
    const value = this.raw[key];
    if (value === undefined || value === "") return undefined;
    if (!isHttpUrl(value))
      this.mistake(key, `must be an http(s) URL, not ${JSON.stringify(value)}`);
    return value;
  }

  /** scheme://host[:port] */
  origin(key: Key): string | undefined {
    const value = this.url(key);
    if (value !== undefined && isHttpUrl(value) && !isOrigin(value))
      this.mistake(
        key,
        `must be scheme://host[:port] without a path, not ${JSON.stringify(value)}`,
      );
    return value;
  }

  list(key: Key): string[] {
    const value = this.json(key);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string" && item !== ""))
      return value as string[];
    this.mistake(key, "must be a list of texts");
    return [];
  }

  resources(key: Key): Resources {
    const value = this.json(key);
    if (value === undefined) return DEFAULT_RESOURCES;
    if (!isRecord(value)) {
      this.mistake(key, "must have requests and limits");
      return DEFAULT_RESOURCES;
    }
    for (const name of Object.keys(value))
      if (name !== "requests" && name !== "limits")
        this.mistake(key, `has an unknown part "${name}"`);
    const part = (name: "requests" | "limits"): { cpu: string; memory: string } => {
      const given = value[name] ?? {};
      const result = { ...DEFAULT_RESOURCES[name] };
      if (!isRecord(given)) {
        this.mistake(key, `.${name} must have cpu and memory`);
        return result;
      }
      for (const [unit, quantity] of Object.entries(given)) {
        if (unit !== "cpu" && unit !== "memory")
          this.mistake(key, `has an unknown part "${name}.${unit}"`);
        else if (QUANTITY.test(String(quantity))) result[unit] = String(quantity);
        else
          this.mistake(
            key,
            `has a ${name}.${unit} that is no Kubernetes quantity: ${JSON.stringify(quantity)}`,
          );
      }
      return result;
    };
    return { requests: part("requests"), limits: part("limits") };
  }

  secrets(): ConfiguredSecrets {
    const secrets: ConfiguredSecrets = {};
    for (const key of SECRET_KEYS) {
      const value = this.raw[key];
      if (value !== undefined && value !== "") secrets[key] = value;
    }
    // No message repeats a secret.
    if (this.readable("databaseUrl") && !DATABASE_URL.test(this.raw.databaseUrl ?? ""))
      this.mistake("databaseUrl", "must look like postgresql://user:password@host:5432/database");
    for (const key of ["jwtSecret", "betterAuthSecret"] as const) {
      if (this.readable(key) && (this.raw[key]?.length ?? 0) < MIN_SECRET_LENGTH)
        this.mistake(key, `must have at least ${MIN_SECRET_LENGTH} characters`);
    }
    return secrets;
  }

  private readable(key: Key): boolean {
    const value = this.raw[key];
    return value !== undefined && value !== "" && value !== UNREADABLE;
  }

  private json(key: Key): unknown {
    const value = this.raw[key];
    if (value === undefined || value === "") return undefined;
    try {
      return JSON.parse(value);
    } catch {
      this.mistake(key, "must be structured (see: pulumi config set --path)");
      return undefined;
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
