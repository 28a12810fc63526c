import type { Rule } from "../../rule";
import type { Chart } from "../chart";

export const rule: Rule<Chart> = {
  id: "helm/environments",
  level: "advisory",
  title: "A chart has values for more than one environment, and shapes to test it in.",
  reason: "what differs between environments is else known only to whoever typed --set",
  remedy: "add values-<environment>.yaml files, and ci/<shape>-values.yaml",
  source: ["FR-043", "Helm Blueprint: chart structure", "chart-testing: ci values"],
  *check({ overrides }) {
    const files = Object.keys(overrides);
    if (files.filter((file) => file.startsWith("values-")).length < 2)
      yield { object: "values-<environment>.yaml", field: "(file)", problem: "are fewer than two" };
    if (!files.some((file) => file.startsWith("ci/")))
      yield { object: "ci/", field: "(folder)", problem: "has no values" };
  },
};
