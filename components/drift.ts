import { isObject, type Json } from "./json";

/** One place where a live object is not as it was deployed. */
export interface Drift {
  /** Keys and indexes that lead there, from "Kind/name" on. */
  path: string[];
  kind: "added" | "removed" | "changed";
}

/** What `live` has of the fields that `wanted` names; elements that were added to a list are kept. */
export function project(live: Json | undefined, wanted: Json): Json {
  if (live === undefined) return null;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live)) return live;
    return live.map((item, index) => {
      const want = wanted[index];
      return want === undefined ? item : project(item, want);
    });
  }
  if (!isObject(wanted) || !isObject(live)) return live;
  return Object.fromEntries(
    Object.entries(wanted).map(([key, want]) => [key, project(live[key], want)]),
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
  for (const { path } of drift) {
    const parents = path.slice(0, -1);
    const last = path[path.length - 1] ?? "";
    const target = parents.reduce<Json | undefined>(member, copy);
    const value = member(parents.reduce<Json | undefined>(member, live), last);
    if (Array.isArray(target)) {
      if (value === undefined) target.splice(Number(last), 1);
      else target[Number(last)] = value;
    } else if (isObject(target)) {
      if (value === undefined) delete target[last];
      else target[last] = value;
    }
  }
  return copy;
}

function member(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return value[Number(key)];
  return isObject(value) ? value[key] : undefined;
}
