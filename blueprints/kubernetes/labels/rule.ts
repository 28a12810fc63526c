import type { Rule } from "../../rule";
import type { Objects } from "../objects";

const WANTED = [
  ...["app", "component", "version"],
  ...["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"],
];

export const rule: Rule<Objects> = {
  id: "kubernetes/labels",
  level: "mandatory",
  title: "Pods carry app, component, version and the recommended app.kubernetes.io labels.",
  reason:
    "discovery, monitoring and people find pods by them; two releases mix where instance is missing",
  remedy: "include the chart's label helpers in the pod template",
  source: ["FR-033", "Kubernetes documentation: recommended labels", "Kyverno require-labels"],
  *check({ workloads }) {
    for (const { object, path, metadata } of workloads)
      for (const label of WANTED.filter((each) => !metadata.labels?.[each]))
        yield {
          object,
          field: `${path.replace(/spec$/, "metadata")}.labels.${label}`,
          problem: "is not set",
        };
  },
};
