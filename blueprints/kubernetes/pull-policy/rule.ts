import type { Rule } from "../../rule";
import type { Objects } from "../objects";

const POLICIES = ["IfNotPresent", "Always"];

export const rule: Rule<Objects> = {
  id: "kubernetes/pull-policy",
  level: "mandatory",
  title: "Every container says whether its image is pulled: IfNotPresent, or Always.",
  reason:
    "what Kubernetes chooses depends on the tag; with Never a node that lacks the image can't start the pod",
  remedy: "set imagePullPolicy: IfNotPresent, or Always where a registry is at hand",
  source: ["FR-032"],
  *check({ containers }) {
    for (const { container, object, path } of containers)
      if (!POLICIES.includes(container.imagePullPolicy ?? ""))
        yield {
          object,
          field: `${path}.imagePullPolicy`,
          problem: `is ${container.imagePullPolicy ?? "not set"}`,
        };
  },
};
