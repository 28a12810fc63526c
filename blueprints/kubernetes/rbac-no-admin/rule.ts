import type { Rule } from "../../rule";
import { idOf, type Objects } from "../objects";

const ADMINS = ["cluster-admin", "admin", "edit"];
/** Groups and users that are many, or nobody in particular; of accounts also those of one namespace. */
const EVERYBODY =
  /^system:((un)?authenticated|anonymous|masters|serviceaccounts(:.*)?|serviceaccount:[^:]*:default)$/;

export const rule: Rule<Objects> = {
  id: "kubernetes/rbac-no-admin",
  level: "mandatory",
  title: "Bindings grant a role of the release's own, to accounts that they name.",
  reason:
    "an application that is admin of the cluster, or rights that everyone has, end all isolation",
  remedy: "bind a Role with what is used to the one ServiceAccount that uses it",
  source: ["CIS Kubernetes 5.1.1, 5.1.7", "kube-linter cluster-admin-role-binding"],
  *check(objects) {
    for (const binding of objects.of("RoleBinding", "ClusterRoleBinding")) {
      const object = idOf(binding);
      const { kind, name = "" } = binding.roleRef ?? {};
      const isOwn = kind !== "ClusterRole" && objects.find("Role", name) !== undefined;
      if (ADMINS.includes(name) && !isOwn)
        yield { object, field: "roleRef.name", problem: `is ${name}` };
      for (const subject of binding.subjects ?? [])
        if (subject.kind !== "ServiceAccount" && EVERYBODY.test(subject.name ?? ""))
          yield { object, field: "subjects", problem: `has ${subject.name}` };
        else if (subject.kind === "ServiceAccount" && subject.name === "default")
          yield { object, field: "subjects", problem: "has the namespace's default account" };
    }
  },
};
