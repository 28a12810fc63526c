import type { Rule } from "../../rule";
import { idOf, type Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/rbac-no-wildcards",
  level: "mandatory",
  title: "Roles name every group, resource and verb that they grant.",
  reason: "a wildcard grants what is installed tomorrow too, secrets and deletion included",
  remedy: "list the resources and verbs that are used",
  source: [
    "CIS Kubernetes 5.1.3",
    "kube-linter wildcard-in-rules",
    "Kyverno restrict-wildcard-verbs",
  ],
  *check(objects) {
    for (const role of objects.of("Role", "ClusterRole")) {
      if (role.aggregationRule !== undefined)
        yield { object: idOf(role), field: "aggregationRule", problem: "takes what others grant" };
      for (const [index, rule] of (role.rules ?? []).entries())
        for (const part of ["apiGroups", "resources", "verbs", "nonResourceURLs"] as const)
          if (rule[part]?.some((each) => each === "*" || each.startsWith("*/")))
            yield {
              object: idOf(role),
              field: `rules[${index}].${part}`,
              problem: "has a wildcard",
            };
    }
  },
};
