import type { Found, Rule } from "../../rule";
import { isSecretName, secretIn } from "../../secrets";
import { idOf, type Objects } from "../objects";

export const rule: Rule<Objects> = {
  id: "kubernetes/no-secret-literals",
  level: "mandatory",
  title: "No secret stands in clear in a pod, a ConfigMap or an annotation.",
  reason: "everyone who may look at pods reads it, and Helm keeps it in every revision",
  remedy: "put it into a Secret, and refer to it by valueFrom.secretKeyRef",
  source: ["FR-023", "SC-012", "CIS Kubernetes 5.4.1", "kube-linter env-var-secret"],
  *check(objects) {
    for (const { container, object, path } of objects.containers) {
      for (const { name = "", value } of container.env ?? [])
        yield* named(object, `${path}.env[${name}].value`, name, value);
      for (const field of ["command", "args"] as const)
        for (const text of container[field] ?? []) {
          const kind = secretIn(String(text));
          if (kind) yield { object, field: `${path}.${field}`, problem: `holds ${kind}` };
        }
    }
    for (const config of objects.of("ConfigMap"))
      for (const [name, value] of Object.entries(config.data ?? {}))
        yield* named(idOf(config), `data.${name}`, name, value);
    for (const each of objects.all)
      for (const [name, value] of Object.entries(each.metadata?.annotations ?? {})) {
        const kind = secretIn(String(value));
        if (kind)
          yield {
            object: idOf(each),
            field: `metadata.annotations.${name}`,
            problem: `holds ${kind}`,
          };
      }
  },
};

function* named(
  object: string,
  field: string,
  name: string,
  value: string | undefined,
): Iterable<Found> {
  if (value === undefined || value === "") return;
  const kind = secretIn(String(value));
  if (kind) yield { object, field, problem: `holds ${kind}` };
  else if (isSecretName(name)) yield { object, field, problem: "has a secret's name and a value" };
}
