import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Tool } from "../../../tools/catalog";
import { ensure, find, isWithin, pathWith, whichAll } from "../../../tools/install";

const TOOL: Tool = {
  name: "frobnicate",
  version: "2.3.4",
  commands: ["frobnicate"],
  onPath: { args: ["--version"], version: /v(\d+\.\d+\.\d+)/, atLeast: "2.0.0", below: "3.0.0" },
  registry: [{ from: "script", lines: { frobnicate: "#!/bin/sh\necho v2.3.4\n" } }],
};

let folder: string;
const environment = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "install-test-"));
  process.env.XDG_CACHE_HOME = join(folder, "cache");
});

afterEach(() => {
  process.env = { ...environment };
  rmSync(folder, { recursive: true, force: true });
});

function putOnPath(version: string): string {
  const bin = join(folder, `bin-${version}`);
  mkdirSync(bin);
  writeFileSync(join(bin, "frobnicate"), `#!/bin/sh\necho v${version}\n`);
  chmodSync(join(bin, "frobnicate"), 0o755);
  process.env.PATH = `${bin}${delimiter}${process.env.PATH ?? ""}`;
  return bin;
}

describe("finding a tool", () => {
  it("takes the one on PATH when its version is good", async () => {
    const bin = putOnPath("2.1.0");
    await expect(find(TOOL)).resolves.toEqual({ source: "path", folder: bin, version: "2.1.0" });
  });

  it.each(["1.9.9", "3.0.0"])("leaves %s on PATH alone, which is out of range", async (version) => {
    putOnPath(version);
    await expect(find(TOOL)).resolves.toBeUndefined();
  });

  it("installs the listed version into the cache where PATH has none, once", async () => {
    const first = await ensure(TOOL);
    expect(first).toMatchObject({ source: "cache", version: "2.3.4" });
    await expect(find(TOOL)).resolves.toEqual(first);
  });

  it("names the tool and the remedy where no source has it", async () => {
    const { registry: _, ...sourceless } = TOOL;
    await expect(ensure(sourceless)).rejects.toMatchObject({
      what: "frobnicate 2.3.4 can't be installed",
      next: expect.stringContaining("put it on PATH"),
    });
  });
});

describe("what is made instead of downloaded", () => {
  const say = () => {
    const said: string[] = [];
    jest.spyOn(process.stderr, "write").mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
    return said;
  };
  afterEach(() => jest.restoreAllMocks());

  it("is announced once, with the minutes that all that is missing takes", async () => {
    const said = say();
    jest.resetModules();
    const { announceMaking } = await import("../../../tools/install");
    announceMaking("helm", "no route");
    announceMaking("kubectl", "no route");
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /^note: helm can't be downloaded \(no route\)\. .* about (\d\d) min on two cores\. TODO_APP_OFFLINE=0 refuses that\.\n$/,
    );
  });

  it("takes less where a part is there already", async () => {
    const minutes = async (): Promise<number> => {
      const said = say();
      jest.resetModules();
      const { announceMaking } = await import("../../../tools/install");
      announceMaking("helm", "no route");
      return Number(/about (\d+) min/.exec(said.join(""))?.[1]);
    };
    const all = await minutes();
    const { TOOLS, CLUSTER_TOOLS, PLUGINS } = await import("../../../tools/catalog");
    const { pluginFolder } = await import("../../../tools/install");
    const compiled = [...TOOLS, ...CLUSTER_TOOLS].find(
      ({ registry }) => registry?.[0]?.from === "go",
    );
    const takes = (compiled?.registry ?? []).reduce(
      (sum, source) => sum + (source.from === "go" ? source.minutes : 0),
      0,
    );
    const build = compiled?.build === undefined ? "" : `-${compiled.build}`;
    const made = join(
      folder,
      "cache/todo-app-minikube",
      `${compiled?.name}`,
      `${compiled?.version}${build}`,
    );
    mkdirSync(made, { recursive: true });
    expect(await minutes()).toBe(all - takes);
    const plugin = PLUGINS.find(({ otherwise }) => otherwise.from === "go");
    if (plugin?.otherwise.from !== "go") return;
    mkdirSync(pluginFolder(plugin), { recursive: true });
    writeFileSync(join(pluginFolder(plugin), `pulumi-resource-${plugin.name}`), "");
    expect(await minutes()).toBe(all - takes - plugin.otherwise.minutes);
  });
});

describe("versions", () => {
  it.each([
    ["2.0.0", true],
    ["2.10.0", true],
    ["1.99.99", false],
    ["3.0.0", false],
  ])("%s in [2.0.0, 3.0.0) is %s", (version, expected) => {
    expect(isWithin(version, "2.0.0", "3.0.0")).toBe(expected);
  });
});

describe("PATH", () => {
  it("gets new folders first, each once", () => {
    process.env.PATH = ["/a", "/b"].join(delimiter);
    expect(pathWith(["/c", "/b"])).toBe(["/c", "/b", "/a"].join(delimiter));
  });

  it("is searched in order", () => {
    const older = putOnPath("2.0.0");
    const newer = putOnPath("2.2.0");
    expect(whichAll("frobnicate")).toEqual([join(newer, "frobnicate"), join(older, "frobnicate")]);
  });
});
