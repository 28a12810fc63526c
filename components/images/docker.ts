import { CommandError, run, tryRun } from "../../common/run";
import { isSentAs } from "../minikube/image-registry";
import { isContentOf } from "./build-context";
import { platformOf } from "./platform";

/** The tags that `addReadableTags` gives, beside the one that names the content. */
const READABLE_TAG = /^(v\d.*|git-[0-9a-f]+(-dirty)?)$/;
/** How registries refuse; a "permission denied" of this machine is something else. */
const DENIED = /\bdenied:|unauthorized|forbidden|authentication required|no basic auth/i;
/** How they refuse whoever asks too often: Docker Hub counts what is read. */
const LIMITED = /toomanyrequests|too many requests/i;

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

/** What a registry says about an image; one that denies reading, or limits it, doesn't say whether it has it. */
export type RegistryAnswer = "there" | "missing" | "denied" | "limited";

/** Asks a registry for an image, "host/path/repository:tag". @throws CommandError where it doesn't answer */
export async function askRegistry(reference: string): Promise<RegistryAnswer> {
  // The client asks by HTTPS only, unless told what the engine knows by itself.
  const insecure = (await isInsecureRegistry(reference.split("/")[0] ?? "")) ? ["--insecure"] : [];
  const args = ["manifest", "inspect", ...insecure, reference];
  const result = await tryRun("docker", args);
  if (result.code === 0) return "there";
  if (/no such manifest|manifest unknown|name unknown/i.test(result.stderr)) return "missing";
  if (LIMITED.test(result.stderr)) return "limited";
  if (DENIED.test(result.stderr)) return "denied";
  throw new CommandError(`docker ${args.join(" ")}`, result);
}

/** Whether the engine speaks to a registry in plain HTTP: to those on this machine, and as it is configured. */
async function isInsecureRegistry(host: string): Promise<boolean> {
  if (/^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(host)) return true;
  const format = "{{json .RegistryConfig.IndexConfigs}}";
  const configs = JSON.parse(await run("docker", ["info", "--format", format])) as Record<
    string,
    { Secure: boolean } | undefined
  > | null; // as engines answer that only speak Docker's language
  return configs?.[host]?.Secure === false;
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
  const args = ["build", "--platform", platformOf(image), "--tag", image, build.context];
  await run("docker", args, { env: { ...process.env, DOCKER_BUILDKIT: "1" } });
  const built = await localImageId(image);
  if (!built) throw new Error(`docker build made no image ${image}`);
  return built;
}

/**
 * Adds readable tags to an image: its version, and the commit that is checked out now.
 * @param context the build context, whose changes make the commit a "dirty" one; else the whole project
 */
export async function addReadableTags(
  image: string,
  version: string,
  context = ".",
): Promise<void> {
  const repository = image.slice(0, image.lastIndexOf(":"));
  const tags = [`v${version}`];
  const commit = await tryRun("git", ["rev-parse", "--short=12", "HEAD"]);
  if (commit.code === 0) {
    const changes = await tryRun("git", ["status", "--porcelain", "--", context]);
    const clean = changes.code === 0 && changes.stdout.trim() === "";
    tags.push(`git-${commit.stdout.trim()}${clean ? "" : "-dirty"}`);
  }
  for (const tag of tags) await run("docker", ["tag", image, `${repository}:${tag}`]);
}

/** Takes local images away, under all their names; those that are gone or in use stay as they are. */
export async function removeLocalImages(images: readonly string[]): Promise<void> {
  for (const image of images) {
    const names = await removableNames(image);
    if (names.length > 0) await tryRun("docker", ["image", "rm", ...names]);
  }
}

/**
 * The names of a local image in its repository, its own last; that alone where other content is the same image. Before
 * them those under which it was on its way to a profile's registry.
 */
async function removableNames(image: string): Promise<string[]> {
  const format = "{{json .RepoTags}}";
  const result = await tryRun("docker", ["image", "inspect", "--format", format, image]);
  if (result.code !== 0) return [];
  const prefix = image.slice(0, image.lastIndexOf(":") + 1);
  const names = (JSON.parse(result.stdout) ?? []) as string[];
  const sent = names.filter((name) => isSentAs(name, image));
  const others = names.filter((name) => name.startsWith(prefix) && name !== image);
  const readable = others.filter((name) => READABLE_TAG.test(name.slice(prefix.length)));
  return [...sent, ...(readable.length === others.length ? readable : []), image];
}
