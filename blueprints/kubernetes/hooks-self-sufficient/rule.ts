import type { Rule } from "../../rule";
import type { KubernetesObject, Objects, PodContainer } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/hooks-self-sufficient",
  level: "mandatory",
  title: "A hook that runs before the release needs nothing that the release brings.",
  reason:
    "Helm runs it first: the pod waits for a Secret that comes after it, until the time is up",
  remedy: "use an init container instead, or make what it needs a hook of lower weight",
  source: ["FR-061", "blockscout/helm-charts issue 66"],
  *check(objects) {
    for (const container of objects.containers) {
      const { object, path, pod } = container;
      if (!isEarly(pod.owner)) continue;
      for (const [kind, name] of needs(container)) {
        const needed = objects.find(kind, name);
        if (needed !== undefined && !isEarly(needed))
          yield { object, field: path, problem: `needs ${kind}/${name}, which comes after it` };
      }
    }
  },
};

function isEarly({ metadata }: KubernetesObject): boolean {
  return /\bpre-(install|upgrade)\b/.test(metadata?.annotations?.["helm.sh/hook"] ?? "");
}

/** The objects without which a container can't start, each once. */
function needs({ pod, container }: PodContainer): [kind: string, name: string][] {
  const { env = [], envFrom = [] } = container;
  const { serviceAccountName, volumes = [] } = pod.spec;
  const configMaps = [
    ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name),
    ...envFrom.map(({ configMapRef }) => configMapRef?.name),
    ...volumes.map(({ configMap }) => configMap?.name),
  ];
  const secrets = [
    ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
    ...envFrom.map(({ secretRef }) => secretRef?.name),
    ...volumes.map(({ secret }) => secret?.secretName),
  ];
  const named = (kind: string, names: readonly (string | undefined)[]): [string, string][] =>
    [...new Set(names)].flatMap((name) => (name === undefined ? [] : [[kind, name]]));
  return [
    ...named("ServiceAccount", [serviceAccountName]),
    ...named("ConfigMap", configMaps),
    ...named("Secret", secrets),
  ];
}
