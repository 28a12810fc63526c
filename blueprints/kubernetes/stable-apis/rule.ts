import type { Rule } from "../../rule";
import { idOf, type Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/stable-apis",
  level: "mandatory",
  title: "Objects use stable versions of the Kubernetes API.",
  reason:
    "alpha and beta versions are off by default or go with a cluster's upgrade, and the release can't be changed any more",
  remedy:
    "use v1, apps/v1, batch/v1, policy/v1, networking.k8s.io/v1 or rbac.authorization.k8s.io/v1",
  source: ["FR-035", "kube-linter no-extensions-v1beta", "Kubernetes deprecation policy"],
  *check({ all }) {
    for (const each of all) {
      const { apiVersion } = each;
      if (apiVersion === undefined || /v\d+(alpha|beta)\d+$/.test(apiVersion))
        yield { object: idOf(each), field: "apiVersion", problem: `is ${apiVersion ?? "not set"}` };
    }
  },
};
