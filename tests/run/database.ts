/** A PostgreSQL of a part's own, and the image that the back end's tests and migrations run in. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { ROOT } from "../../cli/session/workspace";
import { run } from "../../common/run";
import { containerMark } from "./leftovers";
import type { Ended, RunningPart } from "./parts";
import { MARK_VARIABLE } from "./processes";

const BACKEND = join(ROOT, "apps/backend");
const IMAGE = "todo-backend-test";
/** What mypy has found out already: without it types take as long as a fifth of the tests. */
const TYPES_CACHE = "todo-backend-test-types:/tmp/mypy-cache";
const PASSWORD = "tests-only";
const URL_INSIDE = `postgresql://postgres:${PASSWORD}@127.0.0.1:5432/postgres`;
const PORT_LIMIT_MS = 10_000;

/** A database that goes at the end of its part, at the latest. */
export interface PartDatabase {
  /** Name of its container. */
  container: string;
  /** Where this machine reaches it. */
  url: string;
}

/** Builds the image, which holds the back end's dependencies; its code is mounted. */
export function buildBackendImage(part: RunningPart, env: NodeJS.ProcessEnv): Promise<Ended> {
  const build = ["build", "--quiet", "--target", "test", "--tag", IMAGE, BACKEND];
  return part.run("docker", build, { env: { ...env, DOCKER_BUILDKIT: "1" } });
}

/** Starts an empty database. @throws Error where Docker can't */
export async function startDatabase(
  part: RunningPart,
  env: NodeJS.ProcessEnv,
): Promise<PartDatabase> {
  const container = `todo-tests-database-${randomUUID().slice(0, 8)}`;
  const started = await part.run(
    "docker",
    [
      ...["run", "--detach", ...containerMark({ [MARK_VARIABLE]: part.mark })],
      ...["--name", container, "--publish", "127.0.0.1::5432"],
      ...["--env", `POSTGRES_PASSWORD=${PASSWORD}`],
      // What it holds needn't survive anything.
      ...["--tmpfs", "/var/lib/postgresql/data", "postgres:15", "-c", "fsync=off"],
      ...["-c", "synchronous_commit=off", "-c", "full_page_writes=off"],
    ],
    { env },
  );
  mustHaveWorked(started, "PostgreSQL didn't start");
  const published = ["port", container, "5432/tcp"];
  const address = await run("docker", published, { env, timeoutMs: PORT_LIMIT_MS });
  const url = new URL(URL_INSIDE);
  url.port = address.trim().split(":").at(-1) ?? "";
  return { container, url: url.href };
}

/** What a command that runs beside a database is given besides. */
export interface BesideOptions {
  /** Further arguments of `docker run`. */
  docker?: readonly string[];
  /** Where the back end's code is; this tree's unless said. */
  folder?: string;
}

/** Arguments of `docker` that run a command with the back end's code and dependencies, beside a database. */
export function besideArguments(
  mark: string,
  { container }: PartDatabase,
  command: readonly string[],
  { docker = [], folder = BACKEND }: BesideOptions = {},
): string[] {
  return [
    ...["run", "--rm", "--init", ...containerMark({ [MARK_VARIABLE]: mark })],
    ...["--network", `container:${container}`, "--volume", `${folder}:/app`],
    ...["--volume", TYPES_CACHE],
    ...["--env", `TEST_DATABASE_URL=${URL_INSIDE}`, ...docker, IMAGE, ...command],
  ];
}

/** Runs a command with the back end's code and dependencies, beside a database. */
export function runBeside(
  part: RunningPart,
  database: PartDatabase,
  command: readonly string[],
  { env, ...options }: BesideOptions & { env: NodeJS.ProcessEnv },
): Promise<Ended> {
  return part.run("docker", besideArguments(part.mark, database, command, options), { env });
}

/** Starts a database with the tables that the back end's migrations make. @throws Error naming the step that failed */
export async function startMigrated(
  part: RunningPart,
  env: NodeJS.ProcessEnv,
): Promise<PartDatabase> {
  mustHaveWorked(await buildBackendImage(part, env), "the image with the migrations wasn't built");
  const database = await startDatabase(part, env);
  const settings = {
    DATABASE_URL: URL_INSIDE,
    JWT_SECRET: randomUUID(),
    FRONTEND_URL: "http://localhost:3000",
    BETTER_AUTH_URL: "http://localhost:3000",
  };
  const docker = Object.entries(settings).flatMap((setting) => ["--env", setting.join("=")]);
  const migrated = await runBeside(part, database, ["python", "-m", "app.migrate"], {
    ...{ env, docker },
  });
  mustHaveWorked(migrated, "the migrations failed");
  return database;
}

function mustHaveWorked({ code, reason, said = "" }: Ended, what: string): void {
  if (code !== 0) throw new Error(`${what}: ${reason ?? said.trim().split("\n").at(-1)}`);
}
