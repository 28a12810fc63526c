import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/no-privilege-escalation",
  level: "mandatory",
  title: "No process of a container may gain more rights than its parent.",
  reason: "a set-uid program in the image would make the user root again",
  remedy: "set allowPrivilegeEscalation: false in the container's securityContext",
  source: [
    "Pod Security Standards, restricted: Privilege Escalation",
    "CIS Kubernetes 5.2.6",
    "kube-linter privilege-escalation-container",
  ],
  *check({ containers }) {
    for (const { container, object, path } of containers) {
      const value = container.securityContext?.allowPrivilegeEscalation;
      const field = `${path}.securityContext.allowPrivilegeEscalation`;
      if (value !== false) yield { object, field, problem: `is ${value ?? "not set"}` };
    }
  },
};
