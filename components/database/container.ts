/** The container that serves a stack's database on this machine, by the docker CLI. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../common/errors";
import { CommandError, run, tryRun } from "../../common/run";
import { freeAddress } from "../minikube/network";

/** Port of PostgreSQL inside the container, and so for pods. */
export const DATABASE_PORT = 5432;
export const DATABASE_IMAGE = "postgres:15";

const READY_TIMEOUT_MS = 60_000;
const LABELS = {
  /** Identity of the resource that made it. */
  owner: "todo-app.owner",
  stack: "todo-app.stack",
  /** Folder of the project and user from which it was made: for people. */
  folder: "todo-app.folder",
  user: "todo-app.user",
} as const;

/** How a stack's database is to be. */
export interface DatabaseSpec {
  stack: string;
  /** Name of the container, and of the volume with its data. */
  name: string;
  /** Docker network of the cluster's nodes: pods know the container by its name there. */
  network: string;
  /** TCP port on this machine's loopback, for people. */
  port: number;
}

/** What is there of a database. */
export interface FoundDatabase {
  /** Docker's word for the container's state, such as "exited"; undefined where there is no container. */
  status: string | undefined;
  running: boolean;
  /** Names of the networks that it is connected to. */
  networks: string[];
  /** "address:port" on this machine. */
  bindings: string[];
  /** Labels of the container, else of its volume. */
  labels: Readonly<Record<string, string>>;
  hasVolume: boolean;
}

/** Looks for a database; changes nothing. @throws UserError where no engine answers */
export async function findDatabase(name: string): Promise<FoundDatabase> {
  const [container, volume] = await Promise.all([
    inspect<{
      State: { Running: boolean; Status: string };
      Config: { Labels: Record<string, string> | null };
      HostConfig: { PortBindings: Record<string, { HostIp: string; HostPort: string }[]> | null };
      NetworkSettings: { Networks: Record<string, unknown> | null };
    }>("container", name),
    inspect<{ Labels: Record<string, string> | null }>("volume", name),
  ]);
  const bindings = Object.values(container?.HostConfig.PortBindings ?? {}).flat();
  return {
    status: container?.State.Status,
    running: container?.State.Running ?? false,
    networks: Object.keys(container?.NetworkSettings.Networks ?? {}),
    bindings: bindings.map(({ HostIp, HostPort }) => `${HostIp}:${HostPort}`),
    labels: { ...volume?.Labels, ...container?.Config.Labels },
    hasVolume: volume !== undefined,
  };
}

/** Whether a database is as it should be, but for its password. */
export function isAsSpecified(found: FoundDatabase, { network, port }: DatabaseSpec): boolean {
  return found.running && isUsable(found, port) && found.networks.includes(network);
}

/** Published for people on loopback, and nowhere else. */
function isUsable({ bindings }: FoundDatabase, port: number): boolean {
  return bindings.length === 1 && bindings[0] === `127.0.0.1:${port}`;
}

/**
 * The identity of a database that may be made or taken over: that of its volume, where this project's folder
 * has made it, else a new one.
 *
 * @param legacyPasswordFile where versions before 0.2 kept the password of the database that they made
 * @throws UserError where it is another clone's or user's
 */
export async function claim(
  { name, stack }: Pick<DatabaseSpec, "name" | "stack">,
  legacyPasswordFile: string,
): Promise<{ owner: string; found: FoundDatabase }> {
  const found = await findDatabase(name);
  const why = whyForeign(found, legacyPasswordFile);
  if (why !== undefined) throw foreign(name, stack, why);
  return { owner: found.labels[LABELS.owner] ?? randomUUID(), found };
}

/**
 * Whose a database is; undefined where it is this folder's and user's, or nobody has one yet.
 * @param legacyPasswordFile where versions before 0.2 kept the password of the database that they made
 */
export function whyForeign(
  { labels, status, hasVolume }: FoundDatabase,
  legacyPasswordFile: string,
): string | undefined {
  if (labels[LABELS.owner] === undefined) {
    const isNew = status === undefined && !hasVolume;
    if (isNew || existsSync(legacyPasswordFile)) return undefined;
    return "it has no mark, so that another clone has made it";
  }
  const isOwn =
    labels[LABELS.folder] === process.cwd() && labels[LABELS.user] === userInfo().username;
  return isOwn ? undefined : describe(labels);
}

/** @throws UserError where a database isn't the one that a resource made */
export function checkOwner(
  found: FoundDatabase,
  { name, stack }: Pick<DatabaseSpec, "name" | "stack">,
  owner: string,
): void {
  const { labels, status, hasVolume } = found;
  if ((status === undefined && !hasVolume) || labels[LABELS.owner] === owner) return;
  throw foreign(
    name,
    stack,
    labels[LABELS.owner] ? describe(labels) : "it has no mark of this one",
  );
}

function describe(labels: Readonly<Record<string, string>>): string {
  return `stack "${labels[LABELS.stack]}" of ${labels[LABELS.folder]} has made it, as user ${labels[LABELS.user]}`;
}

function foreign(name: string, stack: string, why: string): UserError {
  return new UserError({
    what: `database ${name} isn't this stack's`,
    why: `a container or volume of that name is there, and ${why}`,
    next: `choose another name for the stack "${stack}" here, or set databaseUrl; only if nobody needs its data: docker rm --force ${name}; docker volume rm ${name}`,
  });
}

/** The database runs afterwards as specified, with this password, and its data are those of its volume. */
export async function ensureDatabase(
  spec: DatabaseSpec,
  owner: string,
  password: string,
): Promise<void> {
  const { name, network, port } = spec;
  let found = await findDatabase(name);
  const outdated = !isUsable(found, port) || found.labels[LABELS.owner] !== owner;
  if (found.status !== undefined && outdated) {
    await stop(name);
    found = { ...found, status: undefined };
  }
  if (found.status !== undefined) {
    // A network that was removed meanwhile, as by `minikube delete`, keeps it from starting.
    const started = found.running || (await tryRun("docker", ["start", name])).code === 0;
    if (!started) {
      await stop(name);
      found = { ...found, status: undefined };
    } else if (!found.networks.includes(network)) await connect(name, network);
  }
  if (found.status === undefined) await create(spec, owner, password, found.hasVolume);
  await waitUntilReady(name);
  await setPassword(name, password);
}

/** Removes the container, and its data where that is wanted. */
export async function removeDatabase(name: string, data: boolean): Promise<void> {
  await stop(name);
  if (data) await tryRun("docker", ["volume", "rm", name]);
}

/** PostgreSQL gets the time to end cleanly. */
async function stop(name: string): Promise<void> {
  await tryRun("docker", ["stop", "--time", "10", name]);
  await tryRun("docker", ["rm", "--force", name]);
}

async function create(
  { stack, name, network, port }: DatabaseSpec,
  owner: string,
  password: string,
  hasVolume: boolean,
): Promise<void> {
  const labels = {
    [LABELS.owner]: owner,
    [LABELS.stack]: stack,
    [LABELS.folder]: process.cwd(),
    [LABELS.user]: userInfo().username,
  };
  const flags = Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
  if (!hasVolume) await run("docker", ["volume", "create", ...flags, name]);
  const address = await freeAddress(network);
  const args = [
    ...["run", "--detach", "--name", name, ...flags, "--restart", "unless-stopped"],
    ...["--network", network, ...(address ? ["--ip", address] : [])],
    ...["--publish", `127.0.0.1:${port}:${DATABASE_PORT}`],
    // Its value comes from the command's own environment: no password stands on a command line.
    ...["--env", "POSTGRES_USER=todo", "--env", "POSTGRES_DB=todo", "--env", "POSTGRES_PASSWORD"],
    ...["--volume", `${name}:/var/lib/postgresql/data`, DATABASE_IMAGE],
  ];
  const env = { ...process.env, POSTGRES_PASSWORD: password };
  const result = await tryRun("docker", args, { env });
  if (result.code === 0) return;
  await tryRun("docker", ["rm", "--force", name]); // it is there, but never started
  throw (
    explain(result.stderr, { stack, name, network, port }) ?? new CommandError("docker run", result)
  );
}

async function connect(name: string, network: string): Promise<void> {
  const address = await freeAddress(network);
  await run("docker", ["network", "connect", ...(address ? ["--ip", address] : []), network, name]);
}

function explain(
  stderr: string,
  { stack, name, network, port }: DatabaseSpec,
): UserError | undefined {
  if (/address already in use|port is already allocated/.test(stderr))
    return new UserError({
      what: `port ${port} is taken`,
      why: `database ${name} is published there, on this machine's loopback`,
      next: `end what listens there, or choose another: pulumi config set localDatabasePort <port> --stack ${stack}`,
    });
  if (/network \S+ not found/.test(stderr))
    return new UserError({
      what: `Docker network ${network} is missing`,
      why: "database and cluster meet there: it comes with the Minikube profile",
      next: "npm run up makes or starts the profile",
    });
  if (
    /pull access denied|Unable to find image|manifest unknown|no such host|connection refused/.test(
      stderr,
    )
  )
    return new UserError({
      what: `image ${DATABASE_IMAGE} can't be had`,
      why: stderr.trim().split("\n").slice(-2).join("\n"),
      next: "see that Docker Hub is reachable; npm run up makes the image where it isn't",
    });
  return undefined;
}

async function waitUntilReady(name: string): Promise<void> {
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
  while ((await tryRun("docker", probe)).code !== 0) {
    if (Date.now() > deadline) {
      const logs = await tryRun("docker", ["logs", "--tail", "8", name]);
      throw new UserError({
        what: `database ${name} doesn't start`,
        why: `${logs.stdout}${logs.stderr}`.trim() || "it says nothing",
        next: `docker logs ${name}`,
      });
    }
    await sleep(200);
  }
}

/** A volume may be older than the password. */
async function setPassword(name: string, password: string): Promise<void> {
  const psql = ["psql", "--username", "todo", "--dbname", "todo", "--quiet"];
  await run("docker", ["exec", "--interactive", name, ...psql, "--set=ON_ERROR_STOP=1"], {
    input: `ALTER ROLE todo PASSWORD '${password}'`,
  });
}

/** The password that a version before 0.2 gave to a stack's database; undefined where there is none. */
export function legacyPassword(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8").trim() || undefined : undefined;
}

async function inspect<T>(kind: "container" | "volume", name: string): Promise<T | undefined> {
  const args = [kind, "inspect", name];
  const result = await tryRun("docker", args);
  if (result.code === 0) return (JSON.parse(result.stdout) as T[])[0];
  if (/no such|not found/i.test(result.stderr)) return undefined;
  if (
    /connect to the Docker daemon|docker daemon running|command not found|ENOENT/i.test(
      result.stderr,
    )
  )
    throw new UserError({
      what: "the Docker engine doesn't answer",
      why: result.stderr.trim(),
      next: "start Docker (npm run up does where it may), then run this again",
    });
  throw new CommandError(`docker ${args.join(" ")}`, result);
}
