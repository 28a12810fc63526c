import type { Rule } from "../../rule";
import { idOf, type Objects } from "../objects";

const CLUSTER_WIDE = /^(Namespace|Cluster\w+|CustomResourceDefinition|PersistentVolume|\w+Class)$/;
const SHARED = ["default", "kube-system", "kube-public", "kube-node-lease"];

export const rule: Rule<Objects> = {
  id: "kubernetes/one-namespace",
  level: "mandatory",
  title: "All objects of a release are in one namespace of its own.",
  reason:
    "what is scattered, or stands among the cluster's own, is missed by quotas, by Pod Security and by whoever cleans up",
  remedy: "set metadata.namespace to the release's namespace, and install into one of its own",
  source: ["FR-029", "CIS Kubernetes 5.7.1, 5.7.4", "kube-linter use-namespace"],
  *check({ all }) {
    const named = all.filter(({ kind = "" }) => !CLUSTER_WIDE.test(kind));
    const places = named.map(({ metadata }) => metadata?.namespace);
    const usual = mostFrequent(places);
    for (const each of named) {
      const { namespace } = each.metadata ?? {};
      const found = { object: idOf(each), field: "metadata.namespace" };
      // Where none has one, the install puts them all into the release's.
      if (namespace === undefined && usual !== undefined) yield { ...found, problem: "is not set" };
      else if (namespace !== undefined && SHARED.includes(namespace))
        yield { ...found, problem: `is ${namespace}` };
      else if (namespace !== usual) yield { ...found, problem: `is ${namespace}, not ${usual}` };
    }
  },
};

function mostFrequent(names: readonly (string | undefined)[]): string | undefined {
  const count = (name: string): number => names.filter((each) => each === name).length;
  const known = [...new Set(names)].filter((name) => name !== undefined);
  return known.sort((a, b) => count(b) - count(a))[0];
}
