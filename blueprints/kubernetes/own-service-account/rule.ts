import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/own-service-account",
  level: "advisory",
  title: "Pods run under a service account of their own.",
  reason: "what is ever granted to the namespace's default account is granted to every pod there",
  remedy: "make a ServiceAccount in the chart, and name it in serviceAccountName",
  source: ["CIS Kubernetes 5.1.5", "kube-linter default-service-account"],
  *check({ pods }) {
    for (const { object, path, spec } of pods)
      if ((spec.serviceAccountName ?? "default") === "default")
        yield { object, field: `${path}.serviceAccountName`, problem: "is the default account" };
  },
};
