import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/no-service-links",
  level: "advisory",
  title: "Pods get no variables of the namespace's Services.",
  reason:
    "names such as BACKEND_PORT come from Services of others, and overrule the application's defaults",
  remedy: "set enableServiceLinks: false; DNS finds Services",
  source: ["Kubernetes documentation: accessing the Service"],
  *check({ pods }) {
    for (const { object, path, spec } of pods)
      if (spec.enableServiceLinks !== false)
        yield {
          object,
          field: `${path}.enableServiceLinks`,
          problem: `is ${spec.enableServiceLinks ?? "not set"}`,
        };
  },
};
