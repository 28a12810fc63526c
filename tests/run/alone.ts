/** The parts that need no deployed stack. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../cli/session/workspace";
import { messageOf } from "../../common/errors";
import { ensureTestTools, ensureTools } from "../../tools";
import { buildBackendImage, runBeside, startDatabase, startMigrated } from "./database";
import type { Ended, RunningPart } from "./parts";
import { readResults } from "./results";
import { JUNIT, jest, orAgain, reported, vitest } from "./runners";

/** Jest itself would leave one core idle. */
const ALL_CORES = ["--maxWorkers=100%"];
const FRONTEND = join(ROOT, "apps/frontend");
const BACKEND_PATH = "apps/backend/";
const FRONTEND_PATH = "apps/frontend/";
/** How the back end's check ends where tests have failed, and nothing else has. */
const TESTS_FAILED = 1;

/** How each is run, by its name. */
export const ALONE = {
  lint: (part: RunningPart) => part.run("npm", ["run", "--silent", "lint"]),
  unit: (part: RunningPart) => jest(part, "unit", { env: process.env, flags: ALL_CORES }),
  chart: async (part: RunningPart) => {
    const { env } = await ensureTestTools(await ensureTools());
    return jest(part, "chart", { env, flags: ALL_CORES });
  },
  backend: (part: RunningPart) => backend(part),
  frontend,
} as const;

/** The same without what takes minutes: tests of whole processes, and how much of the back end is covered. */
export const QUICK: typeof ALONE = {
  ...ALONE,
  backend: (part) => backend(part, ["-m", "not slow", "--no-cov"]),
};

/** The back end's own check, in a container with its dependencies, beside a database of its own. */
async function backend(part: RunningPart, pytest: readonly string[] = []): Promise<Ended> {
  const { env } = await ensureTools();
  const build = await buildBackendImage(part, env);
  if (build.code !== 0) return build;
  const tested = async (running: RunningPart, name: string, command: readonly string[]) => {
    const python = ["python", "-m", ...command, `--junitxml=/reports/${name}.xml`];
    const docker = ["--volume", `${JUNIT}:/reports`];
    const database = await startDatabase(running, env);
    const ended = await runBeside(running, database, python, { env, docker });
    const report = join(JUNIT, `${name}.xml`);
    return reported(ended, existsSync(report) ? readResults(name, report) : []);
  };
  const ended = await tested(part, "backend", ["tests.check", ...pytest]);
  if (ended.code !== TESTS_FAILED) return ended;
  return orAgain(ended, (again, files) =>
    tested(again, "backend-again", ["pytest", "-q", ...files.map(within(BACKEND_PATH))]),
  );
}

/** The path of a file in one of the applications, from there. */
const within =
  (folder: string) =>
  (file: string): string =>
    file.slice(folder.length);

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
  const options = { cwd: FRONTEND, env: { ...process.env, ...found } };
  const ended = await vitest(part, "frontend", ["run", "--silent", "check", "--"], options);
  if (typeof database !== "string")
    return orAgain(ended, async (again, files) => {
      const { url } = await startMigrated(again, (await ensureTools()).env);
      const some = ["exec", "vitest", "run", ...files.map(within(FRONTEND_PATH)), "--"];
      const env = { ...process.env, TEST_DATABASE_URL: url };
      return vitest(again, "frontend-again", some, { cwd: FRONTEND, env });
    });
  const reason = `there is no database for it: ${database}`;
  const results = (ended.results ?? []).map((result) =>
    result.skipped && !result.reason ? { ...result, skipped: false, reason } : result,
  );
  return { ...ended, results };
}
