import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/rolling-update",
  level: "mandatory",
  title: "Deployments roll without taking a pod away before its successor is ready.",
  reason:
    "with one replica the service is gone during each update; and a bad image takes the good one down",
  remedy: "set strategy RollingUpdate with maxUnavailable: 0 and maxSurge: 1",
  source: ["FR-019", "SC-013", "kube-linter no-rolling-update-strategy"],
  *check(objects) {
    for (const { metadata, spec } of objects.of("Deployment")) {
      const object = `Deployment/${metadata?.name}`;
      const { type = "RollingUpdate", rollingUpdate = {} } = spec?.strategy ?? {};
      if (type !== "RollingUpdate") {
        yield { object, field: "spec.strategy.type", problem: `is ${type}` };
        continue;
      }
      const { maxUnavailable = "25%", maxSurge = "25%" } = rollingUpdate;
      const field = "spec.strategy.rollingUpdate";
      if (Number.parseInt(String(maxUnavailable), 10) !== 0)
        yield { object, field: `${field}.maxUnavailable`, problem: `is ${maxUnavailable}` };
      if (Number.parseInt(String(maxSurge), 10) < 1)
        yield { object, field: `${field}.maxSurge`, problem: `is ${maxSurge}` };
    }
  },
};
