/** The stack's configuration: read, completed with defaults, and checked as a whole. */
import { createHash } from "node:crypto";
import type { Exception } from "../../blueprints/exceptions";
import type { Resources } from "./resources";
import {
  defaultText,
  isKey,
  isSecretKey,
  KEYS,
  type Key,
  readKey,
  SCHEMA,
  SECRET_KEYS,
  type SecretKey,
  type Values,
} from "./schema";

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

/** Secret values as they were configured, in clear: wrap them before they go anywhere. Those that are generated are not there. */
export type ConfiguredSecrets = { [K in SecretKey]?: string };

/** Everything that a stack may decide; what each key means, and its default, stands in schema.ts. */
export interface Settings {
  environment: Values["environment"];
  namespace: string;
  /** Default: the Minikube profile's; none with a registry. */
  kubeContext: string;
  delivery: DeliverySettings;
  /** What images are built for; default "": as the nodes that run them. */
  platform: Values["platform"];
  /** How the front end is reached. */
  service: {
    type: Values["serviceType"];
    nodePort: number;
    /**
     * Cluster IP to ask for, with type LoadBalancer; default: one that follows from the namespace where
     * users come through Minikube's tunnel, else undefined, and Kubernetes chooses.
     */
    clusterIp: string | undefined;
    externalTrafficPolicy: Values["externalTrafficPolicy"];
  };
  trustedProxies: string[];
  /** Default undefined: it follows from the service. */
  publicUrl: string | undefined;
  trustedOrigins: string[];
  corsOrigins: string[];
  allowedHosts: string[];
  /** Default "": the built-in chat. */
  chatkitDomainKey: string;
  replicas: number;
  backendResources: Resources;
  frontendResources: Resources;
  logLevel: Values["logLevel"];
  /** The language model. */
  llm: {
    /** Default "openai" where an API key is configured, else "offline". */
    provider: Exclude<Values["llmProvider"], "">;
    /** Default "": the provider's usual one. */
    model: string;
    /** Default "": the provider's own. */
    baseUrl: string;
  };
  /** How pods reach what is outside the cluster. */
  network: {
    /** Default undefined: none. */
    httpsProxy: string | undefined;
    noProxy: string[];
    caCertificates: string;
  };
  /** The database, wherever it is. */
  database: { poolSize: number; localPort: number };
  /** What was configured of the secrets; default: nothing, so that they are generated. */
  secrets: ConfiguredSecrets;
  rolloutTimeoutSeconds: number;
  keptDeployments: number;
  ops: boolean;
  blueprintExceptions: Exception[];
  /** Further variables of the back end's pods, by their names. */
  backendVariables: Readonly<Record<string, string>>;
}

/** Every mistake of a configuration at once. */
export class ConfigError extends Error {
  /** One per wrong key, which is its first word. */
  readonly mistakes: readonly string[];

  constructor(
    readonly stackName: string,
    mistakes: readonly string[],
  ) {
    const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
    const list = mistakes.map((mistake) => `  - ${mistake}`).join("\n");
    super(`stack "${stackName}" has ${count} in its configuration:\n${list}`);
    this.name = "ConfigError";
    this.mistakes = mistakes;
  }
}

/** Raw configuration without the project's prefix; structured values as JSON, as Pulumi hands them over. */
export type RawConfig = Readonly<Record<string, string | undefined>>;

/** A value that is there but encrypted, as secrets are outside the program. */
export const UNREADABLE = "\0unreadable";

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
  const { values } = read;
  const secrets = Object.fromEntries(
    SECRET_KEYS.flatMap((key) => (values[key] === "" ? [] : [[key, values[key]]])),
  ) as ConfiguredSecrets;
  const { serviceType, imageDelivery, minikubeProfile, namespace, loadBalancerIp } = values;
  const publicUrl = values.publicUrl || undefined;
  const onMinikube = imageDelivery === "minikube";
  const onTunnel = serviceType === "LoadBalancer" && onMinikube && publicUrl === undefined;
  const settings: Settings = {
    environment: values.environment,
    namespace,
    kubeContext: values.kubeContext || (onMinikube ? minikubeProfile : ""),
    delivery: onMinikube
      ? { kind: "minikube", profile: minikubeProfile }
      : { kind: "registry", registry: values.registry },
    platform: values.platform,
    service: {
      type: serviceType,
      nodePort: values.nodePort,
      clusterIp: loadBalancerIp || (onTunnel ? tunnelAddress(namespace) : undefined),
      externalTrafficPolicy: values.externalTrafficPolicy,
    },
    trustedProxies: values.trustedProxies,
    publicUrl,
    trustedOrigins: values.trustedOrigins,
    corsOrigins: values.corsOrigins,
    allowedHosts: values.allowedHosts,
    chatkitDomainKey: values.chatkitDomainKey,
    replicas: values.replicas,
    backendResources: values.backendResources,
    frontendResources: values.frontendResources,
    logLevel: values.logLevel,
    llm: {
      provider: values.llmProvider || (secrets.openaiApiKey ? "openai" : "offline"),
      model: values.llmModel,
      baseUrl: values.llmBaseUrl,
    },
    network: {
      httpsProxy: values.httpsProxy || undefined,
      noProxy: values.noProxy,
      caCertificates: values.caCertificates,
    },
    database: { poolSize: values.databasePoolSize, localPort: values.localDatabasePort },
    secrets,
    rolloutTimeoutSeconds: values.rolloutTimeoutSeconds,
    keptDeployments: values.keptDeployments,
    ops: values.ops,
    blueprintExceptions: values.blueprintExceptions,
    backendVariables: variablesIn(values),
  };
  checkTogether(settings, allowedBy(read), read);
  const mistakes = read.mistakes();
  if (mistakes.length > 0) throw new ConfigError(stack, mistakes);
  return settings;
}

/** What the back end's pods get as plain variables: what isn't their default anyway. */
function variablesIn(values: Values): Record<string, string> {
  const entries = KEYS.flatMap((key): [string, string][] => {
    const { variable } = SCHEMA[key];
    const text = String(values[key]);
    return variable === undefined || text === defaultText(key) ? [] : [[variable, text]];
  });
  return Object.fromEntries(entries);
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

/** A wrong flag counts as set: what it might allow is no mistake as well. */
function allowedBy(read: Reader): Allowed {
  const allows = (key: "allowLocalDatabase" | "allowOfflineModel" | "allowGeneratedSecrets") =>
    read.values[key] || !read.isRight(key);
  return {
    localDatabase: allows("allowLocalDatabase"),
    offlineModel: allows("allowOfflineModel"),
    generatedSecrets: allows("allowGeneratedSecrets"),
  };
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

/** Reads every key, and notes the mistake of each instead of stopping at the first. */
class Reader {
  /** What each key has; a wrong one has its default. */
  readonly values: Values;
  private readonly found = new Map<string, string>();

  constructor(raw: RawConfig, secretKeys: readonly string[]) {
    for (const [key, value] of Object.entries(raw)) {
      if (!isKey(key)) {
        this.found.set(key, "is not a known key");
      } else if (!isSecretKey(key)) {
        if (secretKeys.includes(key))
          this.mistake(key, "must be set without --secret: it is no secret, and is shown");
      } else if (value !== undefined && value !== "" && !secretKeys.includes(key)) {
        this.mistake(
          key,
          `must be set with --secret, now it is in clear: pulumi config set --secret ${key}`,
        );
      }
    }
    this.values = Object.fromEntries(
      KEYS.map((key) => [key, this.read(key, raw[key])]),
    ) as unknown as Values;
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

  private read(key: Key, text: string | undefined): unknown {
    const isUnset = text === undefined || (text === "" && isStructured(key));
    if (!isUnset && this.isRight(key)) {
      if (text === UNREADABLE && isSecretKey(key)) return text;
      const result = readKey(key, text);
      if ("value" in result) return result.value;
      this.mistake(key, result.problem);
    }
    return parsed(key, defaultText(key));
  }
}

function isStructured(key: Key): boolean {
  return SCHEMA[key].type === "array" || SCHEMA[key].type === "object";
}

function parsed(key: Key, text: string): unknown {
  const result = readKey(key, text);
  if ("value" in result) return result.value;
  throw new TypeError(`the default of ${key} ${result.problem}`);
}
