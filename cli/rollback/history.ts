import { TYPES } from "../../components/names";
import type { AttemptsState } from "../../components/record/attempts";
import type { KeptDeployment } from "../../components/record/deployment";
import type { DeploymentsState } from "../../components/record/deployments";
import type { Pulumi, State } from "../session/pulumi";

/** One version of a stack: an update that had something new to deploy, numbered from 1. */
export interface Version {
  number: number;
  /** Whether it has served; else it failed, or is under way. */
  result: "succeeded" | "failed";
  /** When it began, by the clock of the machine that made it. */
  time: Date;
  /** User and machine that made it; empty where that isn't known. */
  by: string;
  /** Commit that was checked out, with "+" where files had changed since. */
  commit: string;
  tags: { backend: string; frontend: string };
  /** Keys of the configuration that differ from the version before. */
  configChanged: string[];
  /** What a rollback to it would deploy; undefined where that isn't kept any more, or never served. */
  deployment: KeptDeployment | undefined;
}

/** A version that a rollback can deploy. */
export type KeptVersion = Version & { deployment: KeptDeployment };

/** What a stack's state records of its deployments. */
export interface Recorded {
  /** The versions, oldest first. */
  versions: Version[];
  /** The kept deployments, the one that was deployed last at the end. */
  deployments: KeptDeployment[];
  /** Packed charts by their hashes. */
  charts: Readonly<Record<string, string>>;
  /** Whether dev pods are in the place of what was deployed last. */
  isDeveloped: boolean;
}

/** What is recorded of a stack, from whatever backend its state is in. */
export async function recordedBy(pulumi: Pulumi): Promise<Recorded> {
  return recordedIn((await pulumi.state()) ?? {});
}

/** What a state records; nothing where it was written before there were records. */
export function recordedIn({ resources = [] }: State): Recorded {
  const outputsOf = <T>(type: string): Partial<T> =>
    (resources.find((resource) => resource.type === type)?.outputs ?? {}) as Partial<T>;
  const { rows = [] } = outputsOf<AttemptsState>(TYPES.attempts);
  const {
    deployments = [],
    served = [],
    charts = {},
  } = outputsOf<DeploymentsState>(TYPES.deployments);
  const versions = rows.map((row): Version => {
    const hasServed = served.includes(row.number);
    const deployment = deployments.find(({ identity }) => identity === row.identity);
    return {
      ...{ number: row.number, result: hasServed ? "succeeded" : "failed" },
      ...{ time: new Date(row.time), by: row.by, commit: row.commit, tags: row.tags },
      configChanged: row.configChanged,
      deployment: hasServed ? deployment : undefined,
    };
  });
  const { backendImage, frontendImage } = outputsOf<Record<string, string>>(TYPES.stack);
  const isDeveloped = [backendImage, frontendImage].some((image) => image?.includes("-dev:"));
  return { versions, deployments, charts, isDeveloped };
}

/** The version that the cluster shows now: the last one that succeeded. */
export function currentVersion(versions: readonly Version[]): Version | undefined {
  return versions.findLast(({ result }) => result === "succeeded");
}

/**
 * The version to go back to when none is named. After one that succeeded: the last one whose deployment differs
 * from it. After one that failed: the one that still serves, so that state and configuration agree with it again.
 * Where dev pods are in its place: the one that served before them.
 */
export function previousVersion({
  versions,
  isDeveloped,
}: Pick<Recorded, "versions" | "isDeveloped">): KeptVersion | undefined {
  const current = currentVersion(versions);
  if (isDeveloped || versions.at(-1) !== current)
    return current && isKept(current) ? current : undefined;
  return versions
    .filter(isKept)
    .findLast(({ deployment }) => deployment.identity !== current?.deployment?.identity);
}

/** Whether a rollback can deploy a version. */
export function isKept(version: Version): version is KeptVersion {
  return version.deployment !== undefined;
}
