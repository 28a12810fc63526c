import type { Rule } from "../../rule";
import { at, type Chart, leaves } from "../chart";

export const rule: Rule<Chart> = {
  id: "helm/default-tags",
  level: "mandatory",
  title: "The default tag of an image is the chart's appVersion, or a fixed version.",
  reason:
    "with latest one chart installs different code from one day to the next, and rolls back to the same",
  remedy: 'leave tag: "" and let the template use .Chart.AppVersion',
  source: ["FR-041", "FR-008", "kube-linter latest-tag"],
  *check({ values, overrides }) {
    for (const [object, own] of [["values.yaml", values] as const, ...Object.entries(overrides)])
      for (const field of leaves(own)) {
        const value = at(own, field);
        const isTag = /(^|\.)(tag|imageTag)$/.test(field) && value === "latest";
        const isImage = /(^|\.)image$/.test(field) && /:latest$/.test(String(value));
        if (isTag || isImage) yield { object, field, problem: `is ${value}` };
      }
  },
};
