import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/empty-dirs-bounded",
  level: "mandatory",
  title: "Every emptyDir has a size limit.",
  reason:
    "without one a single pod fills the node's disk, or its memory, and evicts its neighbours",
  remedy: "set emptyDir.sizeLimit, such as 64Mi",
  source: ["Kubernetes documentation: emptyDir", "Kyverno require-emptydir-requests-and-limits"],
  *check({ pods }) {
    for (const { object, path, spec } of pods)
      for (const volume of spec.volumes ?? [])
        if ("emptyDir" in volume && volume.emptyDir?.sizeLimit === undefined)
          yield {
            object,
            field: `${path}.volumes[${volume.name}].emptyDir.sizeLimit`,
            problem: "is not set",
          };
  },
};
