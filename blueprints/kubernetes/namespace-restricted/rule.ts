import type { Rule } from "../../rule";
import type { Objects } from "../objects";

const LABEL = "pod-security.kubernetes.io/enforce";

export const rule: Rule<Objects> = {
  id: "kubernetes/namespace-restricted",
  level: "mandatory",
  title: 'A Namespace enforces Pod Security "restricted".',
  reason: "then the cluster itself refuses such pods, whoever makes them and by whatever tool",
  remedy: `label it ${LABEL}: restricted`,
  source: ["FR-030", "Pod Security Admission", "CIS Kubernetes 5.2.1"],
  *check(objects) {
    for (const { metadata } of objects.of("Namespace")) {
      const level = metadata?.labels?.[LABEL];
      if (level !== "restricted")
        yield {
          object: `Namespace/${metadata?.name}`,
          field: `metadata.labels.${LABEL}`,
          problem: `is ${level ?? "not set"}`,
        };
    }
  },
};
