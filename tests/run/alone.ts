/** The parts that need no deployed stack. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../cli/session/workspace";
import { ensureTestTools, ensureTools } from "../../tools";
import { containerMark } from "./leftovers";
import type { Ended, RunningPart } from "./parts";
import { MARK_VARIABLE } from "./processes";
import { readResults } from "./results";
import { JUNIT, jest, reported, vitest } from "./runners";

/** Jest itself would leave one core idle. */
const ALL_CORES = ["--maxWorkers=100%"];
const FRONTEND = join(ROOT, "apps/frontend");
const BACKEND = join(ROOT, "apps/backend");

/** The front end's node_modules, once a part has asked for them. */
let modules: Promise<Ended> | undefined;

/** How each is run, by its name. */
export const ALONE = {
  lint: (part: RunningPart) => part.run("npm", ["run", "--silent", "lint"]),
  unit: (part: RunningPart) => jest(part, "unit", { env: process.env, flags: ALL_CORES }),
  chart: async (part: RunningPart) => {
    const { env } = await ensureTestTools(await ensureTools());
    return jest(part, "chart", { env, flags: ALL_CORES });
  },
  backend,
  frontend: (part: RunningPart) => frontend(part, "frontend", ["run", "--silent", "check", "--"]),
} as const;

/** The back end's own check, in a container with its dependencies, beside a database of its own. */
async function backend(part: RunningPart): Promise<Ended> {
  const { env } = await ensureTools();
  const image = "todo-backend-test";
  const build = await part.run(
    "docker",
    ["build", "--quiet", "--target", "test", "--tag", image, BACKEND],
    { env: { ...env, DOCKER_BUILDKIT: "1" } },
  );
  if (build.code !== 0) return build;
  const mark = containerMark({ [MARK_VARIABLE]: part.mark });
  const tests = `${image}-${process.pid}`;
  const database = `${tests}-database`;
  const password = "tests-only";
  const started = await part.run(
    "docker",
    [
      ...["run", "--detach", ...mark, "--name", database],
      ...["--env", `POSTGRES_PASSWORD=${password}`],
      // What it holds needn't survive anything.
      ...["--tmpfs", "/var/lib/postgresql/data", "postgres:15", "-c", "fsync=off"],
      ...["-c", "synchronous_commit=off", "-c", "full_page_writes=off"],
    ],
    { env },
  );
  if (started.code !== 0) return started;
  const url = `postgresql://postgres:${password}@127.0.0.1:5432/postgres`;
  const ended = await part.run(
    "docker",
    [
      ...["run", "--rm", "--init", ...mark, "--name", tests, "--network", `container:${database}`],
      ...["--env", `TEST_DATABASE_URL=${url}`],
      ...["--volume", `${BACKEND}:/app`, "--volume", `${JUNIT}:/reports`],
      ...[image, "python", "-m", "tests.check", "--junitxml=/reports/backend.xml"],
    ],
    { env },
  );
  const report = join(JUNIT, "backend.xml");
  return reported(ended, existsSync(report) ? readResults("backend", report) : []);
}

/** The front end's test of the tables that it expects, on those that the back end's migrations made. */
export async function schema(part: RunningPart, env: NodeJS.ProcessEnv): Promise<Ended> {
  const url = new URL(env.CHART_TEST_DATABASE_URL ?? "");
  url.hostname = "127.0.0.1";
  url.port = env.TEST_DATABASE_PORT ?? "";
  url.pathname = "todo"; // the stack's own, which is migrated
  const script = ["run", "--silent", "test", "--", "src/lib/server/auth.schema.test.ts"];
  return frontend(part, "schema", script, { ...env, TEST_DATABASE_URL: url.href });
}

async function frontend(
  part: RunningPart,
  name: string,
  script: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ended> {
  // Two parts want them, which may run side by side.
  modules ??= existsSync(join(FRONTEND, "node_modules/.package-lock.json"))
    ? Promise.resolve({ code: 0 })
    : part.run("npm", ["ci", "--loglevel=error"], { cwd: FRONTEND });
  const installed = await modules;
  if (installed.code !== 0) return installed;
  return vitest(part, name, script, { cwd: FRONTEND, env });
}
