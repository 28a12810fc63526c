import type { Rule } from "../../rule";
import type { Objects } from "../objects";

const SERVERS = ["Deployment", "StatefulSet", "DaemonSet"];

export const rule: Rule<Objects> = {
  id: "kubernetes/probes",
  level: "mandatory",
  title: "Every container that serves a port has a liveness, a readiness and a startup probe.",
  reason:
    "Kubernetes restarts what hangs, and sends traffic to what answers, only if it is told how to ask",
  remedy: "give the container that has the port livenessProbe, readinessProbe and startupProbe",
  source: [
    "FR-025",
    "FR-026",
    "FR-027",
    "FR-028",
    "kube-linter no-liveness-probe, no-readiness-probe",
    "Kyverno require-pod-probes",
  ],
  *check({ containers }) {
    for (const { pod, container, object, path, stays } of containers) {
      if (!stays || !container.ports?.length || !SERVERS.includes(pod.owner.kind ?? "")) continue;
      for (const probe of ["livenessProbe", "readinessProbe", "startupProbe"] as const)
        if (container[probe] === undefined)
          yield { object, field: `${path}.${probe}`, problem: "is not set" };
    }
  },
};
