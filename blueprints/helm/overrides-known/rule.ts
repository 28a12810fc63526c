import { isObject, type JsonObject } from "../../../components/runtime/json";
import type { Rule } from "../../rule";
import { at, type Chart, leaves } from "../chart";

export const rule: Rule<Chart> = {
  id: "helm/overrides-known",
  level: "mandatory",
  title: "Values files of environments set only values that the chart has.",
  reason: "a value under a name that nobody reads changes nothing, where somebody meant it to",
  remedy: "use the path that values.yaml has",
  source: ["FR-043", "FR-063"],
  *check({ overrides, values }) {
    for (const [object, own] of Object.entries(overrides))
      for (const field of leaves(own))
        if (!isKnown(values, field)) yield { object, field, problem: "isn't in values.yaml" };
  },
};

/** Whether the chart has the value, or an object of any members, such as annotations, around it. */
function isKnown(values: JsonObject, path: string): boolean {
  const parts = path.split(".");
  if (at(values, path) !== undefined) return true;
  return parts.some((_, index) => {
    const around = index === 0 ? undefined : at(values, parts.slice(0, index).join("."));
    return isObject(around) && Object.keys(around).length === 0;
  });
}
