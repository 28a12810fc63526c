import { isObject } from "../../../components/runtime/json";
import type { Rule } from "../../rule";
import type { Chart } from "../chart";

export const rule: Rule<Chart> = {
  id: "helm/dependencies-locked",
  level: "mandatory",
  title: "Charts that a chart depends on have exact versions, and a lock file.",
  reason: "helm dependency update brings another chart than the one that was tested",
  remedy: "write the exact version, and commit Chart.lock",
  source: ["FR-036", "Helm documentation: chart dependencies"],
  *check({ metadata, files }) {
    const dependencies = Array.isArray(metadata.dependencies) ? metadata.dependencies : [];
    for (const each of dependencies.filter(isObject))
      if (!/^v?\d+\.\d+\.\d+[\w.+-]*$/.test(String(each.version ?? "")))
        yield {
          object: "Chart.yaml",
          field: `dependencies[${each.name}].version`,
          problem: `is ${each.version ?? "not set"}`,
        };
    if (dependencies.length > 0 && !files.includes("Chart.lock"))
      yield { object: "Chart.lock", field: "(file)", problem: "is missing" };
  },
};
