import type { Rule } from "../../rule";
import { amount, type Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/resources",
  level: "mandatory",
  title: "Every container requests CPU and memory, and has limits that are no lower.",
  reason:
    "without requests the scheduler guesses, without limits one pod starves the others of a node",
  remedy: "set resources.requests and resources.limits, each with cpu and memory",
  source: [
    "FR-018",
    "SC-008",
    "kube-linter unset-cpu-requirements, unset-memory-requirements",
    "Kyverno require-pod-requests-limits",
  ],
  *check({ containers }) {
    for (const { container, object, path } of containers)
      for (const unit of ["cpu", "memory"] as const) {
        const { requests, limits } = container.resources ?? {};
        const given = { requests: amount(requests?.[unit]), limits: amount(limits?.[unit]) };
        // None at all, as Kubernetes reads 0, and nothing below.
        for (const bound of ["requests", "limits"] as const)
          if (!((given[bound] ?? 0) > 0))
            yield {
              object,
              field: `${path}.resources.${bound}.${unit}`,
              problem: `is ${container.resources?.[bound]?.[unit] ?? "not set"}`,
            };
        if ((given.requests ?? 0) > (given.limits ?? Number.POSITIVE_INFINITY))
          yield {
            object,
            field: `${path}.resources.requests.${unit}`,
            problem: `is ${requests?.[unit]}, above the limit ${limits?.[unit]}`,
          };
      }
  },
};
