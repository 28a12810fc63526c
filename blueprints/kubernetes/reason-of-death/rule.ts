import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/reason-of-death",
  level: "advisory",
  title: "A container that fails leaves its last lines in the pod's status.",
  reason:
    "after a rollback the failed pod and its log are gone; the status was seen by whoever watched",
  remedy: "set terminationMessagePolicy: FallbackToLogsOnError",
  source: ["Kubernetes documentation: determine the reason for pod failure"],
  *check({ containers }) {
    for (const { container, object, path } of containers)
      if (container.terminationMessagePolicy !== "FallbackToLogsOnError")
        yield {
          object,
          field: `${path}.terminationMessagePolicy`,
          problem: `is ${container.terminationMessagePolicy ?? "not set"}`,
        };
  },
};
