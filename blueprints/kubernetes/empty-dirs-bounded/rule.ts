import type { Rule } from "../../rule";
import { amount, emptyDirOf, type Objects } from "../objects";

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
      for (const volume of spec.volumes ?? []) {
        const { sizeLimit } = emptyDirOf(volume) ?? { sizeLimit: "none needed" };
        if (sizeLimit === undefined || amount(sizeLimit) === 0)
          yield {
            object,
            field: `${path}.volumes[${volume.name}].emptyDir.sizeLimit`,
            problem: sizeLimit === undefined ? "is not set" : `is ${sizeLimit}, which is no limit`,
          };
      }
  },
};
