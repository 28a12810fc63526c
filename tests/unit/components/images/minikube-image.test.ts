import { chmodSync, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { contentTag } from "../../../../components/images/build-context";
import { provider } from "../../../../components/images/minikube-image";
import { RESTORE_VARIABLE } from "../../../../components/record/restore";
import { folderWith } from "../../support/folder";

const CONTEXT = "apps/backend";
const OLD = "todo-backend:1.0.0-old";

interface Inputs {
  profile: string;
  stack: string;
  image: string;
  version: string;
  context: string;
}

/** What Docker and the two nodes of a profile hold: the ID of each image by its name. */
interface Images {
  local?: Record<string, string>;
  nodes: [Record<string, string>, Record<string, string>];
}

/** A machine with these images; commands of Docker are written down, and an image is built with the ID "built". */
function machine({ local = {}, nodes }: Images): { current: string; asked(): string[] } {
  const answers = Object.entries(local).map(([image, id]) => `*" ${image}") echo ${id}; exit 0;;`);
  const listed = nodes.map((images) =>
    JSON.stringify({
      images: Object.entries(images).map(([image, id]) => ({
        ...{ id, repoTags: [`docker.io/library/${image}`] },
      })),
    }),
  );
  const profile = {
    Driver: "docker",
    KubernetesConfig: { ContainerRuntime: "containerd" },
    Nodes: [{ Name: "" }, { Name: "m02" }],
  };
  const folder = folderWith({
    ".minikube/profiles/team/config.json": JSON.stringify(profile),
    [`${CONTEXT}/Dockerfile`]: "FROM scratch\n",
    docker: `#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/log"
case "$*" in
  ps*) printf 'team\\trunning\\nteam-m02\\trunning\\n'; exit 0;;
  *"team crictl images"*) echo '${listed[0]}'; exit 0;;
  *"team-m02 crictl images"*) echo '${listed[1]}'; exit 0;;
  build*) touch "$here/built"; exit 0;;
  "image inspect"*) case " $*" in ${answers.join("\n")} esac
    [ -f "$here/built" ] && echo built && exit 0
    exit 1;;
  tag*) exit 0;;
esac
echo "no $*" >&2; exit 1
`,
  });
  chmodSync(join(folder, "docker"), 0o755);
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
  process.env.MINIKUBE_HOME = folder;
  process.chdir(folder);
  const log = join(folder, "log");
  return {
    current: `todo-backend:${contentTag("1.0.0", CONTEXT)}`,
    asked: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
  };
}

const inputs = (image: string): Inputs => ({
  ...{ profile: "team", stack: "unit", version: "1.0.0", context: CONTEXT },
  image,
});
const state = (image: string, imageId: string) => ({ ...inputs(image), imageId });

/** The tag of the build context, which is the same in every folder of these tests. */
const CURRENT = ((): string =>
  `todo-backend:${contentTag("1.0.0", folderWith({ Dockerfile: "FROM scratch\n" }))}`)();

describe("an image on the nodes of a Minikube profile", () => {
  const environment = { ...process.env };
  const home = process.cwd();
  afterEach(() => {
    process.chdir(home);
    process.env = { ...environment };
  });

  const changes = async (image: string, imageId = "id"): Promise<boolean | undefined> =>
    (await provider.diff?.("", state(image, imageId), inputs(image)))?.changes;
  const both = (image: string, id = "id"): Images["nodes"] => [{ [image]: id }, { [image]: id }];

  it("is as it was left where Docker and the nodes have it, which costs one question to Docker", async () => {
    const { current, asked } = machine({ local: { [CURRENT]: "id" }, nodes: both(CURRENT) });
    expect(current).toBe(CURRENT);
    expect(await changes(CURRENT)).toBe(false);
    expect(asked().filter((command) => command.startsWith("image inspect"))).toHaveLength(1);
  });

  it.each<[string, Images]>([
    ["one node", { local: { [CURRENT]: "id" }, nodes: [{ [CURRENT]: "id" }, {}] }],
    ["both nodes", { local: { [CURRENT]: "id" }, nodes: [{}, {}] }],
    ["Docker alone", { nodes: both(CURRENT) }],
  ])("is missed where it is gone from %s", async (_, images) => {
    machine(images);
    expect(await changes(CURRENT)).toBe(true);
  });

  it("is not missed in Docker where it can't be built any more, or by a rollback", async () => {
    machine({ nodes: both(OLD) });
    expect(await changes(OLD)).toBe(false);
    machine({ nodes: both(CURRENT) });
    process.env[RESTORE_VARIABLE] = "folder";
    expect(await changes(CURRENT)).toBe(false);
  });

  it("is built again where Docker has lost it", async () => {
    const { asked } = machine({ nodes: both(CURRENT, "built") });
    const updated = await provider.update?.("", state(CURRENT, "built"), inputs(CURRENT));
    expect(updated?.outs).toMatchObject({ imageId: "built" });
    expect(asked()).toContain(`build --platform linux/amd64 --tag ${CURRENT} ${CONTEXT}`);
  });

  it("comes back by a rollback from what the nodes have, with nothing else", async () => {
    for (const image of [OLD, CURRENT]) {
      const { asked } = machine({ nodes: both(image) });
      process.env[RESTORE_VARIABLE] = "folder";
      const updated = await provider.update?.("", state("todo-backend:x", "x"), inputs(image));
      expect(updated?.outs).toMatchObject({ image, imageId: "id" });
      expect(asked().filter((command) => /^(build|tag|save)/.test(command))).toEqual([]);
    }
  });

  it("is another one under the same name that no rollback accepts", async () => {
    machine({ nodes: both(OLD, "other") });
    process.env[RESTORE_VARIABLE] = "folder";
    const updated = provider.update?.("", state(OLD, "id"), inputs(OLD));
    await expect(updated).rejects.toThrow(/gone from Docker, and apps\/backend has changed/);
  });

  it("has this commit's tags only where the build context still makes it", async () => {
    const tagged = async (image: string): Promise<string[]> => {
      const { asked } = machine({ local: { [image]: "id" }, nodes: both(image) });
      await provider.create(inputs(image));
      return asked().filter((command) => command.startsWith("tag"));
    };
    expect(await tagged(OLD)).toEqual([]);
    expect(await tagged(CURRENT)).toContain(`tag ${CURRENT} todo-backend:v1.0.0`);
  });
});
