import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/no-token",
  level: "mandatory",
  title: "No pod gets a token for the Kubernetes API, unless a role is bound to its account.",
  reason: "whoever gets into the pod has the token too, and asks the cluster in its name",
  remedy: "set automountServiceAccountToken: false in the pod's spec",
  source: ["CIS Kubernetes 5.1.6", "Kyverno restrict-automount-sa-token"],
  *check(objects) {
    for (const { type, metadata } of objects.of("Secret"))
      if (type === "kubernetes.io/service-account-token")
        yield {
          object: `Secret/${metadata?.name}`,
          field: "type",
          problem: "is a token that never ends",
        };
    const bound = new Set(
      objects
        .of("RoleBinding", "ClusterRoleBinding")
        .flatMap(({ subjects = [] }) => subjects)
        .filter(({ kind }) => kind === "ServiceAccount")
        .map(({ name }) => name),
    );
    for (const { object, path, spec } of objects.pods) {
      const account = spec.serviceAccountName ?? "default";
      const value =
        spec.automountServiceAccountToken ??
        objects.find("ServiceAccount", account)?.automountServiceAccountToken;
      if (bound.has(account)) continue;
      for (const { name, projected } of spec.volumes ?? [])
        if (projected?.sources?.some((source) => source.serviceAccountToken !== undefined))
          yield { object, field: `${path}.volumes[${name}]`, problem: "holds a token" };
      if (value !== false)
        yield {
          object,
          field: `${path}.automountServiceAccountToken`,
          problem: `is ${value ?? "not set"}`,
        };
    }
  },
};
