import type { Json } from "../../../components/runtime/json";
import type { Found, Rule } from "../../rule";
import { isSecretName, secretIn } from "../../secrets";
import { at, type Chart, leaves } from "../chart";

export const rule: Rule<Chart> = {
  id: "helm/no-secret-values",
  level: "mandatory",
  title: "Values files hold no secret.",
  reason: "they are in version control, in the chart's package, and in each of Helm's revisions",
  remedy: 'leave the default "", and take the value from --set or an existing Secret',
  source: ["SC-012", "FR-052"],
  *check({ values, overrides }) {
    yield* secretsOf("values.yaml", values);
    // Test shapes have to be complete, and are no environment's.
    for (const [object, own] of Object.entries(overrides))
      if (!object.startsWith("ci/")) yield* secretsOf(object, own);
  },
};

function* secretsOf(object: string, values: Json): Iterable<Found> {
  for (const field of leaves(values)) {
    const value = at(values, field);
    const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
    const kind = secretIn(text);
    const name = field.split(".").at(-1) ?? "";
    if (kind) yield { object, field, problem: `holds ${kind}` };
    else if (typeof value === "string" && value !== "" && isSecretName(name))
      yield { object, field, problem: "has a secret's name and a value" };
  }
}
