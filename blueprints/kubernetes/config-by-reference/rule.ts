import type { Rule } from "../../rule";
import type { Objects } from "../objects";
import { isHook } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/config-by-reference",
  level: "advisory",
  title: "Containers read their configuration from a ConfigMap or a Secret.",
  reason:
    "a value in the pod's own description is seen in no list of settings, and differs from pod to pod",
  remedy: "put it into the ConfigMap, and refer to it by valueFrom.configMapKeyRef",
  source: ["FR-024", "SC-003"],
  *check({ containers }) {
    for (const { pod, container, object, path } of containers) {
      if (isHook(pod.owner)) continue;
      for (const { name, value } of container.env ?? [])
        if (value !== undefined)
          yield { object, field: `${path}.env[${name}].value`, problem: "is a literal" };
    }
  },
};
