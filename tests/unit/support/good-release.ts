import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../../../blueprints/kubernetes/objects";

/** Objects that break no rule, fresh each time: tests break them. */
export function goodRelease(): KubernetesObject[] {
  const text = readFileSync(join(__dirname, "good-release.yaml"), "utf8");
  return parseAllDocuments(text).map((each) => each.toJS() as KubernetesObject);
}
