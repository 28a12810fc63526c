/**
 * Every key that a stack may set: its type, its default, its messages and its place in Pulumi.yaml follow from what
 * stands here. After a change, `npm run settings:declare` writes Pulumi.yaml anew.
 */
import * as v from "valibot";
import * as kind from "./kinds";
import { DEFAULT_RESOURCES } from "./resources";

/** All that is known of a key. */
export interface KeySpec<T> extends kind.Kind<T> {
  /** As Pulumi.yaml declares it. */
  default: string | number | boolean | readonly unknown[] | object;
  /** For people; "{range}" in it stands for the values that the kind allows. */
  description: string;
  /** Why the default can't be said in Pulumi.yaml, where it can't. */
  remark?: string;
  /** Variable of the back end's pods that gets the value where it isn't the default; the chart need not know it. */
  variable?: string;
}

function key<T>(of: kind.Kind<T>, spec: Omit<KeySpec<T>, keyof kind.Kind<T>>): KeySpec<T> {
  return { ...of, ...spec };
}

const PLAIN = {
  environment: key(kind.choice("development", "staging", "production"), {
    default: "development",
    description: "{range}; the last two refuse what only suits a laptop",
  }),
  namespace: key(
    kind.named(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "a DNS label: a-z, 0-9 and -, at most 63"),
    { default: "todo-app", description: "namespace of the release" },
  ),
  kubeContext: key(kind.text(), {
    default: "",
    remark: "can't be said here: it follows minikubeProfile",
    description:
      "context of the kubeconfig that names the cluster; empty for that of minikubeProfile, required with imageDelivery registry",
  }),
  imageDelivery: key(kind.choice("minikube", "registry"), {
    default: "minikube",
    description: "how images reach the cluster, {range}: loaded into the nodes, or pushed",
  }),
  minikubeProfile: key(
    kind.named(/^[a-zA-Z0-9][-a-zA-Z0-9_.]*$/, "the name of a Minikube profile"),
    { default: "minikube", description: "Minikube profile, with imageDelivery minikube" },
  ),
  registry: key(
    kind.formed(
      /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
      'a host and path such as "registry.example.com/team"',
    ),
    {
      default: "",
      description:
        "host and optional path that images are pushed to and pulled from, such as registry.example.com/team; required with imageDelivery registry",
    },
  ),
  platform: key(kind.choice("", "linux/amd64", "linux/arm64"), {
    default: "",
    remark: "can't be said here: it follows the nodes",
    description:
      "platform that images are built for, {range}; empty for that of the cluster's nodes",
  }),
  serviceType: key(kind.choice("NodePort", "LoadBalancer", "ClusterIP"), {
    default: "NodePort",
    description: "how the front end is reached, {range}",
  }),
  nodePort: key(kind.integer(30_000, 32_767), {
    default: 30_000,
    description: "TCP port of the front end on the nodes, {range}, with serviceType NodePort",
  }),
  loadBalancerIp: key(
    kind.formed(/^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/, "an IPv4 address"),
    {
      default: "",
      remark: "can't be said here: it follows namespace",
      description:
        "IPv4 address of the front end's Service, with serviceType LoadBalancer; empty for one that is chosen",
    },
  ),
  externalTrafficPolicy: key(kind.choice("Cluster", "Local"), {
    default: "Cluster",
    description:
      "{range}, with which the front end sees its users' addresses, by which it limits sign-ins; nodes without one of its pods don't answer then; not with serviceType ClusterIP",
  }),
  trustedProxies: key(kind.addressRanges(), {
    default: [],
    description:
      "addresses and CIDR ranges of the proxies in front, whose X-Forwarded-For says who a user is",
  }),
  publicUrl: key(kind.origin(), {
    default: "",
    remark: "can't be said here: it follows the service",
    description:
      "URL that users open, scheme://host[:port]; empty for that of the service, required with serviceType ClusterIP or imageDelivery registry",
  }),
  trustedOrigins: key(kind.origins(), {
    default: [],
    description: "other origins, scheme://host[:port], under which users may sign in",
  }),
  corsOrigins: key(kind.origins(), {
    default: [],
    description: "origins, scheme://host[:port], whose pages may call the back end directly",
  }),
  allowedHosts: key(kind.list(), {
    default: [],
    description: "Host headers that the back end accepts at /mcp beside its Service's name",
  }),
  chatkitDomainKey: key(kind.text(), {
    default: "",
    description:
      "public domain key of OpenAI's hosted ChatKit component, which is shown in the place of the built-in chat then; empty for the built-in one",
  }),
  replicas: key(kind.integer(1, 20), {
    default: 1,
    description: "pods of each of the two services, {range}",
  }),
  backendResources: key(kind.resources(), {
    default: DEFAULT_RESOURCES,
    description:
      "requests and limits of each back-end pod, cpu in cores (500m, 1.5) and memory in bytes (512Mi, 1.5G); what is left out has its default",
  }),
  frontendResources: key(kind.resources(), {
    default: DEFAULT_RESOURCES,
    description: "requests and limits of each front-end pod, as in backendResources",
  }),
  logLevel: key(kind.choice("debug", "info", "warning", "error", "critical"), {
    default: "info",
    description: "least severe log messages, {range}",
  }),
  llmProvider: key(
    kind.choice("", "offline", "openai", "openrouter", "ollama", "openai-compatible"),
    {
      default: "",
      remark: "can't be said here: it follows openaiApiKey",
      description:
        "who runs the language model, {range}; empty for openai where openaiApiKey is set, else offline",
    },
  ),
  llmModel: key(kind.text(), {
    default: "",
    description:
      "name of the model as the provider calls it; empty for its usual one, required with llmProvider openai-compatible",
  }),
  llmBaseUrl: key(kind.baseUrl("the model's key is openaiApiKey, set with --secret"), {
    default: "",
    description:
      "http(s) URL of the model's API; empty for the provider's own, required with llmProvider ollama or openai-compatible",
  }),
  httpsProxy: key(kind.origin(), {
    default: "",
    description:
      "http(s) URL of the proxy by which the back end's pods reach the model, without user or password; empty for none",
  }),
  noProxy: key(kind.hosts(), {
    default: [],
    description:
      "hosts, and domains with a leading dot, that pods reach without the proxy, beside the cluster's own",
  }),
  caCertificates: key(kind.certificates(), {
    default: "",
    description:
      "certificates of a company's own authorities, in PEM form, that pods trust for model and database beside the usual ones",
  }),
  databasePoolSize: key(kind.integer(1, 100), {
    default: 5,
    description: "database connections that each back-end pod may hold, {range}",
  }),
  chatRetentionDays: key(kind.integer(0, 3650), {
    default: 0,
    description: "days until a chat that nobody has touched is deleted, {range}; 0 for never",
    variable: "CHAT_RETENTION_DAYS",
  }),
  deletedTasksDays: key(kind.integer(1, 3650), {
    default: 30,
    description: "days until a deleted task is gone for good, {range}",
    variable: "DELETED_TASKS_DAYS",
  }),
  localDatabasePort: key(kind.integer(1024, 65_535), {
    default: 55_432,
    description:
      "TCP port of the local database on this machine, {range}, where no databaseUrl is set",
  }),
  rolloutTimeoutSeconds: key(kind.integer(20, 1800), {
    default: 180,
    description:
      "seconds until a rollout that is not ready counts as failed and is undone, {range}",
  }),
  keptDeployments: key(kind.integer(1, 50), {
    default: 5,
    description: "earlier deployments, with their images, that rollback can return to, {range}",
  }),
  ops: key(kind.flag(), {
    default: false,
    description: "whether AI assistants get read-only access, for npm run ops",
  }),
  blueprintExceptions: key(kind.exceptions(), {
    default: [],
    description:
      "accepted findings of the blueprints (docs/blueprints.md), each with rule, reason, until (its last day, YYYY-MM-DD) and perhaps object",
  }),
  allowLocalDatabase: key(kind.flag(), {
    default: false,
    description: "whether staging and production may use the local database of this machine",
  }),
  allowOfflineModel: key(kind.flag(), {
    default: false,
    description: "whether staging and production may do without a language model",
  }),
  allowGeneratedSecrets: key(kind.flag(), {
    default: false,
    description: "whether staging and production may use generated secrets",
  }),
} as const;

/** Must be set with --secret. */
const SECRETS = {
  databaseUrl: key(kind.databaseUrl(), {
    default: "",
    description:
      "secret URL of the database, postgresql://user:password@host:5432/database; empty for the local one on this machine",
  }),
  jwtSecret: key(kind.secretKey(), {
    default: "",
    description:
      "secret key of the back end's tokens, at least 32 characters; empty for a generated one",
  }),
  betterAuthSecret: key(kind.secretKey(), {
    default: "",
    description:
      "secret key of the front end's sessions, at least 32 characters; empty for a generated one",
  }),
  openaiApiKey: key(kind.headerKey(), {
    default: "",
    description:
      "secret API key of the language model's provider, required with llmProvider openai or openrouter; empty for none",
  }),
} as const;

/** The keys, in the order of Pulumi.yaml. */
export const SCHEMA = { ...PLAIN, ...SECRETS } as const;

/** A key that a stack may set. */
export type Key = keyof typeof SCHEMA;

/** The value of each key. */
export type Values = { [K in Key]: v.InferOutput<(typeof SCHEMA)[K]["schema"]> };

/** The keys that a stack may set; others are mistakes. */
export const KEYS = Object.keys(SCHEMA) as Key[];

/** A key that holds a secret. */
export type SecretKey = keyof typeof SECRETS;

/** The keys that hold secrets. */
export const SECRET_KEYS = Object.keys(SECRETS) as SecretKey[];

/** Whether a key holds a secret. */
export function isSecretKey(name: Key): name is SecretKey {
  return Object.hasOwn(SECRETS, name);
}

/** Whether a stack may set it. */
export function isKey(name: string): name is Key {
  return Object.hasOwn(SCHEMA, name);
}

/** A key's default, as Pulumi hands it to the program. */
export function defaultText(name: Key): string {
  const { default: value } = SCHEMA[name];
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What a text is as a key's value, or what is wrong with it. */
export function readKey(name: Key, text: string): { value: unknown } | { problem: string } {
  const result = v.safeParse(SCHEMA[name].schema, text, { abortPipeEarly: true });
  return result.success
    ? { value: result.output }
    : { problem: result.issues.map(({ message }) => message).join("; ") };
}
