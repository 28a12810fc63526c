import type { Rule } from "../../rule";
import type { Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/probe-ports",
  level: "mandatory",
  title: "Every probe asks a port that its container has.",
  reason: "a probe of another port never succeeds: the pod never starts, or is restarted for ever",
  remedy: "name the container's port in the probe",
  source: ["kube-linter liveness-port, readiness-port, startup-port"],
  *check({ containers }) {
    for (const { container, object, path } of containers)
      for (const name of ["startupProbe", "livenessProbe", "readinessProbe"] as const) {
        const probe = container[name];
        const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? probe?.grpc?.port;
        if (port === undefined) continue;
        const known = (container.ports ?? []).some((each) =>
          typeof port === "number" ? each.containerPort === port : each.name === port,
        );
        if (!known)
          yield {
            object,
            field: `${path}.${name}`,
            problem: `asks port ${port}, which the container doesn't have`,
          };
      }
  },
};
