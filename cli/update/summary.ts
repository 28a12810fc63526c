import { isDeepStrictEqual } from "node:util";
import { TYPES } from "../../components/names";
import { isObject, type Json, type JsonObject } from "../../components/runtime/json";

const MAX_FIELDS = 30;
const MAX_VALUE = 60;
/** Fields of which a change starts the pods of a Deployment again. */
const POD_TEMPLATE = ["spec", "template"];

/** One step of `pulumi preview --json`. */
export interface PreviewChange {
  op: string;
  urn: string;
  oldState?: { type: string; inputs?: JsonObject; outputs?: JsonObject };
  newState?: { type: string; inputs?: JsonObject };
  /** What the provider says of each field, by its path; null where it says nothing. */
  detailedDiff?: Record<string, { kind: string }> | null;
}

/** A preview on one screen. */
export interface Summary {
  lines: string[];
  changes: boolean;
}

/** Tells what a preview would change: images, objects to the field, what restarts, and the rest. */
export function summarize(steps: readonly PreviewChange[]): Summary {
  const changes = steps.filter(
    (step) => !["same", "read", "refresh"].includes(step.op) && !isSameImage(step),
  );
  if (changes.length === 0) return { lines: ["no changes"], changes: false };
  const objects = changes.filter((step) => typeOf(step).endsWith(":DeployedObjects"));
  const images = changes.filter((step) => /^(docker|pulumi-nodejs):.*Image$/.test(typeOf(step)));
  const rest = changes.filter(
    (step) => !objects.includes(step) && !images.includes(step) && isOwn(typeOf(step)),
  );
  const fields = objects.flatMap(objectChanges);
  const lines = [
    ...section("images", images.map(imageLine)),
    ...section("objects", cut(fields.map(({ line }) => line))),
    ...section("restarts", [
      ...new Set(fields.filter(({ restarts }) => restarts).map(({ object }) => object)),
    ]),
    ...section("other", rest.map(otherLine)),
  ];
  const noun = changes.length === 1 ? "change" : "changes";
  return {
    lines: lines.length > 0 ? lines : [`${changes.length} ${noun} outside the cluster`],
    changes: true,
  };
}

/**
 * Whether an image keeps its name, which tells its content: the docker plugin's digest of the build
 * context counts file modes too, and so differs between checkouts with another umask.
 */
function isSameImage(step: PreviewChange): boolean {
  const { op, oldState, newState } = step;
  const name = newState?.inputs?.imageName;
  return (
    op === "update" &&
    typeOf(step) === "docker:index/image:Image" &&
    name !== undefined &&
    name === oldState?.inputs?.imageName
  );
}

interface FieldChange {
  object: string;
  line: string;
  restarts: boolean;
}

function objectChanges({ op, oldState, newState }: PreviewChange): FieldChange[] {
  const before = objectsOf(op === "create" ? undefined : (oldState?.outputs ?? oldState?.inputs));
  const after = objectsOf(newState?.inputs);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changes = keys.flatMap((key): FieldChange[] => {
    const [old, now] = [before[key], after[key]];
    if (old === undefined) return [{ object: key, line: `+ ${key}`, restarts: false }];
    if (now === undefined) return [{ object: key, line: `- ${key}`, restarts: false }];
    return fieldChanges(key, old, now, []);
  });
  if (changes.length > 0 || op === "create" || op === "delete") return changes;
  // The inputs are equal: the cluster itself is not as it was left.
  return [
    {
      object: "",
      line: "~ objects were changed in the cluster (--refresh names them)",
      restarts: false,
    },
  ];
}

function fieldChanges(
  object: string,
  before: Json | undefined,
  now: Json | undefined,
  path: string[],
): FieldChange[] {
  if (isDeepStrictEqual(before, now)) return [];
  const [old, next] = [members(before), members(now)];
  if (old && next && Array.isArray(before) === Array.isArray(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])];
    return keys.flatMap((key) => fieldChanges(object, old[key], next[key], [...path, key]));
  }
  const mark = before === undefined ? "+" : now === undefined ? "-" : "~";
  const values = [before, now].filter((value) => value !== undefined).map(show);
  const restarts =
    object.startsWith("Deployment/") && POD_TEMPLATE.every((part, i) => path[i] === part);
  return [
    { object, line: `${mark} ${object}  ${path.join(".")}: ${values.join(" => ")}`, restarts },
  ];
}

function members(value: Json | undefined): JsonObject | undefined {
  if (Array.isArray(value))
    return Object.fromEntries(value.map((item, index) => [String(index), item]));
  return isObject(value) ? value : undefined;
}

function imageLine({ op, oldState, newState }: PreviewChange): string {
  const name = (state: PreviewChange["newState"]): string =>
    String(state?.inputs?.image ?? state?.inputs?.imageName ?? "");
  const built = (newState ?? oldState)?.type.startsWith("docker:") ? "build" : "deliver";
  const [before, after] = [name(oldState), name(newState)];
  if (op === "delete") return `- ${before}`;
  if (op === "create" || before === "") return `+ ${built} ${after}`;
  return before === after ? `~ ${built} ${after} again` : `~ ${built} ${before} => ${after}`;
}

function otherLine(step: PreviewChange): string {
  const type = typeOf(step).split(/[:/]/).pop();
  const name = step.urn.split("::").pop();
  const secret = type === "Secret" ? secretKeys(step) : "";
  const mark = step.op === "create" ? "+" : step.op === "delete" ? "-" : "~";
  return `${mark} ${type} ${name}${secret}`;
}

/** Which keys of a Secret are added, changed and removed; their values never appear. */
function secretKeys({ detailedDiff }: PreviewChange): string {
  const marks: Record<string, string> = { add: "+", delete: "-" };
  const keys = Object.entries(detailedDiff ?? {}).flatMap(([path, { kind }]) => {
    const key = /^(?:stringData|data)\.(.+)$/.exec(path)?.[1];
    return key === undefined ? [] : [`${marks[kind] ?? "~"} ${key}`];
  });
  return keys.length === 0 ? "" : ` (values masked): ${keys.join(", ")}`;
}

function objectsOf(state: JsonObject | undefined): Record<string, Json> {
  return isObject(state?.objects) ? state.objects : {};
}

function typeOf({ oldState, newState }: PreviewChange): string {
  return (newState ?? oldState)?.type ?? "";
}

/** Whether a change of this type says something that the sections above don't. */
function isOwn(type: string): boolean {
  const records = [TYPES.attempts, TYPES.deployments] as readonly string[];
  return (
    !type.endsWith(":Release") &&
    !type.startsWith("todo-app:") &&
    !type.startsWith("pulumi:") &&
    !records.includes(type)
  );
}

/** Lines under a title; nothing where there are none. */
export function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function cut(lines: string[]): string[] {
  if (lines.length <= MAX_FIELDS) return lines;
  return [...lines.slice(0, MAX_FIELDS), `… ${lines.length - MAX_FIELDS} more (--diff shows all)`];
}

function show(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
