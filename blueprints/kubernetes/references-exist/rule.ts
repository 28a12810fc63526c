import type { Found, Rule } from "../../rule";
import type { KubernetesObject, NamedRef, Objects, PodContainer } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/references-exist",
  level: "mandatory",
  title: "A variable that comes from the release's own ConfigMap or Secret names a key it has.",
  reason: "the pod never starts: CreateContainerConfigError, minutes into the rollout",
  remedy: "add the key to the object, or mend its name in the container's env",
  source: ["FR-022", "FR-024", "edge case: secret misconfiguration"],
  *check(objects) {
    for (const container of objects.containers) yield* missing(objects, container);
  },
};

function* missing(objects: Objects, { container, object, path }: PodContainer): Iterable<Found> {
  for (const { name, valueFrom } of container.env ?? []) {
    const refs: [string, (NamedRef & { key?: string }) | undefined][] = [
      ["ConfigMap", valueFrom?.configMapKeyRef],
      ["Secret", valueFrom?.secretKeyRef],
    ];
    for (const [kind, ref] of refs) {
      const source = ref && objects.find(kind, ref.name);
      // One that the release doesn't contain may be in the cluster: that is for the cluster to say.
      if (source === undefined || ref?.optional === true) continue;
      if (!keysOf(source).includes(ref?.key ?? ""))
        yield {
          object,
          field: `${path}.env[${name}]`,
          problem: `asks ${kind}/${ref?.name} for ${ref?.key}, which it lacks`,
        };
    }
  }
}

function keysOf({ data, stringData }: KubernetesObject): string[] {
  return [...Object.keys(data ?? {}), ...Object.keys(stringData ?? {})];
}
