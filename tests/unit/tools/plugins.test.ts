import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Plugin, Tool } from "../../../tools/catalog";
import { whyUnreachable } from "../../../tools/download";
import {
  ensure,
  ensurePlugins,
  installPlugin,
  isSubstitute,
  platform,
  pluginFolder,
  pulumiHome,
  sdkVersion,
} from "../../../tools/install";
import { bundlePlugin, isOutdated, isStandIn } from "../../../tools/offline/plugins";
import { fromGo } from "../../../tools/offline/registries";
import { folderWith } from "../support/folder";

jest.mock("../../../tools/catalog", () => {
  const catalog =
    jest.requireActual<typeof import("../../../tools/catalog")>("../../../tools/catalog");
  const [kubernetes, random] = ["kubernetes", "random"].map((name) =>
    catalog.PLUGINS.find((plugin) => plugin.name === name),
  );
  return { ...catalog, PLUGINS: [kubernetes, random] };
});
jest.mock("../../../tools/download", () => ({
  ...jest.requireActual<object>("../../../tools/download"),
  whyUnreachable: jest.fn(),
}));
jest.mock("../../../tools/offline/plugins", () => ({
  ...{ bundlePlugin: jest.fn(), isOutdated: jest.fn(), isStandIn: jest.fn() },
}));
jest.mock("../../../tools/offline/registries", () => ({
  ...jest.requireActual<object>("../../../tools/offline/registries"),
  fromGo: jest.fn(),
}));

const PLUGINS = jest.requireMock<{ PLUGINS: [Plugin, Plugin] }>("../../../tools/catalog").PLUGINS;
const [COMPILED, BUNDLED] = PLUGINS;
const environment = { ...process.env };
let folder: string;

const executable = (plugin: Plugin): string =>
  join(pluginFolder(plugin), `pulumi-resource-${plugin.name}`);
const put = (file: string, content = "here"): void => {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
};
/** A pulumi that installs plugins so, and notes how it is called. */
function pulumi(script: string): void {
  const file = join(folder, "bin/pulumi");
  put(file, `#!/bin/sh\necho "$@" >> "$FOLDER/calls"\n${script}\n`);
  chmodSync(file, 0o755);
  process.env.PATH = [join(folder, "bin"), environment.PATH].join(delimiter);
}
const calls = (): string[] => {
  const file = join(folder, "calls");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
};
const REAL =
  'to="$PULUMI_HOME/plugins/resource-$4-v$5"; mkdir -p "$to"; echo real > "$to/pulumi-resource-$4"';

beforeEach(() => {
  folder = folderWith({});
  delete process.env.TODO_APP_OFFLINE;
  Object.assign(process.env, { XDG_CACHE_HOME: join(folder, "cache"), FOLDER: folder });
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jest.mocked(whyUnreachable).mockReset().mockResolvedValue("no route");
  jest.mocked(isOutdated).mockReset().mockReturnValue(false);
  jest.mocked(isStandIn).mockReset().mockReturnValue(false);
  jest
    .mocked(fromGo)
    .mockReset()
    .mockImplementation(async (source, into) => {
      for (const command of Object.keys(source.packages)) put(join(into, command), "compiled");
    });
  jest
    .mocked(bundlePlugin)
    .mockReset()
    .mockImplementation(async (plugin, into) => {
      put(join(into, `pulumi-resource-${BUNDLED.name}`), `bundled ${String(plugin)}`);
    });
});
afterEach(() => {
  process.env = { ...environment };
  jest.restoreAllMocks();
});

describe("Pulumi's plugins", () => {
  test("are the real ones where they can be had, each at its SDK's version, and installed once", async () => {
    jest.mocked(whyUnreachable).mockResolvedValue(undefined);
    pulumi(REAL);
    await ensurePlugins(process.env);
    await ensurePlugins(process.env);
    expect(calls()).toEqual(
      PLUGINS.map(({ name, sdk }) => `plugin install resource ${name} ${sdkVersion(sdk)}`),
    );
    for (const plugin of PLUGINS) {
      expect(readFileSync(executable(plugin), "utf8")).toBe("real\n");
      expect(isSubstitute(plugin)).toBe(false);
    }
    expect(fromGo).not.toHaveBeenCalled();
    expect(existsSync(`${pulumiHome()}.${process.pid}`)).toBe(false);
  });

  test("are made instead where they can't: compiled, or a stand-in, that can be run", async () => {
    await ensurePlugins(process.env);
    expect(fromGo).toHaveBeenCalledTimes(1);
    expect(bundlePlugin).toHaveBeenCalledTimes(1);
    for (const plugin of PLUGINS) expect(statSync(executable(plugin)).mode & 0o777).toBe(0o755);
    // What was compiled gives way to the real one, and so does a stand-in.
    expect(isSubstitute(COMPILED)).toBe(true);
    jest.mocked(isStandIn).mockImplementation((at) => at === pluginFolder(BUNDLED));
    expect(isSubstitute(BUNDLED)).toBe(true);
    await ensurePlugins(process.env);
    expect(fromGo).toHaveBeenCalledTimes(1);
  });

  test("that are there are left alone, but for a stand-in of other sources", async () => {
    for (const plugin of PLUGINS) put(executable(plugin));
    await ensurePlugins(process.env);
    expect(bundlePlugin).not.toHaveBeenCalled();
    jest.mocked(isOutdated).mockImplementation((at) => at === pluginFolder(BUNDLED));
    await ensurePlugins(process.env);
    expect(fromGo).not.toHaveBeenCalled();
    expect(bundlePlugin).toHaveBeenCalledTimes(1);
    expect(readFileSync(executable(BUNDLED), "utf8")).toMatch(/^bundled/);
    expect(existsSync(`${pluginFolder(BUNDLED)}.old`)).toBe(false);
  });

  test("aren't made where TODO_APP_OFFLINE is 0: why they can't be had is told", async () => {
    process.env.TODO_APP_OFFLINE = "0";
    await expect(ensurePlugins(process.env)).rejects.toMatchObject({
      what: `Pulumi's ${COMPILED.name} plugin can't be installed`,
      why: "no route",
    });
    expect(fromGo).not.toHaveBeenCalled();
  });

  test("aren't asked for where TODO_APP_OFFLINE is 1", async () => {
    process.env.TODO_APP_OFFLINE = "1";
    expect(await installPlugin(COMPILED, process.env)).toBe("TODO_APP_OFFLINE is 1");
    expect(whyUnreachable).not.toHaveBeenCalled();
  });

  test("that Pulumi can't install are told by its last words, and leave nothing", async () => {
    jest.mocked(whyUnreachable).mockResolvedValue(undefined);
    pulumi("seq 1 4 >&2; echo '403 Forbidden' >&2; exit 1");
    const patience = { connectMs: 3 };
    expect(await installPlugin(COMPILED, process.env, patience)).toBe("3\n4\n403 Forbidden");
    expect(whyUnreachable).toHaveBeenLastCalledWith("https://get.pulumi.com", patience);
    expect(existsSync(pluginFolder(COMPILED))).toBe(false);
    expect(existsSync(`${pulumiHome()}.${process.pid}`)).toBe(false);
  });
});

test("an SDK's version is this project's; one that it doesn't use has none", () => {
  expect(sdkVersion(COMPILED.sdk)).toMatch(/^\d+\.\d+\.\d+$/);
  expect(() => sdkVersion("left-pad")).toThrow("package.json has no dependency left-pad");
});

describe("a machine", () => {
  const given = { platform: process.platform, arch: process.arch };
  afterEach(
    () =>
      void Object.entries(given).map(([key, value]) =>
        Object.defineProperty(process, key, { value }),
      ),
  );
  const on = (os: string, arch: string) => {
    Object.defineProperty(process, "platform", { value: os });
    Object.defineProperty(process, "arch", { value: arch });
    return platform();
  };

  test("is one that tools are published for, by its usual name", () => {
    expect(on("linux", "x64")).toEqual({ os: "linux", arch: "amd64" });
    expect(on("darwin", "arm64")).toEqual({ os: "darwin", arch: "arm64" });
    for (const [os, arch] of [
      ["win32", "x64"],
      ["linux", "riscv64"],
    ] as const)
      expect(() => on(os, arch)).toThrow(
        expect.objectContaining({ what: `${os}/${arch} is not supported` }),
      );
  });
});

describe("a tool", () => {
  const source = { from: "script", lines: { frob: "#!/bin/sh\necho v2.0.0\n" } } as const;
  const tool = (change: Partial<Tool> = {}): Tool => ({
    ...{ name: "frob", version: "2.0.0", commands: ["frob"], registry: [source] },
    onPath: { args: [], version: /v([\d.]+)/, atLeast: "1.0.0" },
    ...change,
  });

  test("that says it is another version isn't taken, and isn't left in the cache", async () => {
    const wrong = tool({ version: "2.0.1" });
    await expect(ensure(wrong)).rejects.toMatchObject({
      what: "frob 2.0.1 was installed, but doesn't run here",
      why: "it says that it is 2.0.0",
    });
    expect(existsSync(join(folder, "cache/todo-app-minikube/frob/2.0.1"))).toBe(false);
  });

  test("that doesn't run says so by its first words", async () => {
    const broken = {
      from: "script",
      lines: { frob: "#!/bin/sh\necho 'no such library' >&2\necho more >&2\nexit 127\n" },
    } as const;
    await expect(ensure(tool({ registry: [broken] }))).rejects.toMatchObject({
      why: "exit code 127: no such library",
    });
  });

  test("is of its own build, so that what older checkouts made isn't taken for it", async () => {
    const { folder: made } = await ensure(tool({ build: 3 }));
    expect(made).toBe(join(folder, "cache/todo-app-minikube/frob/2.0.0-3"));
  });

  test("whose release can't be had, and that nothing here makes, is told", async () => {
    const upstream = {
      url: () => "https://a.example/frob",
      checksums: () => "https://b.example/sum",
      form: "file",
    } as const;
    const { registry: _, ...sourceless } = tool({ upstream });
    await expect(ensure(sourceless)).rejects.toMatchObject({
      ...{ what: "frob 2.0.0 can't be installed", why: "no route" },
    });
    process.env.TODO_APP_OFFLINE = "0";
    await expect(ensure(tool({ upstream }))).rejects.toMatchObject({ why: "no route" });
    process.env.TODO_APP_OFFLINE = "1";
    await expect(ensure(sourceless)).rejects.toMatchObject({ why: "TODO_APP_OFFLINE is 1" });
    delete process.env.TODO_APP_OFFLINE;
    // Each of its hosts is asked for: one alone is of no use.
    jest
      .mocked(whyUnreachable)
      .mockImplementation(async (url) => (url.includes("b.example") ? "no sums" : undefined));
    await expect(ensure(sourceless)).rejects.toMatchObject({ why: "no sums" });
  });
});
