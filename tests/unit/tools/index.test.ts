import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Tool } from "../../../tools/catalog";
import { folderWith } from "../support/folder";
import { openWeb, page, status, type Web } from "./support/web";

const HOST = "release.example";
const PLUGIN_HOST = "get.pulumi.com";
const SAYS_VERSION = "#!/bin/sh\necho v2.3.4\n";
const RELEASE = `${SAYS_VERSION}# its own release\n`;
const DAY_MS = 24 * 60 * 60_000;

const mockTool: Tool = {
  name: "frobnicate",
  version: "2.3.4",
  commands: ["frobnicate"],
  onPath: { args: [], version: /v(\d+\.\d+\.\d+)/, atLeast: "2.0.0" },
  upstream: {
    url: () => `https://${HOST}/frobnicate`,
    checksums: () => `https://${HOST}/frobnicate.sha256`,
    form: "file",
  },
  registry: [{ from: "script", lines: { frobnicate: SAYS_VERSION } }],
};
jest.mock("../../../tools/catalog", () => {
  const catalog =
    jest.requireActual<typeof import("../../../tools/catalog")>("../../../tools/catalog");
  const plugins = catalog.PLUGINS.filter(({ name }) => name === "random");
  return { ...catalog, TOOLS: [mockTool], PLUGINS: plugins };
});

type Tools = typeof import("../../../tools");
type Toolchain = import("../../../tools").Toolchain;

let web: Web;
let cache: string;
const environment = { ...process.env };

beforeEach(async () => {
  web = await openWeb([HOST, PLUGIN_HOST]);
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name];
  delete process.env.TODO_APP_OFFLINE;
  cache = folderWith({});
  Object.assign(process.env, {
    HTTPS_PROXY: web.proxy,
    SSL_CERT_FILE: web.authority,
    XDG_CACHE_HOME: cache,
  });
  // A pulumi that installs what it is asked for.
  const bin = folderWith({
    pulumi: `#!/bin/sh
folder="$PULUMI_HOME/plugins/$3-$4-v$5"
mkdir -p "$folder" && echo real > "$folder/pulumi-$3-$4" && chmod 755 "$folder/pulumi-$3-$4"
`,
  });
  chmodSync(join(bin, "pulumi"), 0o755);
  process.env.PATH = `${bin}${delimiter}${process.env.PATH ?? ""}`;
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});

afterEach(async () => {
  process.env = { ...environment };
  await web.close();
});

/** The toolchain as a new process has it: none of what another has found out. */
async function newProcess(): Promise<Tools> {
  jest.resetModules();
  return import("../../../tools");
}

function answering(): void {
  const sha256 = createHash("sha256").update(RELEASE).digest("hex");
  web.pages.set(`${HOST}/frobnicate`, page(RELEASE));
  web.pages.set(`${HOST}/frobnicate.sha256`, page(`${sha256}  frobnicate\n`));
  web.proxyStatus = () => 200;
}

/** The first command on a machine that can't reach the release pages for a moment. */
async function madeFromRegistries(): Promise<Toolchain> {
  web.proxyStatus = () => 403;
  return (await newProcess()).ensureTools();
}

function tool(): string {
  return readFileSync(
    join(cache, "todo-app-minikube", "frobnicate", "2.3.4", "frobnicate"),
    "utf8",
  );
}

describe("what was made from package registries", () => {
  it("serves, with a note for each stand-in, and gives way once the real ones can be had", async () => {
    const tools = await madeFromRegistries();
    expect(tool()).toBe(SAYS_VERSION);
    expect(tools.notes).toEqual([
      expect.stringMatching(/^note: a stand-in serves for Pulumi's random plugin \d/),
    ]);

    answering();
    const later = await newProcess();
    await expect(later.renewTools(tools)).resolves.toEqual([
      "frobnicate 2.3.4",
      "Pulumi plugin random",
    ]);
    expect(tool()).toBe(RELEASE);
    const { notes, env } = await (await newProcess()).ensureTools();
    expect(notes).toEqual([]);
    expect(tool()).toBe(RELEASE);
    const plugins = join(env.PULUMI_HOME ?? "", "plugins");
    const [folder = ""] = readdirSync(plugins);
    expect(readFileSync(join(plugins, folder, "pulumi-resource-random"), "utf8")).toBe("real\n");
  });

  it("stays where the real ones still can't be had, and is looked after once a day only", async () => {
    const tools = await madeFromRegistries();
    await expect((await newProcess()).renewTools(tools)).resolves.toEqual([]);
    expect(tool()).toBe(SAYS_VERSION);

    answering();
    web.asked.length = 0;
    await expect((await newProcess()).renewTools(tools)).resolves.toEqual([]);
    expect(web.asked).toEqual([]);

    const looked = join(cache, "todo-app-minikube", "looked-for-releases");
    const yesterday = new Date(Date.now() - DAY_MS - 1000);
    utimesSync(looked, yesterday, yesterday);
    await expect((await newProcess()).renewTools(tools)).resolves.toHaveLength(2);
  });

  it.each([
    ["has a wrong checksum", () => web.pages.set(`${HOST}/frobnicate`, page("something else"))],
    ["isn't there", () => web.pages.set(`${HOST}/frobnicate`, status(404))],
  ])("stays where the release %s, and leaves nothing beside it", async (_, spoil) => {
    const tools = await madeFromRegistries();
    answering();
    spoil();
    await expect((await newProcess()).renewTools(tools)).resolves.toEqual(["Pulumi plugin random"]);
    expect(tool()).toBe(SAYS_VERSION);
    expect(existsSync(join(cache, "todo-app-minikube", "frobnicate", "2.3.4.upstream"))).toBe(
      false,
    );
  });

  it("is left alone where TODO_APP_OFFLINE keeps every release out", async () => {
    const tools = await madeFromRegistries();
    answering();
    process.env.TODO_APP_OFFLINE = "1";
    web.asked.length = 0;
    await expect((await newProcess()).renewTools(tools)).resolves.toEqual([]);
    expect(web.asked).toEqual([]);
    expect(tool()).toBe(SAYS_VERSION);
  });
});

test("a command that needs one tool gets no other, and no plugin", async () => {
  answering();
  const { env, notes } = await (await newProcess()).ensureTools(["kubectl"]);
  expect(web.asked).toEqual([]);
  expect(notes).toEqual([]);
  expect(existsSync(join(env.PULUMI_HOME ?? "", "plugins"))).toBe(false);
  await (await newProcess()).ensureTools(["frobnicate"]);
  expect(tool()).toBe(RELEASE);
});

test("tools ask for no engine: a machine without Docker gets every one of them", async () => {
  const log = join(folderWith({}), "docker.log");
  const bin = folderWith({ docker: `#!/bin/sh\necho "$@" >> '${log}'\nexit 1\n` });
  chmodSync(join(bin, "docker"), 0o755);
  process.env.PATH = `${bin}${delimiter}${process.env.PATH ?? ""}`;
  answering();
  await (await newProcess()).ensureTools();
  expect(tool()).toBe(RELEASE);
  const asked = existsSync(log) ? readFileSync(log, "utf8") : "";
  // The client may say its version, and where its context leads: that asks no engine.
  expect(asked.split("\n").filter((line) => !/^(|--version|context .*)$/.test(line))).toEqual([]);
});

describe("an image that only makes something quicker", () => {
  /** A machine whose docker notes its calls, and has or gets an image as the cases say. */
  function docker(cases: string): { tools: Toolchain; calls: () => string[] } {
    const folder = folderWith({
      docker: `#!/bin/sh\necho "$*" >> "$FOLDER/calls"\ncase "$*" in\n${cases}\nesac\n`,
    });
    chmodSync(join(folder, "docker"), 0o755);
    Object.assign(process.env, { FOLDER: folder, TODO_APP_OFFLINE: "0" });
    process.env.PATH = `${folder}${delimiter}${process.env.PATH ?? ""}`;
    const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    return { tools: { env: process.env, notes: [] } as unknown as Toolchain, calls };
  }

  it("is pulled", async () => {
    const { tools, calls } = docker('"image inspect"*) exit 1;;');
    await (await newProcess()).wishForImage(tools, "registry:2");
    expect(calls()).toContain("pull registry:2");
  });

  it("that can't be had keeps nobody, and is looked for again the next day", async () => {
    const { tools, calls } = docker(
      '"image inspect"*) exit 1;;\npull*) echo refused >&2; exit 1;;',
    );
    await (await newProcess()).wishForImage(tools, "registry:2");
    await (await newProcess()).wishForImage(tools, "registry:2");
    const pulls = (): number => calls().filter((call) => call === "pull registry:2").length;
    expect(pulls()).toBe(1);
    const looked = join(cache, "todo-app-minikube", "looked-for-registry-2");
    utimesSync(looked, new Date(), new Date(Date.now() - DAY_MS - 1000));
    await (await newProcess()).wishForImage(tools, "registry:2");
    expect(pulls()).toBe(2);
  });

  it("that is there is left alone", async () => {
    const { tools, calls } = docker("");
    await (await newProcess()).wishForImage(tools, "registry:2");
    expect(calls()).toEqual(["image inspect registry:2"]);
  });
});
