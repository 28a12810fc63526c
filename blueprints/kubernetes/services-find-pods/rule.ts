import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/services-find-pods",
  level: "mandatory",
  title: "Every Service selects the pods of exactly one workload of the release.",
  reason:
    "one that selects none answers nothing, and one that selects two sends requests to the wrong one",
  remedy: "use the workload's selector labels as the Service's selector",
  source: ["FR-020", "FR-021", "kube-linter dangling-service"],
  *check(objects) {
    for (const { metadata, spec } of objects.of("Service")) {
      // One without a selector has endpoints that somebody else makes.
      if (spec?.selector === undefined || spec.selector === null) continue;
      const selected = objects.selected(spec.selector).map(({ object }) => object);
      if (selected.length !== 1)
        yield {
          object: `Service/${metadata?.name}`,
          field: "spec.selector",
          problem: `selects ${selected.join(" and ") || "no pod of the release"}`,
        };
    }
  },
};
