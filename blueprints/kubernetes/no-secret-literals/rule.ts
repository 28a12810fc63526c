import type { Found, Rule } from "../../rule";
import { isSecretName, secretGivenIn, secretIn } from "../../secrets";
import { type Container, type Handler, idOf, type Metadata, type Objects } from "../objects";

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
        yield* inWords(object, `${path}.${field}`, container[field]);
      for (const [name, handler] of handlersOf(container)) {
        yield* inWords(object, `${path}.${name}.exec.command`, handler.exec?.command);
        for (const { name: header = "", value } of handler.httpGet?.httpHeaders ?? [])
          yield* named(
            object,
            `${path}.${name}.httpGet.httpHeaders[${header}]`,
            /^(proxy-)?authorization$|^cookie$/i.test(header) ? "TOKEN" : header,
            value,
          );
      }
    }
    for (const config of objects.of("ConfigMap")) {
      for (const [name, value] of Object.entries(config.data ?? {}))
        yield* named(idOf(config), `data.${name}`, name, value);
      for (const [name, value] of Object.entries(config.binaryData ?? {}))
        yield* named(idOf(config), `binaryData.${name}`, name, decoded(value));
    }
    for (const each of objects.all) yield* annotated(idOf(each), "metadata", each.metadata);
    for (const { owner, object, path, metadata } of objects.pods)
      if (owner.kind !== "Pod")
        yield* annotated(object, path.replace(/spec$/, "metadata"), metadata);
  },
};

function* annotated(object: string, path: string, metadata?: Metadata): Iterable<Found> {
  for (const [name, value] of Object.entries(metadata?.annotations ?? {})) {
    const kind = secretIn(String(value));
    if (kind) yield { object, field: `${path}.annotations.${name}`, problem: `holds ${kind}` };
  }
}

/** What a container does at a moment of its life, each with its place. */
function handlersOf({ lifecycle, ...container }: Container): [string, Handler][] {
  const handlers: [string, Handler | undefined][] = [
    ["startupProbe", container.startupProbe],
    ["livenessProbe", container.livenessProbe],
    ["readinessProbe", container.readinessProbe],
    ["lifecycle.preStop", lifecycle?.preStop],
    ["lifecycle.postStart", lifecycle?.postStart],
  ];
  return handlers.flatMap(([name, handler]) => (handler ? [[name, handler]] : []));
}

/** A secret in a command, by its own look or by the name that it is given there. */
function* inWords(object: string, field: string, words: readonly string[] = []): Iterable<Found> {
  for (const [index, word] of words.map(String).entries()) {
    const kind = secretIn(word);
    const next = String(words[index + 1] ?? "");
    const isNamed = /^--?[a-z][\w-]*$/i.test(word) && isSecretName(word) && /^[^-$]/.test(next);
    const name = isNamed ? word : secretGivenIn(word);
    if (kind) yield { object, field, problem: `holds ${kind}` };
    else if (name) yield { object, field, problem: `gives ${name} a value` };
  }
}

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

function decoded(base64: string): string {
  return Buffer.from(String(base64), "base64").toString("latin1");
}
