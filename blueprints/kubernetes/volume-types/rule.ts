import type { Rule } from "../../rule";
import type { Objects } from "../objects";

const ALLOWED = [
  ...["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral"],
  ...["image", "persistentVolumeClaim", "projected", "secret"],
];

export const rule: Rule<Objects> = {
  id: "kubernetes/volume-types",
  level: "mandatory",
  title: "Pods mount what Kubernetes gives them, and nothing of the node.",
  reason:
    "a hostPath reads and writes the node's own files, with the container runtime's socket among them",
  remedy: "use an emptyDir, a ConfigMap, a Secret or a PersistentVolumeClaim",
  source: [
    "Pod Security Standards, restricted: Volume Types",
    "CIS Kubernetes 5.2.12",
    "kube-linter sensitive-host-mounts",
  ],
  *check(objects) {
    for (const { metadata, spec } of objects.of("PersistentVolume"))
      for (const field of ["hostPath", "local"] as const)
        if (spec?.[field] !== undefined)
          yield {
            object: `PersistentVolume/${metadata?.name}`,
            field: `spec.${field}`,
            problem: "is a folder of a node",
          };
    const { pods } = objects;
    for (const { object, path, spec } of pods)
      for (const { name = "(no name)", ...types } of spec.volumes ?? [])
        for (const type of Object.keys(types).filter((each) => !ALLOWED.includes(each)))
          yield { object, field: `${path}.volumes[${name}]`, problem: `is of type ${type}` };
  },
};
