import { CommandError, run, tryRun } from "../common/run";
import { isContentOf } from "./context";

/** How to build an image that Docker has lost. */
export interface BuildInputs {
  /** Folder of the build context, relative to the project. */
  context: string;
}

/** The ID of a local image, "sha256:…"; undefined where Docker hasn't got it. */
export async function localImageId(image: string): Promise<string | undefined> {
  const result = await tryRun("docker", ["image", "inspect", "--format", "{{.Id}}", image]);
  return result.code === 0 ? result.stdout.trim() : undefined;
}

/** Whether a registry has an image, "host/path/repository:tag". @throws CommandError where it doesn't say */
export async function isInRegistry(reference: string): Promise<boolean> {
  // The client asks by HTTPS only, unless told what the engine knows by itself.
  const insecure = (await isInsecureRegistry(reference.split("/")[0] ?? "")) ? ["--insecure"] : [];
  const args = ["manifest", "inspect", ...insecure, reference];
  const result = await tryRun("docker", args);
  if (result.code === 0) return true;
  if (/no such manifest|manifest unknown|name unknown/i.test(result.stderr)) return false;
  throw new CommandError(`docker ${args.join(" ")}`, result);
}

/** Whether the engine speaks to a registry in plain HTTP: to those on this machine, and as it is configured. */
async function isInsecureRegistry(host: string): Promise<boolean> {
  if (/^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(host)) return true;
  const format = "{{json .RegistryConfig.IndexConfigs}}";
  const configs = JSON.parse(await run("docker", ["info", "--format", format])) as Record<
    string,
    { Secure: boolean } | undefined
  >;
  return configs[host]?.Secure === false;
}

/**
 * The ID of a local image, which is built from its context where Docker has lost it: docker.Image does
 * not notice that. @throws Error where the context is no longer the one that the tag names
 */
export async function ensureLocalImage(image: string, build: BuildInputs): Promise<string> {
  const present = await localImageId(image);
  if (present) return present;
  if (!isContentOf(image, build.context)) {
    throw new Error(
      `image ${image} is gone from Docker, and ${build.context} has changed since it was built: it can't be brought back`,
    );
  }
  await run("docker", ["build", "--tag", image, build.context], {
    env: { ...process.env, DOCKER_BUILDKIT: "1" },
  });
  const built = await localImageId(image);
  if (!built) throw new Error(`docker build made no image ${image}`);
  return built;
}

/** Adds readable tags to an image: its version, and the commit that is checked out now. */
export async function addReadableTags(image: string, version: string): Promise<void> {
  const repository = image.slice(0, image.lastIndexOf(":"));
  const tags = [`v${version}`];
  const commit = await tryRun("git", ["rev-parse", "--short=12", "HEAD"]);
  if (commit.code === 0) {
    const changes = await tryRun("git", ["status", "--porcelain", "--untracked-files=no"]);
    tags.push(`git-${commit.stdout.trim()}${changes.stdout.trim() === "" ? "" : "-dirty"}`);
  }
  for (const tag of tags) await run("docker", ["tag", image, `${repository}:${tag}`]);
}

/** Takes local images away; those that are gone or in use stay as they are. */
export async function removeLocalImages(images: readonly string[]): Promise<void> {
  for (const image of images) await tryRun("docker", ["image", "rm", image]);
}
