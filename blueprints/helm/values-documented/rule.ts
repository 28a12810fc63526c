import type { Rule } from "../../rule";
import { type Chart, leaves } from "../chart";

export const rule: Rule<Chart> = {
  id: "helm/values-documented",
  level: "mandatory",
  title: "Every value of values.yaml has a comment, its own or that of what it is in.",
  reason: "the file is the chart's manual: what isn't explained there is found out by breaking it",
  remedy: 'write a line "# -- what it does, its unit" above it',
  source: ["FR-038", "helm-docs"],
  *check({ values, documented }) {
    const known = new Set(documented);
    for (const path of leaves(values))
      if (!known.has(path)) yield { object: "values.yaml", field: path, problem: "has no comment" };
  },
};
