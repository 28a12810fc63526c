import { chmodSync, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { contentTag } from "../../../../components/images/build-context";
import { provider } from "../../../../components/images/registry-image";
import { folderWith } from "../../support/folder";

const INPUTS = {
  registry: "localhost:5000/team",
  stack: "unit",
  image: "todo-backend:1",
  version: "1.0.0",
  context: "apps/backend",
};

/** Docker with these images, and a registry that answers as it is said; commands are written down. */
function docker(local: readonly string[], registry: string): { asked(): string[] } {
  const inspect = local.map((image) => `*" ${image}") echo sha256:0; exit 0;;`).join("\n");
  const folder = folderWith({
    "apps/backend/Dockerfile": "FROM scratch\n",
    docker: `#!/bin/sh
echo "$*" >> "$(dirname "$0")/log"
case "$1" in
  image) case " $*" in ${inspect} *) exit 1;; esac;;
  manifest) ${registry};;
  info) echo '{"plain.example.com":{"Secure":false},"docker.io":{"Secure":true}}';;
esac
`,
  });
  chmodSync(join(folder, "docker"), 0o755);
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
  process.chdir(folder);
  const log = join(folder, "log");
  return { asked: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []) };
}

const THERE = "echo {}";
const GONE = "echo 'no such manifest: localhost:5000/team/todo-backend:1' >&2; exit 1";
const DENIED = "echo 'errors: denied: requested access to the resource is denied' >&2; exit 1";
const LIMITED =
  "echo 'toomanyrequests: You have reached your pull rate limit, authentication required' >&2; exit 1";
const SILENT = "echo 'dial tcp 127.0.0.1:5000: connect: connection refused' >&2; exit 1";

describe("an image in a registry", () => {
  const environment = { ...process.env };
  const folder = process.cwd();
  afterEach(() => {
    process.chdir(folder);
    process.env = { ...environment };
    jest.restoreAllMocks();
  });

  it.each([
    [THERE, false],
    [GONE, true],
  ])("is compared with what the registry answers: %s", async (registry, changes) => {
    docker([], registry);
    await expect(provider.diff?.("", INPUTS, INPUTS)).resolves.toMatchObject({ changes });
  });

  it("is neither there nor gone where the registry doesn't answer", async () => {
    docker([], SILENT);
    await expect(provider.diff?.("", INPUTS, INPUTS)).rejects.toThrow("connection refused");
  });

  it.each([
    ["denies reading", DENIED, "one.example.com"],
    ["has been asked too often", LIMITED, "two.example.com"],
  ])(
    "is taken to be there where the registry %s, with one warning",
    async (reason, answer, registry) => {
      const warn = jest.spyOn(console, "warn").mockImplementation();
      docker([], answer);
      const inputs = { ...INPUTS, registry };
      for (let round = 0; round < 2; round++)
        await expect(provider.diff?.("", inputs, inputs)).resolves.toMatchObject({
          changes: false,
        });
      await expect(provider.read?.("", inputs)).resolves.toMatchObject({ props: inputs });
      expect(warn.mock.calls).toEqual([
        [expect.stringContaining(`warning: registry ${registry} ${reason}: todo-backend:1 is`)],
      ]);
    },
  );

  it.each([
    ["localhost:5000/team", true],
    ["127.0.0.1:5000", true],
    ["plain.example.com/team", true],
    ["registry.example.com/team", false],
  ])("is asked for in plain HTTP where the engine does so: %s, %s", async (registry, plain) => {
    const { asked } = docker([], THERE);
    await provider.diff?.("", { ...INPUTS, registry }, { ...INPUTS, registry });
    const command = `manifest inspect ${plain ? "--insecure " : ""}${registry}/todo-backend:1`;
    expect(asked()).toContain(command);
  });

  it("is pushed where the registry lacks it", async () => {
    const { asked } = docker(["todo-backend:1"], GONE);
    const made = await provider.create(INPUTS);
    expect(made).toEqual({ id: "localhost:5000/team/todo-backend:1", outs: INPUTS });
    expect(asked().slice(-2)).toEqual([
      "tag todo-backend:1 localhost:5000/team/todo-backend:1",
      "push localhost:5000/team/todo-backend:1",
    ]);
    expect(await provider.update?.("", INPUTS, INPUTS)).toEqual({ outs: INPUTS });
  });

  it("is another one by its name, and lives elsewhere by another registry", async () => {
    docker([], THERE);
    const diff = (change: object) => provider.diff?.("", INPUTS, { ...INPUTS, ...change });
    expect(await diff({ image: "todo-backend:2" })).toEqual({ changes: true });
    expect(await diff({ stack: "other" })).toEqual({ changes: false });
    expect(await diff({ registry: "localhost:5001" })).toEqual({
      ...{ changes: true, replaces: ["registry"] },
    });
  });

  it("that is gone is made again by the next update", async () => {
    docker([], GONE);
    expect(await provider.read?.("i", INPUTS)).toEqual({
      id: "i",
      props: { ...INPUTS, image: "" },
    });
  });

  it("is neither pushed nor built again where the registry has it", async () => {
    const { asked } = docker([], THERE);
    await provider.create(INPUTS);
    expect(asked().filter((command) => /^(push|build|tag)/.test(command))).toEqual([]);
  });

  it("has this commit's tags only where the build context still makes it", async () => {
    const earlier = docker([INPUTS.image], THERE);
    await provider.create(INPUTS);
    expect(earlier.asked().filter((command) => command.startsWith("tag"))).toEqual([]);
    const image = `todo-backend:${contentTag("1.0.0", INPUTS.context)}`;
    const own = docker([image], THERE);
    await provider.create({ ...INPUTS, image });
    expect(own.asked()).toContain(`tag ${image} todo-backend:v1.0.0`);
  });

  it.each([
    ["doesn't answer", SILENT],
    ["denies reading", DENIED],
    ["has been asked too often", LIMITED],
  ])("is pushed for the first time where the registry %s", async (_, registry) => {
    const { asked } = docker(["todo-backend:1"], registry);
    await provider.create(INPUTS);
    expect(asked()).toContain("push localhost:5000/team/todo-backend:1");
  });
});
