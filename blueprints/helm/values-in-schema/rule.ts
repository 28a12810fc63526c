import { isObject, type JsonObject } from "../../../components/runtime/json";
import type { Found, Rule } from "../../rule";
import { at, type Chart } from "../chart";

export const rule: Rule<Chart> = {
  id: "helm/values-in-schema",
  level: "mandatory",
  title: "The schema describes every value of values.yaml, and refuses any other name.",
  reason: "a mistyped name is accepted in silence, and the default stays in force",
  remedy: "describe the value in values.schema.json, with additionalProperties: false around it",
  source: ["Helm documentation: schema files", "Helm Blueprint: values organization"],
  *check({ values, schema }) {
    if (schema === undefined) return; // helm/chart-files says that it is missing
    yield* gaps(values, schema, schema, []);
  },
};

function* gaps(
  values: JsonObject,
  schema: JsonObject,
  root: JsonObject,
  path: readonly string[],
): Iterable<Found> {
  const { properties, additionalProperties } = resolved(schema, root);
  if (!isObject(properties)) return; // an object of any members
  const object = "values.schema.json";
  if (additionalProperties !== false)
    yield {
      object,
      field: [...path, "additionalProperties"].join("."),
      problem: "isn't false",
    };
  for (const [name, value] of Object.entries(values)) {
    const inner = properties[name];
    const field = [...path, name].join(".");
    if (!isObject(inner)) yield { object, field, problem: "isn't described" };
    else if (isObject(value)) yield* gaps(value, inner, root, [...path, name]);
  }
  // Helm itself hands `global` to every chart.
}

/** A schema with what it refers to in the same file. */
function resolved(schema: JsonObject, root: JsonObject): JsonObject {
  const { $ref: ref } = schema;
  if (typeof ref !== "string" || !ref.startsWith("#/")) return schema;
  const target = at(root, ref.slice(2).replaceAll("/", "."));
  return isObject(target) ? { ...resolved(target, root), ...schema } : schema;
}
