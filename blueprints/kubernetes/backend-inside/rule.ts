import type { Rule } from "../../rule";
import type { Metadata, Objects } from "../objects";

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
      const pods = objects.selected(spec?.selector ?? {}).map((pod) => pod.metadata);
      // What a Service says of itself counts only where its pods aren't known.
      const components = (pods.length > 0 ? pods : [metadata]).map(componentOf);
      const isInside = components.every((each) => each === undefined || each === "frontend");
      if (isInside) continue;
      const found = { object: `Service/${metadata?.name}` };
      if (spec?.type === "NodePort" || spec?.type === "LoadBalancer")
        yield { ...found, field: "spec.type", problem: `is ${spec.type}` };
      if (spec?.externalIPs?.length)
        yield { ...found, field: "spec.externalIPs", problem: "are addresses outside" };
    }
  },
};

function componentOf(metadata: Metadata | undefined): string | undefined {
  return metadata?.labels?.component ?? metadata?.labels?.["app.kubernetes.io/component"];
}
