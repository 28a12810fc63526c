/**
 * A registry beside the nodes of a Minikube profile. A changed image goes there, and from there to the nodes, by the layers
 * that have changed, where `docker save` writes all of them each time. It is a cache: where it is missing, slow or broken,
 * the image goes the other way.
 */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../common/free-port";
import { tryRun } from "../../common/run";
import { fullName } from "./image-archive";
import { freeAddress } from "./network";

export const REGISTRY_IMAGE = "registry:2";

const PORT = 5000;
const DATA = "/var/lib/registry";
/** What takes longer is a large layer that the registry lacks, which Docker compresses: as a whole the image is there sooner. */
const PATIENCE_MS = 2000;
const PULL_LIMIT_MS = 20_000;
const STARTS_WITHIN_MS = 3000;
/** Layers that no image has any more stay in a registry: one that has grown beyond this makes room for a new one. */
const LARGEST_KB = 2_000_000;

/** Name of the container that is the registry of a profile's network. */
export function registryName(network: string): string {
  return `${network}-image-registry`;
}

/** Takes a profile's registry away, with what is in it. */
export async function removeRegistry(network: string): Promise<void> {
  await tryRun("docker", ["rm", "--force", "--volumes", registryName(network)]);
}

export class ImageRegistry {
  private readonly offers = new Map<string, Promise<string | undefined>>();
  private prepared = false;

  /** @param network Docker network of the profile's nodes */
  constructor(private readonly network: string) {}

  /**
   * Offers a local image to the nodes.
   *
   * @param image its name with registry and namespace, "docker.io/library/todo-backend:1"
   * @returns the name by which a node pulls it in plain HTTP; undefined where it isn't there in time
   */
  offer(image: string): Promise<string | undefined> {
    const offered = this.offers.get(image) ?? this.tryToOffer(image);
    this.offers.set(image, offered);
    return offered;
  }

  /**
   * Makes a registry, where none runs, and sends it an image that the nodes have got as a whole: the next one like it
   * finds its layers there. Nobody waits for that, and it goes on where the update ends before it does.
   */
  prepare(image: string): void {
    if (this.prepared) return;
    this.prepared = true;
    void this.fill(image).catch(() => undefined);
  }

  private async tryToOffer(image: string): Promise<string | undefined> {
    const port = await this.port();
    return port === undefined ? undefined : this.push(image, port);
  }

  private async fill(image: string): Promise<void> {
    const port = (await this.port()) ?? (await this.start());
    if (port !== undefined) sendAside(image, sentAs(image, port));
  }

  /** The port on this machine's loopback where the registry answers; undefined where it doesn't run. */
  private async port(): Promise<number | undefined> {
    const format = `{{.State.Running}} {{(index (index .HostConfig.PortBindings "${PORT}/tcp") 0).HostPort}}`;
    const found = await tryRun("docker", [
      ...["container", "inspect", "--format", format, registryName(this.network)],
    ]);
    const [running, port] = found.stdout.trim().split(" ");
    return running === "true" ? Number(port) : undefined;
  }

  /** Starts an empty registry, unless somebody else has meanwhile; gives its port, undefined where that fails. */
  private async start(): Promise<number | undefined> {
    const name = registryName(this.network);
    const address = await freeAddress(this.network);
    const port = await freePort();
    const args = [
      ...["run", "--detach", "--name", name, "--network", this.network],
      ...(address === undefined ? [] : ["--ip", address]),
      ...["--publish", `127.0.0.1:${port}:${PORT}`, "--memory", "256m", REGISTRY_IMAGE],
    ];
    let made = await tryRun("docker", args);
    if (/is already in use by container/.test(made.stderr)) {
      // Another image of this update, or another stack's update, is starting it; or it was stopped.
      await sleep(STARTS_WITHIN_MS);
      const started = await this.port();
      if (started !== undefined) return started;
      await removeRegistry(this.network);
      made = await tryRun("docker", args);
    }
    if (made.code === 0) return port;
    await removeRegistry(this.network); // it is there, but never started
    return undefined;
  }

  /** Sends what the registry lacks of an image. */
  private async push(image: string, port: number): Promise<string | undefined> {
    const name = sentAs(image, port);
    if ((await tryRun("docker", ["image", "tag", image, name])).code !== 0) return undefined;
    const { code, stdout } = await tryRun("docker", ["image", "push", name], {
      timeoutMs: PATIENCE_MS,
    });
    await tryRun("docker", ["image", "rm", "--no-prune", name]);
    void this.keepSmall();
    const digest = /digest: (sha256:\w+)/.exec(stdout)?.[1];
    if (code !== 0 || digest === undefined) return undefined;
    return `${registryName(this.network)}:${PORT}/${repositoryOf(image)}@${digest}`;
  }

  private async keepSmall(): Promise<void> {
    const size = await tryRun("docker", ["exec", registryName(this.network), "du", "-sk", DATA]);
    if (Number.parseInt(size.stdout, 10) > LARGEST_KB) await removeRegistry(this.network);
  }
}

/** The name under which an image is sent to a registry: Docker speaks plain HTTP with one on this address. */
function sentAs(image: string, port: number): string {
  return `127.0.0.1:${port}/${pathOf(image)}`;
}

/** Sends an image by a process that outlives this one: compressing all of it may take longer than the rest of an update. */
function sendAside(image: string, name: string): void {
  const script =
    'docker image tag "$1" "$2" && docker image push "$2"; docker image rm --no-prune "$2"';
  spawn("sh", ["-c", script, "sh", image, name], {
    ...{ detached: true, stdio: "ignore", env: process.env },
  })
    .on("error", () => undefined)
    .unref();
}

/** Whether a name in Docker is one under which an image was sent to a registry, by an update that was killed meanwhile. */
export function isSentAs(name: string, image: string): boolean {
  return /^127\.0\.0\.1:\d+\//.test(name) && pathOf(name) === pathOf(fullName(image));
}

/** Without the host. */
function pathOf(image: string): string {
  return image.slice(image.indexOf("/") + 1);
}

/** Without host and tag. */
function repositoryOf(image: string): string {
  const path = pathOf(image);
  return path.slice(0, path.lastIndexOf(":"));
}

/**
 * Has a node pull what was offered.
 * @param image the name that it gets there
 * @returns whether that has worked
 */
export async function pullFrom(node: string, offered: string, image: string): Promise<boolean> {
  const ctr = "ctr --namespace k8s.io images";
  const script = `${ctr} pull --plain-http "$1" && ${ctr} tag --force "$1" "$2" && ${ctr} rm "$1"`;
  // A node behind a proxy has it in its environment; the registry is beside it.
  const direct = ["--env", "NO_PROXY=*", "--env", "no_proxy=*"];
  const command = ["exec", ...direct, node, "sh", "-c", script, "sh", offered, image];
  return (await tryRun("docker", command, { timeoutMs: PULL_LIMIT_MS })).code === 0;
}
