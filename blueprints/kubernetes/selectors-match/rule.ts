import type { Rule } from "../../rule";
import { idOf, matchLabels, type Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/selectors-match",
  level: "mandatory",
  title: "A workload selects its own pods, and by nothing that changes with a version.",
  reason:
    "Kubernetes refuses a selector that doesn't match, and any change of one: the upgrade fails half-way",
  remedy: "use the chart's selector labels in both places, without version or chart",
  source: ["FR-033", "FR-050", "kube-linter mismatching-selector"],
  *check(objects) {
    for (const workload of objects.of("Deployment", "StatefulSet", "DaemonSet")) {
      const object = idOf(workload);
      const field = "spec.selector.matchLabels";
      const labels = workload.spec?.template?.metadata?.labels ?? {};
      const selector = Object.entries(matchLabels(workload));
      if (selector.length === 0) yield { object, field, problem: "is empty" };
      for (const [name, value] of selector) {
        if (labels[name] !== value)
          yield { object, field: `${field}.${name}`, problem: "isn't a label of the pods" };
        if (/(^|[/-])(version|chart)$/.test(name))
          yield { object, field: `${field}.${name}`, problem: "changes with each version" };
      }
    }
  },
};
