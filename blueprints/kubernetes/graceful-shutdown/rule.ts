import type { Rule } from "../../rule";
import type { Objects } from "../objects";

/** Longest that the applications finish requests after the signal, in seconds (SC-011, less the sleep). */
const DRAIN = 5;
const LEAST_GRACE = 10;
/** What Kubernetes gives where nothing is said. */
const DEFAULT_GRACE = 30;

export const rule: Rule<Objects> = {
  id: "kubernetes/graceful-shutdown",
  level: "mandatory",
  title: `A pod behind a Service sleeps before it stops, and has time for that and a drain of ${DRAIN} s.`,
  reason:
    "its address is taken out of the Service only while it stops: requests would hit a closed port, or be cut off",
  remedy: `set lifecycle.preStop.sleep.seconds to 3, and terminationGracePeriodSeconds above that by more than ${DRAIN}, at least ${LEAST_GRACE}`,
  source: ["FR-034", "SC-011", "SC-013", "Kubernetes documentation: termination of pods"],
  *check(objects) {
    const served = new Set(
      objects.of("Service").flatMap(({ spec }) => objects.selected(spec?.selector ?? {})),
    );
    for (const pod of served) {
      const { object, path, spec } = pod;
      const grace = spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE;
      const field = `${path}.terminationGracePeriodSeconds`;
      if (grace < LEAST_GRACE) yield { object, field, problem: `is ${grace}` };
      for (const container of spec.containers ?? []) {
        if (!container.ports?.length) continue;
        const hook = container.lifecycle?.preStop;
        const place = `${path}.containers[${container.name}].lifecycle.preStop`;
        if (hook === undefined) yield { object, field: place, problem: "is not set" };
        const sleep = hook?.sleep?.seconds ?? 0;
        if (grace >= LEAST_GRACE && grace <= sleep + DRAIN)
          yield { object, field, problem: `is ${grace}, for a sleep of ${sleep} s and the drain` };
      }
    }
  },
};
