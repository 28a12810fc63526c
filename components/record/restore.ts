/** The way of a kept deployment into the program: `npm run rollback` writes it down, and names its folder. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderHash } from "../images/build-context";
import { unpackChart } from "./chart-archive";
import { CHART, type KeptDeployment } from "./deployment";
import { STATE_FOLDER } from "./state-folder";

/** Variable that names the folder of the deployment to return to. */
export const RESTORE_VARIABLE = "TODO_APP_RESTORE";

const RECORD = "deployment.json";

/** A deployment to return to, and where its chart is. */
export interface RestoredDeployment extends KeptDeployment {
  chart: string;
}

/**
 * Writes a deployment down, for as long as the update takes.
 * @returns its folder, relative to the project: the same in every clone, as it gets into the state
 */
export function writeRestored(deployment: KeptDeployment, chart: string): string {
  const folder = join(STATE_FOLDER, "restored", deployment.identity);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  unpackChart(chart, join(folder, "chart"));
  writeFileSync(join(folder, RECORD), JSON.stringify(deployment));
  return folder;
}

/** The deployment to return to; undefined in an ordinary update. */
export function restoredDeployment(
  env: NodeJS.ProcessEnv = process.env,
): RestoredDeployment | undefined {
  const folder = env[RESTORE_VARIABLE];
  if (!folder) return undefined;
  const kept = JSON.parse(readFileSync(join(folder, RECORD), "utf8")) as KeptDeployment;
  // The same chart in another folder would be a change, there and back again.
  const isCurrent = existsSync(CHART) && kept.chartHash === folderHash(CHART);
  return { ...kept, chart: isCurrent ? CHART : join(folder, "chart") };
}
