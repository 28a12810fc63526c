import { isObject } from "../../../components/runtime/json";
import type { Rule } from "../../rule";
import type { Chart } from "../chart";

/** Names that every chart may have at the top, by Helm's own conventions. */
const USUAL = ["nameOverride", "fullnameOverride"];

export const rule: Rule<Chart> = {
  id: "helm/values-grouped",
  level: "advisory",
  title:
    "Values are grouped by what they belong to, such as global, backend, frontend and database.",
  reason: "in a flat file nobody sees which service a port or a tag belongs to",
  remedy: "move the value into the group of its service",
  source: ["FR-039", "Helm Blueprint: values organization"],
  *check({ values }) {
    for (const [name, value] of Object.entries(values))
      if (!isObject(value) && !USUAL.includes(name))
        yield { object: "values.yaml", field: name, problem: "belongs to no group" };
  },
};
