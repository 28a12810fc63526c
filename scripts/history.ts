import { type KeptDeployment, keptDeployments } from "../components/deployments";
import type { Pulumi } from "./pulumi";

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
  /** Keys of the configuration that differ from the version before. */
  configChanged: string[];
  /** Whether anything changed in the cluster or the state. */
  changed: boolean;
  /** What a rollback to it would deploy; undefined where that isn't kept any more. */
  deployment: KeptDeployment | undefined;
}

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
  return entries.map((entry, index): Version => {
    const time = new Date(entry.endTime ?? entry.startTime);
    const before = entries[index - 1];
    const changes = Object.entries(entry.resourceChanges ?? {});
    const succeeded = entry.result === "succeeded" && entry.kind === "update";
    return {
      number: index + 1,
      kind: entry.kind,
      result: entry.result,
      time,
      commit: commitOf(entry),
      configChanged: before ? changedKeys(before.config ?? {}, entry.config ?? {}) : [],
      changed: changes.some(([kind, count]) => kind !== "same" && count > 0),
      deployment: succeeded ? newestUpTo(kept, time) : undefined,
    };
  });
}

/** The update that the cluster shows now: the last one that succeeded. */
export function currentVersion(versions: readonly Version[]): Version | undefined {
  return versions.findLast(({ kind, result }) => kind === "update" && result === "succeeded");
}

/**
 * The version to go back to when none is named: the last successful one whose deployment differs
 * from the current one.
 */
export function previousVersion(versions: readonly Version[]): Version | undefined {
  const current = currentVersion(versions)?.deployment;
  return versions.findLast(
    ({ deployment }) => deployment !== undefined && deployment.folder !== current?.folder,
  );
}

/** An update without changes deployed what the one before it did. */
function newestUpTo(kept: readonly KeptDeployment[], time: Date): KeptDeployment | undefined {
  // Records have milliseconds; Pulumi's history may have whole seconds only.
  return kept.findLast((deployment) => deployment.time * 1000 < time.getTime() + 1000);
}

function commitOf({ environment = {} }: HistoryEntry): string {
  const head = environment["git.head"];
  if (!head) return "";
  return `${head.slice(0, 12)}${environment["git.dirty"] === "true" ? "+" : ""}`;
}

function changedKeys(
  before: NonNullable<HistoryEntry["config"]>,
  now: NonNullable<HistoryEntry["config"]>,
): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return keys
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]))
    .map((key) => key.replace(/^todo-app:/, ""))
    .sort();
}
