import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/unique-variables",
  level: "mandatory",
  title: "No container sets an environment variable twice.",
  reason: "the last one wins today, and a patch of the list drops one of them",
  remedy: "remove the one that isn't meant",
  source: ["kube-linter duplicate-env-var"],
  *check({ containers }) {
    for (const { container, object, path } of containers) {
      const names = (container.env ?? []).map(({ name }) => name);
      for (const name of new Set(names.filter((each, index) => names.indexOf(each) < index)))
        yield { object, field: `${path}.env[${name}]`, problem: "is set twice" };
    }
  },
};
