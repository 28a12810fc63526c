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
