import { mkdirSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isRunning } from "../../common/processes";
import { run, tryRun } from "../../common/run";
import { fullName, ImageArchive } from "./image-archive";
import { ImageRegistry, pullFrom } from "./image-registry";
import { listNodes, minikubeHome, readProfile } from "./profile";

/** Starts the names of the folders that hold an archive, before the number of the process. */
const ARCHIVE_FOLDER = "todo-app-image-";

/** The images of one node, or of all nodes of a cluster that is not reached by Docker. */
export interface ImageStore {
  /** The image's ID, "sha256:…"; undefined where the node hasn't got it. */
  idOf(image: string): Promise<string | undefined>;
  /**
   * Puts a local image there.
   * @param willChange whether it takes the place of one like it, so that more will follow
   */
  add(image: string, willChange?: boolean): Promise<void>;
  /** Takes an image away, where it is there and no container runs it. */
  remove(image: string): Promise<void>;
}

/** The image stores of a Minikube profile. @throws Error where it doesn't run */
export async function imageStores(profile: string): Promise<ImageStore[]> {
  const settings = readProfile(profile);
  if (!settings)
    throw new Error(`there is no Minikube profile "${profile}": minikube start -p ${profile}`);
  const { driver, runtime } = settings;
  if (driver !== "docker" || (runtime !== "containerd" && runtime !== "docker"))
    return [new MinikubeStore(profile)];
  const nodes = await listNodes(profile);
  const stopped = nodes.filter((node) => !node.running).map((node) => node.container);
  if (nodes.length === 0 || stopped.length > 0)
    throw new Error(`Minikube profile "${profile}" doesn't run: minikube start -p ${profile}`);
  const registry = new ImageRegistry(settings.network);
  return nodes.map(({ container }) =>
    runtime === "containerd"
      ? new ContainerdStore(container, registry)
      : new DockerStore(container),
  );
}

/** A node with containerd, which gets only the layers that it lacks. */
class ContainerdStore implements ImageStore {
  constructor(
    private readonly node: string,
    private readonly registry: ImageRegistry,
  ) {}

  async idOf(image: string): Promise<string | undefined> {
    const { images } = JSON.parse(
      await run("docker", ["exec", this.node, "crictl", "images", "--output", "json"]),
    ) as { images: { id: string; repoTags: string[] | null }[] };
    return images.find(({ repoTags }) => repoTags?.includes(fullName(image)))?.id;
  }

  async add(image: string, willChange = false): Promise<void> {
    if (await this.pull(image)) return;
    await this.addWhole(image);
    if (willChange) this.registry.prepare(fullName(image));
  }

  private async addWhole(image: string): Promise<void> {
    await withArchive(image, async (archive) => {
      const digests = await this.ctr(["content", "ls", "--quiet"]);
      const present = new Set(digests.split("\n"));
      const lacking = await this.import(archive, image, present);
      if (lacking === undefined) return;
      // A layer went away in between: send everything.
      const failure = await this.import(archive, image, new Set());
      if (failure !== undefined)
        throw new Error(`${this.node} takes no image ${image}: ${failure}`);
    });
  }

  async remove(image: string): Promise<void> {
    const id = await this.idOf(image);
    if (id === undefined) return;
    const users = await run("docker", [
      "exec",
      this.node,
      "crictl",
      "ps",
      "--quiet",
      "--image",
      id,
    ]);
    if (users === "") await this.ctr(["images", "rm", fullName(image)]);
  }

  /** Takes the image from the profile's registry, where that has it in time. */
  private async pull(image: string): Promise<boolean> {
    const name = fullName(image);
    const offered = await this.registry.offer(name);
    if (offered === undefined || !(await pullFrom(this.node, offered, name))) return false;
    return (await this.idOf(image)) !== undefined;
  }

  /** Imports the image; gives the reason where that failed. */
  private async import(
    archive: ImageArchive,
    image: string,
    present: ReadonlySet<string>,
  ): Promise<string | undefined> {
    const command = ["exec", "--interactive", this.node, "ctr", "--namespace", "k8s.io"];
    const input = archive.toOci(image, present);
    const result = await tryRun("docker", [...command, "images", "import", "-"], { input });
    if (result.code !== 0) return result.stderr.trim() || `exit code ${result.code}`;
    const id = await this.idOf(image);
    return id === archive.imageId ? undefined : `it has ${id ?? "none"} afterwards`;
  }

  private ctr(args: readonly string[]): Promise<string> {
    return run("docker", ["exec", this.node, "ctr", "--namespace", "k8s.io", ...args]);
  }
}

/** A node with Docker, which gets only the layers above those that it has. */
class DockerStore implements ImageStore {
  constructor(private readonly node: string) {}

  async idOf(image: string): Promise<string | undefined> {
    const result = await tryRun("docker", [
      ...["exec", this.node, "docker", "image", "inspect", "--format", "{{.Id}}", image],
    ]);
    return result.code === 0 ? result.stdout.trim() : undefined;
  }

  async add(image: string): Promise<void> {
    await withArchive(image, async (archive) => {
      const command = ["exec", "--interactive", this.node, "docker", "load"];
      const input = archive.toDocker(image, await this.presentLayers(archive));
      const result = await tryRun("docker", command, { input });
      if (result.code === 0 && (await this.idOf(image)) !== undefined) return;
      await run("docker", command, { input: archive.toDocker(image, 0) });
    });
  }

  async remove(image: string): Promise<void> {
    await tryRun("docker", ["exec", this.node, "docker", "image", "rm", image]);
  }

  /** How many of the lowest layers the node has, as parts of other images. */
  private async presentLayers(archive: ImageArchive): Promise<number> {
    const script =
      "docker image ls --quiet | sort -u | xargs -r docker image inspect --format '{{json .RootFS.Layers}}'";
    const lines = await run("docker", ["exec", this.node, "sh", "-c", script]);
    const stacks = lines.split("\n").filter((line) => line.startsWith("["));
    return Math.max(
      0,
      ...stacks.map((line) => commonPrefix(JSON.parse(line) as string[], archive.layers)),
    );
  }
}

/** Any other cluster of Minikube: its own command knows the way. */
class MinikubeStore implements ImageStore {
  constructor(private readonly profile: string) {}

  async idOf(image: string): Promise<string | undefined> {
    const images = JSON.parse(await this.minikube(["image", "ls", "--format", "json"])) as
      | { id: string; repoTags: string[] }[]
      | null;
    const id = images?.find(({ repoTags }) => repoTags.includes(fullName(image)))?.id;
    return id === undefined || id.startsWith("sha256:") ? id : `sha256:${id}`;
  }

  async add(image: string): Promise<void> {
    await this.minikube(["image", "load", "--daemon=true", image]);
  }

  async remove(image: string): Promise<void> {
    await this.minikube(["image", "rm", image]);
  }

  private minikube(args: readonly string[]): Promise<string> {
    return run("minikube", ["--profile", this.profile, ...args]);
  }
}

function commonPrefix(diffIds: readonly string[], layers: ImageArchive["layers"]): number {
  const end = layers.findIndex((layer, index) => layer.diffId !== diffIds[index]);
  return end < 0 ? layers.length : end;
}

async function withArchive<T>(
  image: string,
  use: (archive: ImageArchive) => Promise<T>,
): Promise<T> {
  await removeLeftArchives();
  const folder = await mkdtemp(join(archives(), `${ARCHIVE_FOLDER}${process.pid}-`));
  try {
    const path = join(folder, "image.tar");
    // By a pipe: Docker from snap sees another /tmp (https://github.com/canonical/docker-snap/issues/58).
    await run("sh", ["-c", 'exec docker save "$1" >"$2"', "sh", image, path]);
    return await use(ImageArchive.open(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where archives pass through: Minikube's home has room for images, which a /tmp in memory may not. */
function archives(): string {
  const folder = join(minikubeHome(), "cache", "archives");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Removes the archives of loads that were killed. */
async function removeLeftArchives(): Promise<void> {
  const name = new RegExp(`^${ARCHIVE_FOLDER}(\\d+)-`);
  const parent = archives();
  for (const folder of await readdir(parent)) {
    const pid = name.exec(folder)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    // Another user's can't be removed, and is none of this one's business.
    await rm(join(parent, folder), { recursive: true, force: true }).catch(() => undefined);
  }
}
