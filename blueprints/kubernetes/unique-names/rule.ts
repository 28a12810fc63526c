import type { Rule } from "../../rule";
import { idOf, type Objects } from "../objects";

const DNS_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Names of RBAC objects may have more characters. */
const PATH_NAMED = /^(Cluster)?Role(Binding)?$/;

export const rule: Rule<Objects> = {
  id: "kubernetes/unique-names",
  level: "mandatory",
  title:
    "Every object has a fixed name that Kubernetes takes, and no other of its kind has the same.",
  reason: "of two with one name the last wins; with generateName each upgrade makes another one",
  remedy: "give it a name from the chart's fullname helper, at most 63 characters",
  source: ["FR-045", "FR-046", "Kubernetes documentation: object names"],
  *check({ all }) {
    const seen = new Set<string>();
    for (const each of all) {
      const { name, namespace } = each.metadata ?? {};
      const object = idOf(each);
      const field = "metadata.name";
      const id = `${namespace}/${object}`;
      if (name === undefined) yield { object, field, problem: "is not set" };
      else if (!DNS_NAME.test(name) && !PATH_NAMED.test(each.kind ?? ""))
        yield { object, field, problem: "isn't a name in lower case of at most 63 characters" };
      else if (seen.has(id)) yield { object, field, problem: "is used twice" };
      seen.add(id);
    }
  },
};
