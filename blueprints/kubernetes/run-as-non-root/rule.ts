import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/run-as-non-root",
  level: "mandatory",
  title: "Every container runs as a user that isn't root, and says so.",
  reason: "root in a container is root on the node as soon as anything of the isolation fails",
  remedy: "set runAsNonRoot: true and runAsUser: 1000 in the pod's securityContext",
  source: [
    "FR-003",
    "Pod Security Standards, restricted: Running as Non-root",
    "CIS Kubernetes 5.2.7",
    "kube-linter run-as-non-root",
  ],
  *check({ containers }) {
    for (const { pod, container, object, path } of containers) {
      const own = container.securityContext;
      const field = `${path}.securityContext`;
      const nonRoot = own?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
      const user = own?.runAsUser ?? pod.spec.securityContext?.runAsUser;
      if (nonRoot !== true)
        yield { object, field: `${field}.runAsNonRoot`, problem: `is ${nonRoot ?? "not set"}` };
      if (user === 0) yield { object, field: `${field}.runAsUser`, problem: "is 0, which is root" };
    }
  },
};
