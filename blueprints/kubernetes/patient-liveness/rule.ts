import type { Rule } from "../../rule";
import type { Objects, Probe } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/patient-liveness",
  level: "mandatory",
  title: "A pod leaves its Service before it is restarted.",
  reason:
    "where liveness gives up first, a busy moment restarts every pod at once instead of easing its load",
  remedy: "let livenessProbe.periodSeconds × failureThreshold exceed that of the readinessProbe",
  source: ["FR-025", "FR-026", "Kubernetes documentation: liveness, readiness and startup probes"],
  *check({ containers }) {
    for (const { container, object, path } of containers) {
      const { livenessProbe, readinessProbe } = container;
      if (livenessProbe === undefined || readinessProbe === undefined) continue;
      const [alive, ready] = [patience(livenessProbe), patience(readinessProbe)];
      if (alive <= ready)
        yield {
          object,
          field: `${path}.livenessProbe`,
          problem: `gives up after ${alive} s, readiness after ${ready} s`,
        };
    }
  },
};

/** Seconds until a probe that always fails has its consequence. */
function patience({ periodSeconds = 10, failureThreshold = 3 }: Probe): number {
  return periodSeconds * failureThreshold;
}
