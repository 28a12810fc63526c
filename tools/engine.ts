import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../common/errors";
import { step } from "../common/progress";
import { run, tryRun } from "../common/run";
import { cachePath, cacheRoot, withLock } from "./cache";
import { RUNC_WRAPPER } from "./catalog";
import { chosenEngine } from "./docker-host";
import { ensure, isWithin, pathWith, which, whichAll } from "./install";

const CAP_SYS_RESOURCE = 24;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
/** Name of the runtime by which an engine that is started here runs containers where it needs the runc wrapper. */
const WRAPPED = "mended";

/** Whether this machine may not raise resource limits, so that containers need the runc wrapper. */
export function lacksSysResource(): boolean {
  if (process.platform !== "linux") return false;
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return (
    bounding !== undefined && ((BigInt(`0x${bounding}`) >> BigInt(CAP_SYS_RESOURCE)) & 1n) === 0n
  );
}

/** What an engine says of itself. */
export interface EngineInfo {
  version: string;
  /** Whether it is Podman, which speaks Docker's API but for what builds and Minikube need of it. */
  isPodman: boolean;
}

/** What the engine that is meant says of itself; undefined where none answers. */
export async function engineInfo(env: NodeJS.ProcessEnv): Promise<EngineInfo | undefined> {
  const result = await tryRun("docker", ["version", "--format", "{{json .Server}}"], {
    env,
    timeoutMs: 20_000,
  });
  if (result.code !== 0) return undefined;
  try {
    const server = JSON.parse(result.stdout) as {
      Version?: string;
      Platform?: { Name?: string };
      Components?: { Name?: string }[] | null;
    } | null;
    if (!server?.Version) return undefined;
    const names = [server.Platform?.Name, ...(server.Components ?? []).map(({ Name }) => Name)];
    return { version: server.Version, isPodman: /podman/i.test(names.join(" ")) };
  } catch {
    const version = result.stdout.trim(); // an answer in another form
    return version === "" ? undefined : { version, isPodman: /podman/i.test(version) };
  }
}

/**
 * The Docker engine's client is there, and an engine to start where none is meant or answers: on PATH, or
 * installed from Debian's packages. That is only for a machine of root's with no trace of a Docker that is
 * somebody's choice: another engine, or a context.
 */
export async function ensureDockerPackage(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (which("docker")) {
    if (which("dockerd") || !mayAdminister() || chosenEngine(env)) return;
    if (await engineInfo(env)) return;
  }
  if (!mayAdminister() || !which("apt-get")) {
    throw new UserError({
      what: "Docker is missing",
      why: which("docker") ? "no Docker engine is installed" : "no docker command is on PATH",
      next: "install Docker (Docker Desktop, or on Debian as root: apt-get install docker.io) and start it",
    });
  }
  await ensureDebianPackages(["docker.io", "iptables"], "Docker engine");
}

/**
 * A folder to put first on PATH where the first `docker` there can't build: clients from version 23 on
 * need the buildx plugin for it, older ones have BuildKit built in. Undefined where none is needed, or
 * none is there.
 * @throws UserError where a client is there, and none that can be used
 */
export async function dockerClientFolder(): Promise<string | undefined> {
  const clients = whichAll("docker");
  if (clients.length === 0) return undefined;
  let podman = false;
  for (const [index, client] of clients.entries()) {
    const { stdout, stderr } = await tryRun(client, ["--version"]);
    if (/podman/i.test(stdout + stderr)) {
      podman = true;
      continue;
    }
    const major = Number(/version (\d+)/.exec(stdout)?.[1] ?? 0);
    if (major >= 23 && (await tryRun(client, ["buildx", "version"])).code !== 0) continue;
    if (index === 0) return undefined;
    const link = cachePath("docker-client", "docker");
    // By a rename: another command may be making the same one.
    const made = `${link}.${process.pid}`;
    rmSync(made, { force: true });
    symlinkSync(client, made);
    renameSync(made, link);
    return join(link, "..");
  }
  if (podman) throw isPodman(`${clients.join(", ")} is Podman's`);
  throw new UserError({
    what: "the docker command can't build images",
    why: `${clients.join(", ")} needs the buildx plugin`,
    next: "install the plugin docker-buildx, then run the command again",
  });
}

/** Podman speaks Docker's language, but Minikube's docker driver and Pulumi's builds need Docker itself. */
function isPodman(why: string): UserError {
  return new UserError({
    what: "Podman can't serve as Docker here",
    why: `${why}: Pulumi's docker plugin builds by a call that Podman lacks (https://github.com/pulumi/pulumi-docker/issues/1708)`,
    next: "install Docker and put its docker command first on PATH, or name its engine in DOCKER_HOST",
  });
}

/** Installs Debian packages that are missing; needs root. */
export async function ensureDebianPackages(
  packages: readonly string[],
  purpose: string,
): Promise<void> {
  const missing: string[] = [];
  for (const name of packages) {
    const status = await tryRun("dpkg-query", ["--status", name]);
    if (!status.stdout.includes("install ok installed")) missing.push(name);
  }
  if (missing.length === 0) return;
  if (!mayAdminister() || !which("apt-get")) {
    throw new UserError({
      what: `${purpose} can't be installed`,
      why: `${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} missing, and only root may install packages`,
      next: `as root: apt-get install ${missing.join(" ")}`,
    });
  }
  await step(`${purpose} (${missing.join(", ")})`, async (progress) => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const onLine = (line: string): void => progress.detail(line);
    const lock = "DPkg::Lock::Timeout=300";
    await run("apt-get", ["update", "-o", lock], { env, onLine });
    await run("apt-get", ["install", "-y", "--no-install-recommends", "-o", lock, ...missing], {
      env,
      onLine,
    });
  });
}

/**
 * A Docker engine that can serve answers afterwards; started here where none runs and this user may start one.
 * @param env gets the client on its PATH that was installed with the engine, where those before can't build
 * @param realPlugin whether Pulumi's own docker plugin builds, and not a stand-in
 */
export async function ensureEngine(env: NodeJS.ProcessEnv, realPlugin: boolean): Promise<void> {
  await ensureDockerPackage(env);
  const client = await dockerClientFolder();
  if (client !== undefined)
    for (const one of [env, process.env]) one.PATH = pathWith([client], one.PATH);
  const [running, wrapper] = await Promise.all([
    engineInfo(env),
    lacksSysResource() ? wrapperOf(env) : undefined,
  ]);
  if (running) {
    if (wrapper !== undefined) await ensureWrapper(wrapper);
    return checkEngine(running, env, realPlugin);
  }
  const daemon = which("dockerd");
  const chosen = chosenEngine(env);
  if (process.platform !== "linux" || !mayAdminister() || !daemon || chosen) {
    throw new UserError({
      what: "no Docker engine answers",
      why: chosen ?? "it is not running, or this user may not talk to it",
      next: chosen?.startsWith("docker context")
        ? "choose one that is there: docker context ls, docker context use NAME (and unset DOCKER_CONTEXT)"
        : "start Docker (Docker Desktop, or sudo systemctl start docker) and see that `docker info` works",
    });
  }
  if (await startedBySystemd(env)) return;
  await withLock(cachePath("locks", "dockerd.lock"), async () => {
    if (await engineInfo(env)) return;
    const runtime = lacksSysResource()
      ? join((await ensure(RUNC_WRAPPER)).folder, "runc-wrapper")
      : undefined;
    await step("starting the Docker engine", async (progress) => {
      await oldEngineGone();
      const log = cachePath("logs", "dockerd.log");
      const output = openSync(log, "a");
      const args = runtime
        ? ["--add-runtime", `${WRAPPED}=${runtime}`, "--default-runtime", WRAPPED]
        : [];
      const child = spawn(daemon, args, { detached: true, stdio: ["ignore", output, output] });
      child.unref();
      // One that is noted and runs goes on, whatever becomes of this one.
      if (startedEngine() === undefined) writeFileSync(pidNote(), `${child.pid ?? ""}\n`);
      const deadline = Date.now() + START_TIMEOUT_MS;
      while (Date.now() < deadline && child.exitCode === null) {
        if (await engineInfo(env)) return;
        progress.detail("waiting for it to answer");
        await sleep(500);
      }
      throw new UserError({
        what: "the Docker engine doesn't start",
        why: readFileSync(log, "utf8").trim().split("\n").slice(-4).join("\n"),
        next: `read ${log}, mend the cause, then run the command again`,
      });
    });
  });
}

/** Where the process is noted of the engine that was started here last. */
function pidNote(): string {
  return cachePath("logs", "dockerd.pid");
}

/** What of an engine that was started here goes on without the rest of this project. */
export async function engineLeft(env: NodeJS.ProcessEnv): Promise<{
  /** Name of the folder right in the cache by which it starts containers. */
  needs?: string;
  /** What a user has to know of it, a line each. */
  told: string[];
}> {
  const pid = startedEngine();
  const wrapper = await wrapperOf(env);
  const [needs = ".."] = wrapper === undefined ? [] : relative(cacheRoot(), wrapper).split(sep);
  const running =
    pid === undefined
      ? []
      : [
          `goes on: the Docker engine that npm run up has started (kill ${pid} ends it, and all that runs in it)`,
        ];
  if (needs === "..") return { told: running };
  const kept = `kept: ${join(cacheRoot(), needs)}: without it the Docker engine starts no container; remove it once that engine has ended`;
  return { needs, told: [...running, kept] };
}

/** Process of the engine that was started here; undefined where it has ended. */
function startedEngine(): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidNote(), "utf8"), 10);
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
    return command.endsWith("dockerd") ? pid : undefined; // a number may be another program's by now
  } catch {
    return undefined;
  }
}

/** Path of the runc wrapper by which this machine's engine starts containers; undefined where it needs none. */
async function wrapperOf(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (env.DOCKER_HOST && !env.DOCKER_HOST.startsWith("unix:")) return undefined; // its path is another machine's
  const { stdout } = await tryRun("docker", ["info", "--format", "{{json .Runtimes}}"], {
    env,
    timeoutMs: 20_000,
  });
  try {
    return (JSON.parse(stdout) as Record<string, { path?: string }> | null)?.[WRAPPED]?.path;
  } catch {
    return undefined; // no engine answers
  }
}

/** An engine outlives the cache: one that has lost its wrapper would start no container. */
async function ensureWrapper(path: string): Promise<void> {
  if (existsSync(path)) return;
  const made = join((await ensure(RUNC_WRAPPER)).folder, "runc-wrapper");
  if (existsSync(path)) return; // that was the one
  mkdirSync(dirname(path), { recursive: true });
  cpSync(made, path);
}

/** @throws UserError where an engine answers that can't do what is needed */
async function checkEngine(
  { version, isPodman: podman }: EngineInfo,
  env: NodeJS.ProcessEnv,
  realPlugin: boolean,
): Promise<void> {
  if (podman)
    throw isPodman(`the engine at ${env.DOCKER_HOST ?? "docker's socket"} is Podman ${version}`);
  const problem = realPlugin ? await imageStoreProblem(version, env) : undefined;
  if (problem === undefined) return;
  throw new UserError({
    what: "this Docker engine can't build by Pulumi's docker plugin",
    why: problem,
    next: "bring Docker up to date, or turn the containerd image store off (Docker Desktop: Settings, General; else features.containerd-snapshotter in daemon.json)",
  });
}

/** The oldest engine whose containerd image store takes builds by the API (https://github.com/moby/moby/pull/49194). */
const CONTAINERD_STORE_AT_LEAST = "27.5.0";

/** Why an engine's image store takes no build of the docker plugin; undefined where it does. */
export async function imageStoreProblem(
  version: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const plain = /\d+\.\d+\.\d+/.exec(version)?.[0] ?? "0.0.0";
  if (isWithin(plain, CONTAINERD_STORE_AT_LEAST)) return undefined;
  const info = await tryRun("docker", ["info", "--format", "{{json .DriverStatus}}"], { env });
  if (!info.stdout.includes("io.containerd.snapshotter")) return undefined;
  return `engine ${version} keeps images in containerd, and takes such builds from ${CONTAINERD_STORE_AT_LEAST} on (https://github.com/pulumi/pulumi-docker/issues/967)`;
}

/** Where systemd looks after the engine, it starts it: what is started past it blocks its own. */
async function startedBySystemd(env: NodeJS.ProcessEnv): Promise<boolean> {
  if (!existsSync("/run/systemd/system")) return false;
  const unit = await tryRun("systemctl", ["cat", "docker.service"]);
  if (unit.code !== 0) return false;
  await step("starting the Docker engine (systemctl start docker)", async () => {
    const started = await tryRun("systemctl", ["start", "docker"]);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (started.code === 0 && Date.now() < deadline) {
      if (await engineInfo(env)) return;
      await sleep(500);
    }
    throw new UserError({
      what: "the Docker engine doesn't start",
      why: started.stderr.trim() || "systemd has started it, but it doesn't answer",
      next: "journalctl --unit docker tells why; mend the cause, then run the command again",
    });
  });
  return true;
}

/** A killed engine may need some seconds to go; a new one refuses to start beside it. */
async function oldEngineGone(): Promise<void> {
  const pidFile = "/var/run/docker.pid";
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (Date.now() < deadline && existsSync(pidFile)) {
    const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
    if (!existsSync(`/proc/${pid}`)) break;
    await sleep(500);
  }
}

function mayAdminister(): boolean {
  return process.getuid?.() === 0;
}
