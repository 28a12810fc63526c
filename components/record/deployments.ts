import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { folderHash } from "../images/build-context";
import type { JsonObject } from "../runtime/json";
import { STATE_FOLDER, stackFolder } from "./state-folder";

/** Folder of the chart, relative to the project. */
export const CHART = "helm/todo-app";

/** Variable that names the folder of the deployment to return to; `npm run rollback` sets it. */
export const RESTORE_VARIABLE = "TODO_APP_RESTORE";

const RECORD = "deployment.json";
const PARTIAL = ".partial";

/** What a successful update deployed, as far as a rollback needs it. None of it is confidential. */
export interface Deployment {
  /** Version of the application. */
  version: string;
  /** The chart's values but for the chart's hash and the Secret. */
  values: JsonObject;
  /** Tags of the images. */
  tags: { backend: string; frontend: string };
}

/** A deployment on disk. */
export interface KeptDeployment extends Deployment {
  /** Folder of the record. */
  folder: string;
  /** Folder of the chart as it was. */
  chart: string;
  /** The stack's configuration file as it was; secrets in it are encrypted. */
  configFile: string;
  /** Hash of the chart's files. */
  chartHash: string;
  /** When it was deployed, as often as it was, in seconds since 1970, earliest first. */
  times: number[];
}

/** The deployment to return to; undefined in an ordinary update. */
export function restoredDeployment(
  env: NodeJS.ProcessEnv = process.env,
): KeptDeployment | undefined {
  const folder = env[RESTORE_VARIABLE];
  if (!folder) return undefined;
  const kept = readDeployment(folder);
  // The same chart in another folder would be a change, there and back again.
  const isCurrent = existsSync(CHART) && kept.chartHash === folderHash(CHART);
  return isCurrent ? { ...kept, chart: CHART } : kept;
}

/** The kept deployments of a stack, the last one that was deployed last. */
export function keptDeployments(stack: string): KeptDeployment[] {
  const folder = join(stackFolder(stack), "deployments");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.endsWith(PARTIAL) && existsSync(join(folder, name, RECORD)))
    .map((name) => readDeployment(join(folder, name)))
    .sort((a, b) => lastTime(a) - lastTime(b));
}

/**
 * Keeps what was deployed. What is kept already, as after a rollback, moves to the end, and pushes nothing out.
 * @param keep number of other deployments to keep beside it
 */
export function keepDeployment(
  stack: string,
  deployment: Deployment & { chart: string; configFile: string },
  keep: number,
): void {
  const { chart } = deployment;
  const time = Date.now() / 1000;
  const now = { ...deployment, folder: "", chartHash: folderHash(chart), times: [time] };
  const before = keptDeployments(stack);
  const same = before.findLast((kept) => isSame(kept, now));
  if (same) {
    if (same !== before.at(-1)) writeRecord(same.folder, { ...same, times: [...same.times, time] });
    return;
  }
  write(stack, now);
  const surplus = Math.max(0, before.length - keep);
  drop(before.slice(0, surplus), before.slice(surplus));
}

/** The images of a deployment, as "repository:tag". */
export function imagesOf({ tags }: Deployment): string[] {
  return Object.entries(tags).map(([name, tag]) => `todo-${name}:${tag}`);
}

function write(stack: string, deployment: KeptDeployment): void {
  const folder = join(stackFolder(stack), "deployments", lastTime(deployment).toFixed(3));
  const partial = `${folder}${PARTIAL}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  cpSync(deployment.chart, join(partial, "chart"), { recursive: true });
  if (existsSync(deployment.configFile))
    cpSync(deployment.configFile, join(partial, "config.yaml"));
  writeRecord(partial, deployment);
  renameSync(partial, folder); // a record is there as a whole or not at all
}

function writeRecord(folder: string, deployment: KeptDeployment): void {
  const { version, values, tags, chartHash, times } = deployment;
  const file = join(folder, RECORD);
  writeFileSync(
    `${file}${PARTIAL}`,
    JSON.stringify({ version, values, tags, chartHash, times }, null, 2),
  );
  renameSync(`${file}${PARTIAL}`, file);
}

/** Forgets deployments, and with them all that was before: else it would look as if others had been deployed then. */
function drop(dropped: readonly KeptDeployment[], kept: readonly KeptDeployment[]): void {
  const until = Math.max(...dropped.map(lastTime));
  for (const deployment of kept) {
    const times = deployment.times.filter((time) => time > until);
    if (times.length < deployment.times.length)
      writeRecord(deployment.folder, { ...deployment, times });
  }
  for (const { folder } of dropped) rmSync(folder, { recursive: true, force: true });
}

function readDeployment(folder: string): KeptDeployment {
  const { time, ...record } = JSON.parse(readFileSync(join(folder, RECORD), "utf8")) as Omit<
    KeptDeployment,
    "folder" | "chart" | "configFile"
  > & { time?: number };
  return {
    ...record,
    times: record.times ?? [time ?? 0], // earlier records have the first time only
    folder,
    chart: join(folder, "chart"),
    configFile: join(folder, "config.yaml"),
  };
}

function lastTime({ times }: KeptDeployment): number {
  return times.at(-1) ?? 0;
}

function isSame(a: KeptDeployment, b: KeptDeployment): boolean {
  const content = ({ version, values, tags, chartHash }: KeptDeployment): string =>
    JSON.stringify([version, values, tags, chartHash]);
  const config = ({ configFile }: KeptDeployment): string =>
    existsSync(configFile) ? readFileSync(configFile, "utf8") : "";
  return content(a) === content(b) && config(a) === config(b);
}

/** The stacks of this clone that have a folder. */
export function knownStacks(): string[] {
  const folder = join(STATE_FOLDER, "stacks");
  return existsSync(folder) ? readdirSync(folder) : [];
}
