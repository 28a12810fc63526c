import type { Rule } from "../../rule";
import type { Objects } from "../objects";

const PROFILES = ["RuntimeDefault", "Localhost"];

export const rule: Rule<Objects> = {
  id: "kubernetes/seccomp-profile",
  level: "mandatory",
  title: "Every container has a seccomp profile.",
  reason: "without one a process may make every system call, the rarely tested ones included",
  remedy: "set seccompProfile: { type: RuntimeDefault } in the pod's securityContext",
  source: ["Pod Security Standards, restricted: Seccomp", "CIS Kubernetes 5.7.2"],
  *check({ containers }) {
    for (const { pod, container, object, path } of containers) {
      const type =
        container.securityContext?.seccompProfile?.type ??
        pod.spec.securityContext?.seccompProfile?.type;
      if (type === undefined || !PROFILES.includes(type))
        yield {
          object,
          field: `${path}.securityContext.seccompProfile.type`,
          problem: `is ${type ?? "not set"}`,
        };
    }
  },
};
