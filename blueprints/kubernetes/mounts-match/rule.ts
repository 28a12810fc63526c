import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/mounts-match",
  level: "mandatory",
  title: "Every mount has its volume.",
  reason: "Kubernetes refuses a pod whose mount has no volume, in the middle of the upgrade",
  remedy: "give mount and volume the same name",
  source: ["Kubernetes API: Pod, volumeMounts"],
  *check({ containers }) {
    for (const { pod, container, object, path } of containers) {
      const volumes = (pod.spec.volumes ?? []).map(({ name }) => name);
      for (const { name, mountPath } of container.volumeMounts ?? [])
        if (!volumes.includes(name))
          yield {
            object,
            field: `${path}.volumeMounts[${mountPath}]`,
            problem: `is of a volume ${name} that the pod doesn't have`,
          };
    }
  },
};
