/** Nodes with Minikube's docker runtime: the images of an engine that runs in a node. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { run, tryRun } from "../../common/run";
import { localImageId } from "../../components/images/docker";
import { type ImageStore, imageStores } from "../../components/minikube/node-images";
import { ensureImages, ensureTools } from "../../tools";
import { which } from "../../tools/install";
import { containerMark } from "../run/leftovers";
import { eventually } from "./support/namespace";

jest.setTimeout(3 * 60_000);

const PROFILE = "todo-docker-runtime";
const BASE = "debian:bookworm-slim";
const NODE_IMAGE = "todo-app/docker-node-test";
const IMAGE = "todo-docker-runtime-test";

describe("a node with the docker runtime", () => {
  const environment = { ...process.env };
  const folder = mkdtempSync(join(tmpdir(), "docker-runtime-"));
  const sent = join(folder, "sent");
  let node: ImageStore;

  /** Builds an image with these files over the base, each a layer. */
  const build = async (tag: string, files: readonly string[]): Promise<string> => {
    const context = join(folder, tag);
    mkdirSync(context);
    for (const file of files) writeFileSync(join(context, file), `content of ${file}\n`);
    const lines = [`FROM ${BASE}`, ...files.map((file) => `COPY ${file} /own/`)];
    writeFileSync(join(context, "Dockerfile"), lines.join("\n"));
    await run("docker", ["build", "--tag", `${IMAGE}:${tag}`, context]);
    return `${IMAGE}:${tag}`;
  };

  /** Adds an image, and gives the megabytes that went to the node for it. */
  const megabytesFor = async (image: string): Promise<number> => {
    rmSync(sent, { force: true });
    await node.add(image);
    return readFileSync(sent).length / 1e6;
  };

  const inNode = (...args: string[]): Promise<string> =>
    run("docker", ["exec", PROFILE, "docker", ...args]);

  /** The files of an image, as the node's engine has them. */
  const filesOf = async (image: string): Promise<string[]> => {
    const container = await inNode("create", image);
    const script = `docker export ${container} | tar --list`;
    const names = await run("docker", ["exec", PROFILE, "sh", "-c", script]);
    await inNode("rm", container);
    return names.split("\n");
  };

  beforeAll(async () => {
    const tools = await ensureTools();
    await ensureImages(tools, [BASE]);
    Object.assign(process.env, { PATH: tools.env.PATH, DOCKER_BUILDKIT: "1" });
    await run("docker", ["build", "--tag", NODE_IMAGE, join(__dirname, "support/docker-node")]);
    await tryRun("docker", ["rm", "--force", "--volumes", PROFILE]);
    await run("docker", [
      ...["run", "--detach", "--privileged", ...containerMark(), "--name", PROFILE],
      ...["--label", "created_by.minikube.sigs.k8s.io=true", NODE_IMAGE],
    ]);
    const config = {
      Driver: "docker",
      KubernetesConfig: { ContainerRuntime: "docker" },
      Nodes: [{ Name: "", IP: "" }],
    };
    const profile = join(folder, ".minikube/profiles", PROFILE);
    mkdirSync(profile, { recursive: true });
    writeFileSync(join(profile, "config.json"), JSON.stringify(config));
    process.env.MINIKUBE_HOME = folder;
    await eventually(30, async () => (await inNode("info").catch(() => "")) !== "", "the engine");
    // A docker command that keeps what goes to the node.
    const recorder = join(folder, "docker");
    const real = which("docker");
    writeFileSync(
      recorder,
      `#!/bin/sh\ncase "$*" in *--interactive*) tee -a ${sent} | ${real} "$@";; *) exec ${real} "$@";; esac\n`,
    );
    chmodSync(recorder, 0o755);
    process.env.PATH = [folder, process.env.PATH].join(delimiter);
    [node] = (await imageStores(PROFILE)) as [ImageStore];
  });
  afterAll(async () => {
    process.env = environment;
    await run("docker", ["rm", "--force", "--volumes", PROFILE]);
    const list = ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", IMAGE];
    const images = (await run("docker", list)).split("\n").filter(Boolean);
    await run("docker", ["image", "rm", ...images]);
    rmSync(folder, { recursive: true });
  });

  it("gets an image whole, and of the next one only the layers above those that it has (FR-031)", async () => {
    const [first, second] = [await build("1", ["a"]), await build("2", ["a", "b"])];
    expect(await node.idOf(first)).toBeUndefined();
    expect(await megabytesFor(first)).toBeGreaterThan(50);
    expect(await node.idOf(first)).toBe(await localImageId(first));
    expect(await megabytesFor(second)).toBeLessThan(0.1);
    expect(await node.idOf(second)).toBe(await localImageId(second));
    expect(await filesOf(second)).toEqual(
      expect.arrayContaining(["etc/debian_version", "own/a", "own/b"]),
    );
  });

  it("keeps an image that a container runs, and gives any other away", async () => {
    const [first, second] = [`${IMAGE}:1`, `${IMAGE}:2`];
    const container = await inNode("create", first);
    for (const image of [first, second]) await node.remove(image);
    expect(await node.idOf(first)).toBe(await localImageId(first));
    expect(await node.idOf(second)).toBeUndefined();
    await inNode("rm", container);
  });
});
