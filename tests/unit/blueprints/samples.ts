import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { type KubernetesObject, Objects } from "../../../blueprints/kubernetes/objects";
import { check, type Rule } from "../../../blueprints/rule";

export const blueprints = resolve(__dirname, "../../../blueprints");

/** The ids of the rules that have a folder. */
export function folders(blueprint: string): string[] {
  return readdirSync(join(blueprints, blueprint), { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && existsSync(join(entry.parentPath, entry.name, "rule.ts")),
    )
    .map(({ name }) => `${blueprint}/${name}`)
    .sort();
}

/** What a sample says that it breaks: its lines "# finds: <object> <field>", in order. */
export function expected(text: string): string[] {
  return [...text.matchAll(/^\s*# finds: (.+)$/gm)].map(([, found = ""]) => found).sort();
}

/** What a rule finds, as samples say it, in order. */
export function found<Input>(rule: Rule<Input>, input: Input): string[] {
  return check([rule], input)
    .map(({ object, field }) => `${object} ${field}`)
    .sort();
}

/** A file of a rule's folder. */
export function sample(rule: { id: string }, file: string): string {
  return readFileSync(join(blueprints, rule.id, file), "utf8");
}

/** The objects of a sample. */
export function objectsIn(text: string): Objects {
  return new Objects(parseAllDocuments(text).map((each) => each.toJS() as KubernetesObject));
}
