import { parseAllDocuments } from "yaml";
import { messageOf } from "../../common/errors";
import { CHANGEABLE_KINDS } from "./kinds";
import type { Scope } from "./verdict";

/**
 * Fields by which a pod gets at secrets, at its node, or at another identity, or runs other commands than
 * its image's: where those run, the application's secrets are in the environment.
 */
const REACHING_FIELDS: ReadonlySet<string> = new Set([
  "secretKeyRef",
  "secretRef",
  "secretName",
  "secret",
  "serviceAccountToken",
  "serviceAccountName",
  "serviceAccount",
  "projected",
  "csi",
  "hostPath",
  "hostNetwork",
  "hostPID",
  "hostIPC",
  "privileged",
  "allowPrivilegeEscalation",
  "capabilities",
  "ephemeralContainers",
  "nodeName",
  "command",
  "args",
  "exec",
  "lifecycle",
]);

/** Why the manifests in a YAML text may not be applied; empty where they may. */
export function manifestProblems(text: string, scope: Scope): string[] {
  const documents = parseAllDocuments(text);
  const problems: string[] = [];
  let objects = 0;
  for (const document of documents) {
    const [error] = document.errors;
    if (error) return [`the manifest can't be read: ${error.message.split("\n")[0]}`];
    const value: unknown = document.toJS();
    if (value === null) continue;
    objects += 1;
    problems.push(...objectProblems(value, scope));
  }
  return objects === 0 ? ["the manifest is empty"] : [...new Set(problems)];
}

/** Why a patch (JSON or YAML) may not be applied; empty where it may. */
export function patchProblems(text: string): string[] {
  try {
    const [document, ...more] = parseAllDocuments(text);
    if (!document || more.length > 0 || document.errors.length > 0)
      return ["the patch can't be read"];
    return [...new Set(reachingFields(document.toJS()))];
  } catch (error) {
    return [`the patch can't be read: ${messageOf(error)}`];
  }
}

function objectProblems(value: unknown, scope: Scope): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return ["the manifest is no object"];
  const { kind, metadata } = value as { kind?: unknown; metadata?: { namespace?: unknown } };
  if (typeof kind !== "string") return ["the manifest has no kind"];
  const problems = reachingFields(value);
  if (!CHANGEABLE_KINDS.has(kind.toLowerCase()))
    problems.push(`makes a ${kind}, which only the Pulumi program may`);
  const namespace = metadata?.namespace;
  if (namespace !== undefined && namespace !== scope.namespace)
    problems.push(`leaves the namespace for ${String(namespace)}`);
  return problems;
}

/** Fields anywhere in a value that reach further than a suggestion may; JSON patches name them in paths. */
function reachingFields(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(reachingFields);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const pointed =
      (key === "path" || key === "from") && typeof item === "string" ? item.split("/") : [];
    const found = [key, ...pointed].filter((name) => REACHING_FIELDS.has(name));
    // Tightening these two is harmless.
    const harmless = item === false || key === "capabilities";
    const problems = harmless ? [] : found.map((name) => `sets ${name}`);
    if (key === "capabilities" && JSON.stringify(item).includes('"add"'))
      problems.push("sets capabilities");
    return [...problems, ...reachingFields(item)];
  });
}
