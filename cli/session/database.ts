import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { UserError } from "../../common/errors";
import { step } from "../../common/progress";
import { CommandError, type RunResult, run, tryRun } from "../../common/run";
import { databasePasswordFile } from "../../components/record/state-folder";
import { ROOT, secretFile } from "./workspace";

const READY_TIMEOUT_MS = 60_000;

/** The database of a stack on this machine. */
export interface LocalDatabase {
  stack: string;
  /** Port on loopback and on the cluster's network. */
  port: number;
  /** This machine's address on the cluster's network. */
  gateway: string;
}

/** The container that serves a stack's local database, and the volume with its data: they share a name. */
export function databaseName(stack: string): string {
  return `todo-app-${stack}-database`;
}

/** The password of a stack's local database; made once. */
export function databasePassword(stack: string): string {
  return secretFile(join(ROOT, databasePasswordFile(stack)), () =>
    randomBytes(24).toString("base64url"),
  );
}

/** The database answers afterwards, at its port and with its password. */
export async function ensureDatabase(
  database: LocalDatabase,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { stack, port, gateway } = database;
  const name = databaseName(stack);
  const password = databasePassword(stack);
  const found = await findDatabase(stack, env);
  const bound = [`127.0.0.1:${port}`, `${gateway}:${port}`].every((at) =>
    found?.bindings.includes(at),
  );
  if (found?.running && bound && (await trySetPassword(name, password, env)).code === 0) return;
  await step(`local database ${name}`, async () => {
    if (found && !bound) await run("docker", ["rm", "--force", name], { env });
    if (found && bound) await start(["start", name], env, port);
    else {
      await checkPort(port);
      const variables = {
        ...env,
        STACK: stack,
        DATABASE_PASSWORD: password,
        DATABASE_PORT: String(port),
        CLUSTER_GATEWAY: gateway,
      };
      await startNew(variables, port);
    }
    await waitUntilReady(name, env);
    const result = await trySetPassword(name, password, env);
    if (result.code !== 0) throw new CommandError("psql", result);
  });
}

/** The volume, and even a container that runs, may be older than this clone and know another password. */
function trySetPassword(
  name: string,
  password: string,
  env: NodeJS.ProcessEnv,
): Promise<RunResult> {
  const psql = ["psql", "--username", "todo", "--dbname", "todo", "--quiet"];
  const input = `ALTER ROLE todo PASSWORD '${password}'`;
  const args = ["exec", "--interactive", name, ...psql, "--set=ON_ERROR_STOP=1"];
  return tryRun("docker", args, { env, input });
}

/** Removes the container, and with it the data where that is wanted. */
export async function removeDatabase(
  stack: string,
  data: boolean,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const name = databaseName(stack);
  await tryRun("docker", ["rm", "--force", name], { env });
  if (data) await tryRun("docker", ["volume", "rm", name], { env });
}

/** The container of a local database. */
export interface DatabaseContainer {
  /** Docker's word for its state, such as "exited". */
  status: string;
  running: boolean;
  /** "address:port" on this machine. */
  bindings: string[];
}

/** The container of a stack's local database; undefined where there is none. */
export async function findDatabase(
  stack: string,
  env: NodeJS.ProcessEnv,
): Promise<DatabaseContainer | undefined> {
  const result = await tryRun("docker", ["container", "inspect", databaseName(stack)], { env });
  if (result.code !== 0) return undefined;
  const [container] = JSON.parse(result.stdout) as {
    State: { Running: boolean; Status: string };
    HostConfig: { PortBindings: Record<string, { HostIp: string; HostPort: string }[]> | null };
  }[];
  if (!container) return undefined;
  const bindings = Object.values(container.HostConfig.PortBindings ?? {}).flat();
  return {
    status: container.State.Status,
    running: container.State.Running,
    bindings: bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`),
  };
}

async function start(args: readonly string[], env: NodeJS.ProcessEnv, port: number): Promise<void> {
  const result = await tryRun("docker", args, { env });
  if (result.code === 0) return;
  if (/address already in use|port is already allocated/.test(result.stderr)) throw portTaken(port);
  throw new CommandError(`docker ${args[0]}`, result);
}

/** Brings compose.yaml's service up: by `docker compose up`, or by a `docker run` that is the same. */
async function startNew(variables: NodeJS.ProcessEnv, port: number): Promise<void> {
  const file = join(ROOT, "compose.yaml");
  if ((await tryRun("docker", ["compose", "version"], { env: variables })).code === 0) {
    await start(["compose", "--file", file, "up", "--detach", "database"], variables, port);
    return;
  }
  const { args, environment } = runArguments(readFileSync(file, "utf8"), variables);
  await start(args, { ...variables, ...environment }, port);
}

interface ComposeFile {
  services: {
    database: {
      image: string;
      container_name: string;
      restart: string;
      environment: Record<string, string>;
      ports: string[];
      volumes: string[];
    };
  };
  volumes: { database: { name: string } };
}

/**
 * Translates the database's service in a compose file to the arguments of `docker run`, which takes the
 * container's variables from its own: a password must not stand on a command line.
 */
export function runArguments(
  composeFile: string,
  variables: NodeJS.ProcessEnv,
): { args: string[]; environment: Record<string, string> } {
  const { services, volumes } = parse(interpolate(composeFile, variables)) as ComposeFile;
  const { database } = services;
  const each = (flag: string, values: readonly string[]): string[] =>
    values.flatMap((value) => [flag, value]);
  const args = [
    ...["run", "--detach", "--name", database.container_name, "--restart", database.restart],
    ...each("--env", Object.keys(database.environment)),
    ...each("--publish", database.ports),
    ...each(
      "--volume",
      database.volumes.map((volume) => volume.replace(/^database(?=:)/, volumes.database.name)),
    ),
    database.image,
  ];
  return { args, environment: database.environment };
}

/** ${NAME}, ${NAME:-default} and ${NAME:?message}, as compose reads them. */
function interpolate(text: string, variables: NodeJS.ProcessEnv): string {
  return text.replace(
    /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (_, name: string, mode?: string, rest?: string) => {
      const value = variables[name];
      if (value) return value;
      if (mode === "?") throw new Error(`${name} is not set: ${rest}`);
      return rest ?? "";
    },
  );
}

async function waitUntilReady(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  // By TCP: while a new volume is set up, the server answers on its socket only.
  const probe = [
    "exec",
    name,
    "pg_isready",
    "--host",
    "127.0.0.1",
    "--username",
    "todo",
    "--quiet",
  ];
  while ((await tryRun("docker", probe, { env })).code !== 0) {
    if (Date.now() > deadline) {
      const logs = await tryRun("docker", ["logs", "--tail", "8", name], { env });
      throw new UserError({
        what: `the local database ${name} doesn't start`,
        why: `${logs.stdout}${logs.stderr}`.trim() || "it says nothing",
        next: `docker logs ${name}`,
      });
    }
    await sleep(300);
  }
}

async function checkPort(port: number): Promise<void> {
  if (!(await isPortFree(port, "127.0.0.1"))) throw portTaken(port);
}

/** Whether nothing listens at a port; an address that this machine hasn't got takes none. */
export function isPortFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "EADDRINUSE"))
      .listen(port, address, () => server.close(() => resolve(true)));
  });
}

function portTaken(port: number): UserError {
  return new UserError({
    what: `port ${port} is taken`,
    why: "the local database needs it on this machine",
    next: `end what listens there (ss -ltnp 'sport = :${port}'), or choose another: pulumi config set localDatabasePort <port>`,
  });
}
