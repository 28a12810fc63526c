import type { Found, Rule } from "../../rule";
import { type AccessRule, idOf, type Objects } from "../objects";

const LOOKS = ["get", "list", "watch"];
const RISES = ["bind", "escalate", "impersonate"];
/** Ways into a container, and so to all that it knows, and to the rights of an account. */
const WAYS_IN = [
  ...["pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers", "pods/proxy"],
  ...["nodes/proxy", "services/proxy", "serviceaccounts/token"],
];

export const rule: Rule<Objects> = {
  id: "kubernetes/rbac-no-secrets",
  level: "mandatory",
  title: "No role reads Secrets, enters containers or raises its own rights.",
  reason: "each of these is as good as the passwords of every application in the namespace",
  remedy: "mount the one Secret that is needed, and take the resource or verb out of the role",
  source: ["FR-069", "CIS Kubernetes 5.1.2, 5.1.8", "kube-linter access-to-secrets"],
  *check(objects) {
    for (const role of objects.of("Role", "ClusterRole"))
      for (const [index, access] of (role.rules ?? []).entries())
        yield* excesses(access, idOf(role), `rules[${index}]`);
  },
};

function* excesses(
  { resources = [], verbs = [] }: AccessRule,
  object: string,
  field: string,
): Iterable<Found> {
  const any = verbs.includes("*");
  if (resources.includes("secrets") && (any || verbs.some((verb) => LOOKS.includes(verb))))
    yield { object, field: `${field}.resources`, problem: "lets secrets be read" };
  for (const way of resources.filter((each) => WAYS_IN.includes(each)))
    yield { object, field: `${field}.resources`, problem: `has ${way}` };
  for (const verb of verbs.filter((each) => RISES.includes(each)))
    yield { object, field: `${field}.verbs`, problem: `has ${verb}` };
}
