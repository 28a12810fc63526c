/** A registry on this machine, in a container, and what it was asked. */
import { run, tryRun } from "../../../common/run";
import { ensureImages, ensureTools } from "../../../tools";
import { containerMark } from "../../run/leftovers";
import { eventually } from "./namespace";

const IMAGE = "registry:2";
const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

/** What was sent to a registry. */
export interface Pushed {
  /** Digests of layers and configurations. */
  blobs: string[];
  /** "repository:tag" of each image. */
  images: string[];
}

export class Registry {
  private seen = 0;

  constructor(
    /** Name of the container. */
    private readonly name: string,
    private readonly port: number,
  ) {}

  /** Its name for Docker, which speaks plain HTTP to this machine only. */
  get host(): string {
    return `localhost:${this.port}`;
  }

  /** Starts it, empty, on loopback and on another address of this machine. */
  async start(address: string): Promise<void> {
    await ensureImages(await ensureTools(), [IMAGE]);
    await this.remove();
    await run("docker", [
      ...[
        "run",
        "--detach",
        ...containerMark(),
        "--name",
        this.name,
        "--env",
        "REGISTRY_STORAGE_DELETE_ENABLED=true",
      ],
      ...["127.0.0.1", address].flatMap((at) => ["--publish", `${at}:${this.port}:5000`]),
      IMAGE,
    ]);
    await eventually(15, () => this.request("GET", "/v2/").catch(() => undefined), "the registry");
  }

  async remove(): Promise<void> {
    await tryRun("docker", ["rm", "--force", "--volumes", this.name]);
  }

  /** Takes the local names of what was pushed there away from Docker. */
  async removeLocalCopies(): Promise<void> {
    const filter = ["--filter", `reference=${this.host}/*/*`];
    const list = ["image", "ls", ...filter, "--format", "{{.Repository}}:{{.Tag}}"];
    const names = (await run("docker", list)).split("\n").filter(Boolean);
    if (names.length > 0) await run("docker", ["image", "rm", ...names]);
  }

  /** Makes a node's containerd find it under its name: by another address, and in plain HTTP. */
  hostsFile(address: string): { path: string; text: string } {
    const server = `http://${address}:${this.port}`;
    return {
      path: `/etc/containerd/certs.d/${this.host}/hosts.toml`,
      text: `server = "${server}"\n[host."${server}"]\n  capabilities = ["pull", "resolve"]\n`,
    };
  }

  /** What was sent to it since the last call. */
  async pushed(): Promise<Pushed> {
    const { stdout, stderr } = await tryRun("docker", ["logs", this.name]);
    const accepted = /"PUT \/v2\/(\S+) HTTP\/[\d.]+" 201/g;
    const all = [...`${stdout}\n${stderr}`.matchAll(accepted)].map(([, path = ""]) => path);
    const paths = all.slice(this.seen).map(decodeURIComponent);
    this.seen = all.length;
    return {
      blobs: paths.flatMap((path) => /[?&]digest=([^&]+)/.exec(path)?.[1] ?? []),
      images: paths
        .filter((path) => path.includes("/manifests/"))
        .map((path) => path.replace("/manifests/", ":"))
        .sort(),
    };
  }

  /** Forgets an image, "path/repository:tag". */
  async forget(image: string): Promise<void> {
    const [, repository, tag] = /^(.+):([^:]+)$/.exec(image) ?? [];
    const manifests = `/v2/${repository}/manifests`;
    const digest = (await this.request("HEAD", `${manifests}/${tag}`)).headers.get(
      "docker-content-digest",
    );
    await this.request("DELETE", `${manifests}/${digest}`);
  }

  private async request(method: string, path: string): Promise<Response> {
    const url = `http://${this.host}${path}`;
    const response = await fetch(url, { method, headers: { accept: MANIFEST } });
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
    return response;
  }
}
