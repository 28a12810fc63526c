import type { Rule } from "../../rule";
import { idOf, matchLabels, type Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/replicas-guarded",
  level: "advisory",
  title: "More than one replica are spread over nodes, and guarded by a PodDisruptionBudget.",
  reason: "replicas that stand on one node, or are drained together, fail together",
  remedy: "add topologySpreadConstraints by kubernetes.io/hostname, and a PodDisruptionBudget",
  source: ["kube-linter no-anti-affinity", "Kyverno require-pdb, spread-pods-across-topology"],
  *check(objects) {
    const budgets = objects.of("PodDisruptionBudget").map(matchLabels);
    for (const pod of objects.workloads) {
      if (!(Number(pod.owner.spec?.replicas) > 1)) continue;
      const object = idOf(pod.owner);
      if (!pod.spec.topologySpreadConstraints?.length && !pod.spec.affinity?.podAntiAffinity)
        yield { object, field: `${pod.path}.topologySpreadConstraints`, problem: "is not set" };
      if (!budgets.some((labels) => objects.selected(labels).includes(pod)))
        yield { object, field: "spec.replicas", problem: "has no PodDisruptionBudget" };
    }
  },
};
