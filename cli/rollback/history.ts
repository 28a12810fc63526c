import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { PROJECT } from "../../components/names";
import { type KeptDeployment, keptDeployments } from "../../components/record/deployments";
import type { Pulumi } from "../session/pulumi";

/** How many updates to look back over. */
const PAGE_SIZE = 1000;

/** One update of a stack, as `pulumi stack history` knows it. */
interface HistoryEntry {
  kind: string;
  result: string;
  /** Like the end, as "2026-01-31T12:00:00.000Z". */
  startTime: string;
  endTime?: string;
  environment?: Record<string, string>;
  config?: Record<string, { value?: string; secret?: boolean; objectValue?: unknown }>;
  resourceChanges?: Record<string, number>;
}

/** One version of a stack, numbered from 1 for the first update. */
export interface Version {
  number: number;
  kind: string;
  result: string;
  /** When it ended. */
  time: Date;
  /** Commit that was checked out, with "+" where files had changed since. */
  commit: string;
  /** Keys of the configuration that differ from the version before; secrets: from the last one that is kept. */
  configChanged: string[];
  /** Whether it has secrets of which nobody can tell whether they differ: Pulumi's history hides their values. */
  secretsUntold: boolean;
  /** Whether anything changed in the cluster or the state. */
  changed: boolean;
  /** What a rollback to it would deploy; undefined where that isn't kept any more. */
  deployment: KeptDeployment | undefined;
}

/** A version that a rollback can deploy. */
export type KeptVersion = Version & { deployment: KeptDeployment };

/** The versions of a stack, oldest first. */
export async function versionsOf(pulumi: Pulumi): Promise<Version[]> {
  const entries = await pulumi.json<HistoryEntry[]>([
    ...["stack", "history", "--json", "--full-dates", "--page-size", String(PAGE_SIZE)],
  ]);
  return number(entries.reverse(), keptDeployments(pulumi.stack));
}

/** Numbers the entries, oldest first, and finds what each deployed. */
export function number(
  entries: readonly HistoryEntry[],
  kept: readonly KeptDeployment[],
): Version[] {
  const timeline = timelineOf(kept);
  let lastKept: KeptDeployment | undefined;
  return entries.map((entry, index): Version => {
    const time = new Date(entry.endTime ?? entry.startTime);
    const before = entries[index - 1];
    const changes = Object.entries(entry.resourceChanges ?? {});
    const succeeded = entry.result === "succeeded" && entry.kind === "update";
    const deployment = succeeded ? newestUpTo(timeline, time) : undefined;
    const secrets = changedSecrets(commonSecrets(before, entry), lastKept, deployment);
    lastKept = deployment ?? lastKept;
    return {
      number: index + 1,
      kind: entry.kind,
      result: entry.result,
      time,
      commit: commitOf(entry),
      configChanged: before ? changedKeys(before, entry, secrets ?? []) : [],
      secretsUntold: secrets === undefined,
      changed: changes.some(([kind, count]) => kind !== "same" && count > 0),
      deployment,
    };
  });
}

/** The update that the cluster shows now: the last one that succeeded. */
export function currentVersion(versions: readonly Version[]): Version | undefined {
  return versions.findLast(({ kind, result }) => kind === "update" && result === "succeeded");
}

/**
 * The version to go back to when none is named. After an update that succeeded: the last one whose
 * deployment differs from it. After one that failed: the one that still serves, so that state and
 * configuration agree with it again. After a destroy: the one that served last.
 */
export function previousVersion(versions: readonly Version[]): KeptVersion | undefined {
  const current = currentVersion(versions);
  const newest = versions.findLast(({ kind }) => kind === "update" || kind === "destroy");
  if (newest !== current) return current && isKept(current) ? current : undefined;
  return versions
    .filter(isKept)
    .findLast(({ deployment }) => deployment.folder !== current?.deployment?.folder);
}

/** Whether a rollback can deploy a version. */
export function isKept(version: Version): version is KeptVersion {
  return version.deployment !== undefined;
}

/** The stack's configuration as a deployment had it, secrets encrypted; undefined where it had no file. */
export function keptConfig({ configFile }: KeptDeployment): Record<string, unknown> | undefined {
  if (!existsSync(configFile)) return undefined;
  const { config } = (parse(readFileSync(configFile, "utf8")) ?? {}) as {
    config?: Record<string, unknown>;
  };
  return config ?? {};
}

interface Moment {
  deployment: KeptDeployment;
  /** In seconds since 1970. */
  time: number;
}

/** What was deployed when, earliest first; a deployment is there as often as it was returned to. */
function timelineOf(kept: readonly KeptDeployment[]): Moment[] {
  return kept
    .flatMap((deployment) => deployment.times.map((time): Moment => ({ deployment, time })))
    .sort((a, b) => a.time - b.time);
}

/** An update without changes deployed what the one before it did. */
function newestUpTo(timeline: readonly Moment[], end: Date): KeptDeployment | undefined {
  // Records have milliseconds; Pulumi's history may have whole seconds only.
  return timeline.findLast(({ time }) => time * 1000 < end.getTime() + 1000)?.deployment;
}

function commitOf({ environment = {} }: HistoryEntry): string {
  const head = environment["git.head"];
  if (!head) return "";
  return `${head.slice(0, 12)}${environment["git.dirty"] === "true" ? "+" : ""}`;
}

function changedKeys(
  { config: before = {} }: HistoryEntry,
  { config: now = {} }: HistoryEntry,
  secrets: readonly string[],
): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return keys
    .filter(
      (key) => secrets.includes(key) || JSON.stringify(before[key]) !== JSON.stringify(now[key]),
    )
    .map((key) => key.replace(`${PROJECT}:`, ""))
    .sort();
}

/** The keys of which nobody sees whether their values differ: secrets of both updates. */
function commonSecrets(before: HistoryEntry | undefined, now: HistoryEntry): string[] {
  if (now.kind !== "update") return []; // it deploys no configuration
  const { config = {} } = now;
  return Object.keys(config).filter((key) => config[key]?.secret && before?.config?.[key]?.secret);
}

/** Those of the secrets that were set anew, by their encrypted texts; undefined where a deployment isn't kept. */
function changedSecrets(
  keys: readonly string[],
  before: KeptDeployment | undefined,
  now: KeptDeployment | undefined,
): string[] | undefined {
  if (keys.length === 0 || (now && now === before)) return [];
  const [old, current] = [before && keptConfig(before), now && keptConfig(now)];
  if (!old || !current) return undefined;
  return keys.filter((key) => JSON.stringify(old[key]) !== JSON.stringify(current[key]));
}
