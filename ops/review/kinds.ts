/** The kinds of Kubernetes objects that commands may name, by every name that kubectl takes for them. */

const NAMES: Readonly<Record<string, readonly string[]>> = {
  pod: ["po", "pod", "pods"],
  service: ["svc", "service", "services"],
  configmap: ["cm", "configmap", "configmaps"],
  event: ["ev", "event", "events"],
  endpoints: ["ep", "endpoints"],
  endpointslice: ["endpointslice", "endpointslices"],
  deployment: ["deploy", "deployment", "deployments"],
  replicaset: ["rs", "replicaset", "replicasets"],
  statefulset: ["sts", "statefulset", "statefulsets"],
  daemonset: ["ds", "daemonset", "daemonsets"],
  job: ["job", "jobs"],
  cronjob: ["cj", "cronjob", "cronjobs"],
  horizontalpodautoscaler: ["hpa", "horizontalpodautoscaler", "horizontalpodautoscalers"],
  poddisruptionbudget: ["pdb", "poddisruptionbudget", "poddisruptionbudgets"],
  ingress: ["ing", "ingress", "ingresses"],
  networkpolicy: ["netpol", "networkpolicy", "networkpolicies"],
  persistentvolumeclaim: ["pvc", "persistentvolumeclaim", "persistentvolumeclaims"],
  resourcequota: ["quota", "resourcequota", "resourcequotas"],
  limitrange: ["limits", "limitrange", "limitranges"],
  serviceaccount: ["sa", "serviceaccount", "serviceaccounts"],
  node: ["no", "node", "nodes"],
  namespace: ["ns", "namespace", "namespaces"],
  all: ["all"],
  secret: ["secret", "secrets"],
};

const GROUPS: ReadonlySet<string> = new Set([
  "apps",
  "v1.apps",
  "batch",
  "v1.batch",
  "autoscaling",
  "v2.autoscaling",
  "policy",
  "networking.k8s.io",
  "discovery.k8s.io",
  "v1",
]);

const KIND_BY_NAME: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([kind, names]) => names.map((name) => [name, kind] as const)),
);

/** Kinds that are no part of any namespace; they may be looked at. */
export const CLUSTER_KINDS: ReadonlySet<string> = new Set(["node", "namespace"]);

/** Kinds that may be altered. Roles, ServiceAccounts, Secrets, quotas and claims are not among them. */
export const CHANGEABLE_KINDS: ReadonlySet<string> = new Set([
  "pod",
  "service",
  "configmap",
  "deployment",
  "replicaset",
  "statefulset",
  "job",
  "cronjob",
  "horizontalpodautoscaler",
  "poddisruptionbudget",
  "ingress",
  "networkpolicy",
]);

/** The kind that a word such as "deploy", "pods" or "deployments.apps" means; undefined for unknown ones. */
export function kindOf(word: string): string | undefined {
  const [name = "", ...group] = word.toLowerCase().split(".");
  if (group.length > 0 && !GROUPS.has(group.join("."))) return undefined;
  return KIND_BY_NAME.get(name);
}

/** Objects that positional arguments name. */
export interface Targets {
  kinds: string[];
  /** Names of objects; empty where all of the kinds are meant. */
  names: string[];
  /** Words that are no known kind. */
  unknown: string[];
}

/** Reads "KIND[,KIND] [NAME…]" or "KIND/NAME…". */
export function targetsOf(words: readonly string[], defaultKind?: string): Targets {
  const targets: Targets = { kinds: [], names: [], unknown: [] };
  const addKind = (word: string): void => {
    const kind = kindOf(word);
    if (kind === undefined) targets.unknown.push(word);
    else if (!targets.kinds.includes(kind)) targets.kinds.push(kind);
  };
  const [first, ...rest] = words;
  if (first === undefined) return targets;
  if (words.some((word) => word.includes("/"))) {
    for (const word of words) {
      const [kind = "", name = "", ...more] = word.split("/");
      if (name === "" || more.length > 0) targets.unknown.push(word);
      else {
        addKind(kind);
        targets.names.push(name);
      }
    }
  } else if (defaultKind !== undefined) {
    targets.kinds.push(defaultKind);
    targets.names.push(...words);
  } else {
    for (const word of first.split(",")) addKind(word);
    targets.names.push(...rest);
  }
  return targets;
}
