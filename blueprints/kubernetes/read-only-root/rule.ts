import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/read-only-root",
  level: "mandatory",
  title: "The root file system of every container is read-only.",
  reason:
    "an intruder can't change the program that runs, and nothing fills the node's disk unseen",
  remedy: "set readOnlyRootFilesystem: true, and mount an emptyDir where the program writes",
  source: ["kube-linter no-read-only-root-fs", "Kyverno require-ro-rootfs", "CIS Kubernetes 5.7.3"],
  *check({ containers }) {
    for (const { container, object, path } of containers) {
      const value = container.securityContext?.readOnlyRootFilesystem;
      const field = `${path}.securityContext.readOnlyRootFilesystem`;
      if (value !== true) yield { object, field, problem: `is ${value ?? "not set"}` };
    }
  },
};
