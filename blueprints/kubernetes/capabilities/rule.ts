import type { Rule } from "../../rule";
import type { Objects } from "../objects";

/** What a web server below port 1024 needs, and the only one that "restricted" lets in. */
const ALLOWED = "NET_BIND_SERVICE";

export const rule: Rule<Objects> = {
  id: "kubernetes/capabilities",
  level: "mandatory",
  title: "Every container drops all Linux capabilities.",
  reason: "the default set lets a process forge packets, change owners of files and more",
  remedy: "set capabilities: { drop: [ALL] } in the container's securityContext, and add none",
  source: [
    "Pod Security Standards, restricted: Capabilities",
    "CIS Kubernetes 5.2.8, 5.2.9",
    "kube-linter drop-net-raw-capability",
  ],
  *check({ containers }) {
    for (const { container, object, path } of containers) {
      const { drop = [], add = [] } = container.securityContext?.capabilities ?? {};
      const field = `${path}.securityContext.capabilities`;
      if (!drop.includes("ALL")) yield { object, field: `${field}.drop`, problem: "lacks ALL" };
      for (const name of add.filter((each) => each !== ALLOWED))
        yield { object, field: `${field}.add`, problem: `has ${name}` };
    }
  },
};
