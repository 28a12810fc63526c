import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/service-ports",
  level: "mandatory",
  title: "Every port of a Service leads to a port of its pods.",
  reason: "connections to another one are refused, though pods and Service look healthy",
  remedy: "let targetPort be the name of the container's port",
  source: ["kube-linter invalid-target-ports", "FR-005", "FR-006"],
  *check(objects) {
    for (const { metadata, spec } of objects.of("Service"))
      for (const { port, targetPort = port } of spec?.ports ?? [])
        for (const { object: pod, spec: podSpec } of objects.selected(spec?.selector ?? {})) {
          const ports = (podSpec.containers ?? []).flatMap((container) => container.ports ?? []);
          const leads = ports.some(({ name, containerPort }) =>
            typeof targetPort === "number" ? containerPort === targetPort : name === targetPort,
          );
          if (!leads)
            yield {
              object: `Service/${metadata?.name}`,
              field: `spec.ports[${port}].targetPort`,
              problem: `is ${targetPort}, which ${pod} doesn't have`,
            };
        }
  },
};
