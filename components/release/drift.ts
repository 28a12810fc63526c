import { isObject, type Json, type JsonObject } from "../runtime/json";

/** One place where a live object is not as it was deployed. */
export interface Drift {
  /** Keys and indexes that lead there, from "Kind/name" on. */
  path: string[];
  kind: "added" | "removed" | "changed";
}

/** Fields that are the release's alone, so that whatever else stands in them was put there by somebody. */
const WHOLE = new Set(["data", "spec.template.spec"]);

/**
 * What `live` has of the fields that `wanted` names, of added elements of lists, and all of the fields
 * that are the release's alone. Elsewhere controllers write too, and `kubectl rollout restart`.
 */
export function project(live: Json | undefined, wanted: Json, path: string[] = []): Json {
  if (live === undefined) return null;
  if (WHOLE.has(path.join("."))) return live;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live)) return live;
    return live.map((item, index) => {
      const want = wanted[index];
      return want === undefined ? item : project(item, want, [...path, String(index)]);
    });
  }
  if (!isObject(wanted) || !isObject(live)) return live;
  return Object.fromEntries(
    Object.entries(wanted).map(([key, want]) => [key, project(live[key], want, [...path, key])]),
  );
}

/** Where two projections differ. */
export function deviations(before: Json, now: Json, path: string[] = []): Drift[] {
  if (Array.isArray(before) && Array.isArray(now)) {
    const length = Math.max(before.length, now.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      memberDeviations(before[index], now[index], [...path, String(index)]),
    );
  }
  if (isObject(before) && isObject(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return keys.flatMap((key) => memberDeviations(before[key], now[key], [...path, key]));
  }
  return before === now ? [] : [{ path, kind: "changed" }];
}

function memberDeviations(
  before: Json | undefined,
  now: Json | undefined,
  path: string[],
): Drift[] {
  if (before === undefined) return now === undefined ? [] : [{ path, kind: "added" }];
  if (now === undefined) return [{ path, kind: "removed" }];
  return deviations(before, now, path);
}

/** A copy of `wanted` that shows what `live` has wherever the two have drifted apart. */
export function withDeviations(wanted: Json, live: Json, drift: readonly Drift[]): Json {
  const copy = structuredClone(wanted);
  for (const { path } of drift) put(copy, path, valueAt(live, path));
  return copy;
}

/** A merge patch that brings an object back to what is wanted; a list in it stands for the whole list. */
export function mergePatch(wanted: JsonObject, drift: readonly Drift[]): JsonObject {
  const patch = structuredClone(wanted);
  for (const { path } of drift) {
    const inList = path.some((_, depth) => Array.isArray(valueAt(wanted, path.slice(0, depth))));
    if (!inList && valueAt(wanted, path) === undefined) put(patch, path, null);
  }
  return patch;
}

/** What an object has at a path; undefined where it has nothing there. */
export function valueAt(object: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isObject(value) ? value[key] : undefined;
  }, object);
}

/** Sets a value, with the objects that lead there, or takes one away. */
function put(object: Json, path: readonly string[], value: Json | undefined): void {
  const last = path[path.length - 1] ?? "";
  let parent = object;
  for (const key of path.slice(0, -1)) {
    let next = valueAt(parent, [key]);
    if (next === undefined && isObject(parent)) {
      next = {};
      parent[key] = next;
    }
    if (next === undefined) return;
    parent = next;
  }
  if (Array.isArray(parent)) {
    if (value === undefined) parent.splice(Number(last), 1);
    else parent[Number(last)] = value;
  } else if (isObject(parent)) {
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
}
