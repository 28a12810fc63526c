/**
 * Other targets than one node that images are loaded into: a profile of another name with two nodes, and
 * a registry that the nodes pull from.
 *
 * @jest-environment-options {"context": "todo-targets"}
 */
import { randomUUID } from "node:crypto";
import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { run, tryRun } from "../../common/run";
import { removeDatabase } from "../../components/database/container";
import { databaseName } from "../../components/names";
import { TestStack } from "../run/test-stack";
import { newUser } from "./support/client";
import { Namespace } from "./support/namespace";
import { onNode, Profile } from "./support/profile";
import { Registry } from "./support/registry";

jest.setTimeout(8 * 60_000);

const STACK = "targets";
const NAMESPACE = "todo-app-test-targets";
const PROFILE = "todo-targets";
const OTHER_DATABASE = "todo-targets-other-database";
const REQUESTS = { requests: { cpu: "50m", memory: "128Mi" } };
const CONFIG = {
  "todo-app:minikubeProfile": PROFILE,
  "todo-app:namespace": NAMESPACE,
  "todo-app:replicas": 2,
  "todo-app:nodePort": 30_102,
  "todo-app:localDatabasePort": 55_441,
  "todo-app:backendResources": REQUESTS,
  "todo-app:frontendResources": REQUESTS,
};

describe("a stack on other targets", () => {
  const profile = new Profile(PROFILE);
  const registry = new Registry("todo-targets-registry", 55_500);
  const namespace = new Namespace(NAMESPACE, PROFILE);
  let stack: TestStack;
  let nodes: string[];
  let url: string;
  /** The back end's images, "repository:tag", in the order in which they were deployed. */
  const built: string[] = [];

  /** Edits the back end, so that its image is no other stack's. */
  const edit = (comment: string): void =>
    appendFileSync(join(stack.folder, "apps/backend/app/__init__.py"), `# ${comment}\n`);

  /** The image that the pods of a component run; there must be one such. */
  const imageOf = async (component: string): Promise<string> => {
    const pods = await namespace.pods(component);
    const images = new Set(pods.map(({ spec }) => spec.containers[0]?.image ?? ""));
    expect([...images]).toHaveLength(1);
    return [...images][0] ?? "";
  };

  /** The ID of an image on each node; undefined where it is not there. */
  const idsOf = (image: string): Promise<(string | undefined)[]> =>
    Promise.all(
      nodes.map(async (node) => {
        const text = await onNode(node, ["crictl", "images", "--output", "json"]);
        const { images } = JSON.parse(text) as { images: { id: string; repoTags: string[] }[] };
        return images.find(({ repoTags }) => repoTags.includes(`docker.io/library/${image}`))?.id;
      }),
    );

  /** Runs a command that must succeed, and gives the last line of its output. */
  const succeed = async (script: string): Promise<string> => {
    const result = await stack.npm(script);
    expect([script, result.code, result.code === 0 ? "" : result.stderr.slice(-2000)]).toEqual([
      script,
      0,
      "",
    ]);
    return result.stdout.trim().split("\n").at(-1) ?? "";
  };

  /** Starts a database that is none of the stack's, and gives its URL. */
  const otherDatabase = async (): Promise<string> => {
    const password = randomUUID();
    const env = { ...process.env, POSTGRES_PASSWORD: password };
    const flags = ["--env", "POSTGRES_USER=todo", "--env", "POSTGRES_PASSWORD"];
    await run(
      "docker",
      [
        ...["run", "--detach", "--name", OTHER_DATABASE, "--network", PROFILE],
        ...flags,
        "postgres:15",
      ],
      { env },
    );
    return `postgresql://todo:${password}@${OTHER_DATABASE}:5432/todo`;
  };

  /** Sets a secret as a user would: the stack's file may have it encrypted only. */
  const setSecret = async (key: string, value: string): Promise<void> => {
    const { stdout } = await stack.npm("env");
    const exports = [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)];
    const env = Object.fromEntries(exports.map(([, name, text]) => [name, text]));
    await run("pulumi", ["config", "set", "--secret", key, "--stack", STACK], {
      cwd: stack.folder,
      env: { ...process.env, ...env },
      input: value,
    });
  };

  beforeAll(async () => {
    const config = stringify({ config: CONFIG });
    stack = await TestStack.make({ name: STACK, namespace: NAMESPACE, context: PROFILE, config });
    edit("the first image of these tests");
    nodes = await profile.start(2);
    const gateway = await profile.gateway();
    await registry.start(gateway);
    for (const node of nodes) {
      const { path, text } = registry.hostsFile(gateway);
      await onNode(node, ["install", "-D", "/dev/stdin", path], text);
    }
  });
  afterAll(async () => {
    const cleaned = await Promise.allSettled([
      removeDatabase(databaseName(STACK), true),
      removeDatabase(OTHER_DATABASE, false),
      profile.remove(),
      registry.remove(),
      removeLocal(built).then(() => registry.removeLocalCopies()),
    ]);
    rmSync(stack.folder, { recursive: true, force: true });
    expect(cleaned.filter(({ status }) => status === "rejected")).toEqual([]);
  });

  it("has its images on every node, and its pods too (FR-031)", async () => {
    url = await succeed("up");
    expect(url).toBe(`http://${await profile.ip()}:30102`);
    built.push(await imageOf("backend"));
    for (const component of ["backend", "frontend"]) {
      const ids = await idsOf(await imageOf(component));
      expect(ids).toEqual([expect.stringMatching(/^sha256:/), ids[0]]);
      const pods = await namespace.pods(component);
      expect(pods.map(({ spec }) => spec.nodeName).sort()).toEqual([...nodes].sort());
    }
    const user = await newUser(url);
    await user.chat("add buy milk");
    expect(await user.tasks()).toHaveLength(1);
  });

  it("is told that an image is gone from the second node only, and gets it back there", async () => {
    const image = await imageOf("frontend");
    const [id] = await idsOf(image);
    await onNode(nodes[1] ?? "", ["crictl", "rmi", image]);
    expect(await idsOf(image)).toEqual([id, undefined]);
    const preview = await stack.npm("preview");
    expect([preview.code, preview.stdout]).toEqual([2, `images:\n  ~ deliver ${image} again\n`]);
    await succeed("up");
    expect(await idsOf(image)).toEqual([id, id]);
  });

  it("moves to a registry: both images are pushed once, and the nodes pull them (FR-031)", async () => {
    await setSecret("databaseUrl", await otherDatabase());
    stack.configure({
      replicas: 1,
      imageDelivery: "registry",
      registry: `${registry.host}/todo`,
      kubeContext: PROFILE,
      publicUrl: url,
    });
    await succeed("up");
    expect((await registry.pushed()).images).toEqual([
      expect.stringMatching(/^todo\/todo-backend:/),
      expect.stringMatching(/^todo\/todo-frontend:/),
    ]);
    const image = await imageOf("backend");
    expect(image).toBe(`${registry.host}/todo/${built[0]}`);
    const events = await namespace.list<{ message: string }>("events");
    const messages = events.map(({ message }) => message).join("\n");
    expect(messages).toContain(`Successfully pulled image "${image}"`);
    const user = await newUser(url);
    expect(await user.tasks()).toEqual([]);
    await succeed("up");
    expect(await registry.pushed()).toEqual({ blobs: [], images: [] });
  });

  it("pushes of a changed image only the layer that changed (FR-031)", async () => {
    edit("the second image of these tests");
    await succeed("up");
    const name = (await imageOf("backend")).replace(`${registry.host}/`, "");
    built.push(name.replace("todo/", ""));
    expect(built[1]).not.toBe(built[0]);
    const { blobs, images } = await registry.pushed();
    expect(images).toEqual([name]);
    expect(blobs).toHaveLength(2); // the layer, and the image's configuration
  });

  it("is told that an image is gone from the registry, and pushes it again", async () => {
    const image = await imageOf("frontend");
    const name = image.replace(`${registry.host}/`, "");
    await registry.forget(name);
    const preview = await stack.npm("preview");
    const local = image.split("/").at(-1);
    expect([preview.code, preview.stdout]).toEqual([2, `images:\n  ~ deliver ${local} again\n`]);
    await succeed("up");
    expect((await registry.pushed()).images).toEqual([name]);
  });

  it("rolls back to an image that only the registry still has", async () => {
    const earlier = `${registry.host}/todo/${built[0]}`;
    await removeLocal([built[0] ?? "", earlier]);
    await succeed("rollback");
    expect(await imageOf("backend")).toBe(earlier);
    expect(await registry.pushed()).toEqual({ blobs: [], images: [] });
  });
});

async function removeLocal(images: readonly string[]): Promise<void> {
  for (const image of images) await tryRun("docker", ["image", "rm", image]);
}
