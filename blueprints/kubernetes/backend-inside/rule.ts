import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/backend-inside",
  level: "mandatory",
  title: "Only the front end is reachable from outside the cluster.",
  reason:
    "whoever reaches the back end directly passes by the front end's sessions, limits and headers",
  remedy: "set the Service's type to ClusterIP",
  source: ["FR-021", "kube-linter exposed-services"],
  *check(objects) {
    for (const { metadata, spec } of objects.of("Service")) {
      const component =
        metadata?.labels?.component ?? metadata?.labels?.["app.kubernetes.io/component"];
      const isOutside = spec?.type === "NodePort" || spec?.type === "LoadBalancer";
      if (isOutside && component !== undefined && component !== "frontend")
        yield {
          object: `Service/${metadata?.name}`,
          field: "spec.type",
          problem: `is ${spec.type}`,
        };
    }
  },
};
