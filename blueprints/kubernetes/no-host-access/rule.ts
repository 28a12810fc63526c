import type { Rule } from "../../rule";
import type { Handler, Objects } from "../objects";

const NAMESPACES = ["hostNetwork", "hostPID", "hostIPC"] as const;
const HANDLERS = ["startupProbe", "livenessProbe", "readinessProbe"] as const;

export const rule: Rule<Objects> = {
  id: "kubernetes/no-host-access",
  level: "mandatory",
  title: "No pod shares the node's network, processes or ports.",
  reason: "it would see and reach what belongs to the node and to its other pods",
  remedy: "remove hostNetwork, hostPID, hostIPC and hostPort, and use a Service",
  source: [
    "Pod Security Standards, baseline: Host Namespaces, Host Ports, Host Probes / Lifecycle Hooks",
    "CIS Kubernetes 5.2.3, 5.2.4, 5.2.5, 5.2.13",
    "kube-linter host-network, host-pid, host-ipc",
  ],
  *check({ pods, containers }) {
    for (const { object, path, spec } of pods)
      for (const field of NAMESPACES)
        if (spec[field] === true) yield { object, field: `${path}.${field}`, problem: "is true" };
    for (const { object, path, container } of containers) {
      for (const { containerPort, hostPort } of container.ports ?? [])
        if (hostPort)
          yield {
            object,
            field: `${path}.ports[${containerPort}].hostPort`,
            problem: `is ${hostPort}`,
          };
      const handlers: [string, Handler | undefined][] = [
        ...HANDLERS.map((name): [string, Handler | undefined] => [name, container[name]]),
        ["lifecycle.preStop", container.lifecycle?.preStop],
        ["lifecycle.postStart", container.lifecycle?.postStart],
      ];
      for (const [name, handler] of handlers) {
        const host = handler?.httpGet?.host ?? handler?.tcpSocket?.host;
        if (host) yield { object, field: `${path}.${name}`, problem: `asks the host ${host}` };
      }
    }
  },
};
