import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/unhealthy-pods-evictable",
  level: "advisory",
  title: "A PodDisruptionBudget doesn't hold pods that serve nobody.",
  reason: "a pod that never gets ready would block the drain of its node for ever",
  remedy: "set unhealthyPodEvictionPolicy: AlwaysAllow",
  source: ["kube-linter pdb-unhealthy-pod-eviction-policy"],
  *check(objects) {
    for (const { metadata, spec } of objects.of("PodDisruptionBudget"))
      if (spec?.unhealthyPodEvictionPolicy !== "AlwaysAllow")
        yield {
          object: `PodDisruptionBudget/${metadata?.name}`,
          field: "spec.unhealthyPodEvictionPolicy",
          problem: `is ${spec?.unhealthyPodEvictionPolicy ?? "not set"}`,
        };
  },
};
