import type { Found, Rule } from "../../rule";
import { idOf, type KubernetesObject, matchLabels, type Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/disruption-budgets",
  level: "mandatory",
  title: "A PodDisruptionBudget guards more than one replica, and lets one go.",
  reason:
    "one that allows no eviction blocks every drain of a node, and with it every upgrade of the cluster",
  remedy: "make the budget only above 1 replica, with maxUnavailable: 1",
  source: ["kube-linter pdb-max-unavailable, pdb-min-available", "Kyverno require-pdb"],
  *check(objects) {
    for (const budget of objects.of("PodDisruptionBudget")) yield* faults(objects, budget);
  },
};

function* faults(objects: Objects, budget: KubernetesObject): Iterable<Found> {
  const object = idOf(budget);
  const guarded = objects.selected(matchLabels(budget));
  if (guarded.length === 0) {
    yield { object, field: "spec.selector.matchLabels", problem: "selects no pod of the release" };
    return;
  }
  const replicas = guarded.reduce((sum, { owner }) => sum + (owner.spec?.replicas ?? 1), 0);
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  if (replicas < 2) yield { object, field: "spec", problem: "guards 1 replica" };
  else if (maxUnavailable !== undefined && Number.parseInt(String(maxUnavailable), 10) === 0)
    yield { object, field: "spec.maxUnavailable", problem: `is ${maxUnavailable}` };
  else if (minAvailable !== undefined && podsOf(minAvailable, replicas) >= replicas)
    yield {
      object,
      field: "spec.minAvailable",
      problem: `is ${minAvailable}, of ${replicas} replicas`,
    };
}

/** A number of pods, or a share of them, which Kubernetes rounds up. */
function podsOf(amount: number | string, replicas: number): number {
  const number = Number.parseFloat(String(amount));
  return String(amount).endsWith("%") ? Math.ceil((number / 100) * replicas) : number;
}
