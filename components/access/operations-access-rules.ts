/**
 * What an AI assistant may do in the cluster: look, at what holds no secret. It is data, so that the
 * program and the tests mean the same rules.
 */

/** Name of the ServiceAccount, and of its Role. */
export const OPERATIONS_ACCOUNT = "todo-app-operations";

/** A rule as RBAC has it. */
export interface AccessRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

const LOOK = ["get", "list", "watch"];

/** In the namespace of the stack. Secrets are missing, and so is every way into a container. */
export const NAMESPACE_RULES: readonly AccessRule[] = [
  {
    apiGroups: [""],
    resources: [
      "pods",
      "pods/log",
      "services",
      "endpoints",
      "configmaps",
      "events",
      "serviceaccounts",
      "resourcequotas",
      "limitranges",
      "persistentvolumeclaims",
    ],
    verbs: LOOK,
  },
  {
    apiGroups: ["apps"],
    resources: ["deployments", "replicasets", "statefulsets", "daemonsets"],
    verbs: LOOK,
  },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: LOOK },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: LOOK },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: LOOK },
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "networkpolicies"], verbs: LOOK },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: LOOK },
  { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: LOOK },
  { apiGroups: ["metrics.k8s.io"], resources: ["pods"], verbs: ["get", "list"] },
];

/** In the cluster: which nodes and namespaces there are, and how the nodes are. */
export const CLUSTER_RULES: readonly AccessRule[] = [
  { apiGroups: [""], resources: ["nodes", "namespaces"], verbs: ["get", "list"] },
  { apiGroups: ["metrics.k8s.io"], resources: ["nodes"], verbs: ["get", "list"] },
];
