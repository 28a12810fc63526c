/** The parts that need no deployed stack. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../cli/session/workspace";
import { messageOf } from "../../common/errors";
import { ensureTestTools, ensureTools } from "../../tools";
import { buildBackendImage, runBeside, startDatabase, startMigrated } from "./database";
import type { Ended, RunningPart } from "./parts";
import { readResults } from "./results";
import { JUNIT, jest, reported, vitest } from "./runners";

/** Jest itself would leave one core idle. */
const ALL_CORES = ["--maxWorkers=100%"];
const FRONTEND = join(ROOT, "apps/frontend");

/** How each is run, by its name. */
export const ALONE = {
  lint: (part: RunningPart) => part.run("npm", ["run", "--silent", "lint"]),
  unit: (part: RunningPart) => jest(part, "unit", { env: process.env, flags: ALL_CORES }),
  chart: async (part: RunningPart) => {
    const { env } = await ensureTestTools(await ensureTools());
    return jest(part, "chart", { env, flags: ALL_CORES });
  },
  backend,
  frontend,
} as const;

/** The back end's own check, in a container with its dependencies, beside a database of its own. */
async function backend(part: RunningPart): Promise<Ended> {
  const { env } = await ensureTools();
  const build = await buildBackendImage(part, env);
  if (build.code !== 0) return build;
  const check = ["python", "-m", "tests.check", "--junitxml=/reports/backend.xml"];
  const docker = ["--volume", `${JUNIT}:/reports`];
  const ended = await runBeside(part, await startDatabase(part, env), check, { env, docker });
  const report = join(JUNIT, "backend.xml");
  return reported(ended, existsSync(report) ? readResults("backend", report) : []);
}

/**
 * The front end's own check, beside a database that the back end's migrations have run on. Where there can be
 * none, the tests that need it have failed, with the reason; all others run.
 */
async function frontend(part: RunningPart): Promise<Ended> {
  if (!existsSync(join(FRONTEND, "node_modules/.package-lock.json"))) {
    const installed = await part.run("npm", ["ci", "--loglevel=error"], { cwd: FRONTEND });
    if (installed.code !== 0) return installed;
  }
  const database = await ensureTools()
    .then(({ env }) => startMigrated(part, env))
    .catch((error: unknown) => messageOf(error));
  const found = typeof database === "string" ? {} : { TEST_DATABASE_URL: database.url };
  const ended = await vitest(part, "frontend", ["run", "--silent", "check", "--"], {
    cwd: FRONTEND,
    env: { ...process.env, ...found },
  });
  if (typeof database !== "string") return ended;
  const reason = `there is no database for it: ${database}`;
  const results = (ended.results ?? []).map((result) =>
    result.skipped && !result.reason ? { ...result, skipped: false, reason } : result,
  );
  return { ...ended, results };
}
