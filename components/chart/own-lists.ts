import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { JsonObject } from "../runtime/json";

/**
 * Values whose lists begin with what the chart's own values.yaml has there: Helm merges objects, but a list that is
 * given takes the place of the chart's, and a variable that somebody has written there would be gone.
 * @param chart folder of the chart
 * @param component the part of values.yaml that these values are for
 */
export function besideOwnLists(chart: string, component: string, values: JsonObject): JsonObject {
  const lists = Object.entries(values).filter(([, value]) => Array.isArray(value));
  if (lists.length === 0) return values;
  const file = parse(readFileSync(join(chart, "values.yaml"), "utf8")) as JsonObject;
  const own = (file[component] ?? {}) as JsonObject;
  const whole = lists.map(([key, list]) => [key, [own[key] ?? [], list].flat()]);
  return { ...values, ...(Object.fromEntries(whole) as JsonObject) };
}
