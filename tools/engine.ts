import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../common/errors";
import { step } from "../common/progress";
import { run, tryRun } from "../common/run";
import { cachePath, withLock } from "./cache";
import { RUNC_WRAPPER } from "./catalog";
import { ensure, which, whichAll } from "./install";

const CAP_SYS_RESOURCE = 24;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** Whether this machine may not raise resource limits, so that containers need the runc wrapper. */
export function lacksSysResource(): boolean {
  if (process.platform !== "linux") return false;
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return (
    bounding !== undefined && ((BigInt(`0x${bounding}`) >> BigInt(CAP_SYS_RESOURCE)) & 1n) === 0n
  );
}

/** Whether a Docker engine answers. */
export async function engineAnswers(env: NodeJS.ProcessEnv): Promise<boolean> {
  const result = await tryRun("docker", ["version", "--format", "{{.Server.Version}}"], {
    env,
    timeoutMs: 20_000,
  });
  return result.code === 0 && result.stdout.trim() !== "";
}

/**
 * The Docker engine's client is there, and an engine to start where none is meant or answers: on PATH, or
 * installed from Debian's packages where that is allowed.
 */
export async function ensureDockerPackage(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (which("docker")) {
    if (which("dockerd") || !mayAdminister() || env.DOCKER_HOST) return;
    if (await engineAnswers(env)) return;
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
 * need the buildx plugin for it, older ones have BuildKit built in. Undefined where none is needed.
 */
export async function dockerClientFolder(): Promise<string | undefined> {
  const clients = whichAll("docker");
  for (const [index, client] of clients.entries()) {
    const version = await tryRun(client, ["--version"]);
    const major = Number(/version (\d+)/.exec(version.stdout)?.[1] ?? 0);
    if (major >= 23 && (await tryRun(client, ["buildx", "version"])).code !== 0) continue;
    if (index === 0) return undefined;
    const link = cachePath("docker-client", "docker");
    rmSync(link, { force: true });
    symlinkSync(client, link);
    return join(link, "..");
  }
  throw new UserError({
    what: "the docker command can't build images",
    why: `${clients.join(", ")} needs the buildx plugin`,
    next: "install the plugin docker-buildx, then run the command again",
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

/** A Docker engine answers afterwards; started here where none runs and this user may start one. */
export async function ensureEngine(env: NodeJS.ProcessEnv): Promise<void> {
  if (await engineAnswers(env)) return;
  const daemon = which("dockerd");
  if (process.platform !== "linux" || !mayAdminister() || !daemon || env.DOCKER_HOST) {
    throw new UserError({
      what: "no Docker engine answers",
      why: env.DOCKER_HOST
        ? `DOCKER_HOST is ${env.DOCKER_HOST}`
        : "it is not running, or this user may not talk to it",
      next: "start Docker (Docker Desktop, or sudo systemctl start docker) and see that `docker info` works",
    });
  }
  await withLock(cachePath("locks", "dockerd.lock"), async () => {
    if (await engineAnswers(env)) return;
    const runtime = lacksSysResource()
      ? join((await ensure(RUNC_WRAPPER)).folder, "runc-wrapper")
      : undefined;
    await step("starting the Docker engine", async (progress) => {
      await oldEngineGone();
      const log = cachePath("logs", "dockerd.log");
      const output = openSync(log, "a");
      const args = runtime
        ? ["--add-runtime", `mended=${runtime}`, "--default-runtime", "mended"]
        : [];
      const child = spawn(daemon, args, { detached: true, stdio: ["ignore", output, output] });
      child.unref();
      const deadline = Date.now() + START_TIMEOUT_MS;
      while (Date.now() < deadline && child.exitCode === null) {
        if (await engineAnswers(env)) return;
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
