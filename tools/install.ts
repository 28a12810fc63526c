import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import gte from "semver/functions/gte";
import lt from "semver/functions/lt";
import { UserError } from "../common/errors";
import { step } from "../common/progress";
import { run, tryRun } from "../common/run";
import { cachedFolder, cachePath, cacheRoot, withLock } from "./cache";
import { type OnPath, PLUGINS, type Platform, type Plugin, type Tool } from "./catalog";
import { bundlePlugin, isOutdated } from "./offline/plugins";
import { fromGo, fromNpm, fromScript, fromUpstream, isReachable, Unreachable } from "./sources";

const PLUGIN_HOST = "https://get.pulumi.com";

/** Where a tool was found. */
export interface Found {
  source: "path" | "cache";
  /** Folder that holds the tool's executables. */
  folder: string;
  version: string;
}

/** This machine's platform; a UserError where there are no tools for it. */
export function platform(): Platform {
  const os = process.platform;
  const arch = ({ x64: "amd64", arm64: "arm64" } as const)[process.arch as string];
  if ((os !== "linux" && os !== "darwin") || arch === undefined) {
    throw new UserError({
      what: `${process.platform}/${process.arch} is not supported`,
      why: "the tools are published for Linux and macOS on x86-64 and ARM64",
      next: "on Windows, use WSL 2",
    });
  }
  return { os, arch };
}

/** Looks for a tool without installing anything: on PATH at a good version, else in the cache. */
export async function find(tool: Tool): Promise<Found | undefined> {
  const cached = cachePath(tool.name, tool.version);
  if (existsSync(cached)) return { source: "cache", folder: cached, version: tool.version };
  if (tool.onPath) {
    const onPath = await findOnPath(tool.commands, tool.onPath);
    if (onPath) return onPath;
  }
  return undefined;
}

/** A tool's folder, installed first where it is missing. */
export async function ensure(tool: Tool): Promise<Found> {
  const found = await find(tool);
  if (found) return found;
  const folder = await step(`${tool.name} ${tool.version}`, (progress) =>
    cachedFolder([tool.name, tool.version], async (partial) => {
      const refused: string[] = [];
      if (tool.upstream) {
        try {
          return await fromUpstream(tool.upstream, platform(), partial, tool.commands, progress);
        } catch (error) {
          if (!(error instanceof Unreachable)) throw error;
          refused.push(error.message);
        }
      }
      if (!tool.registry) throw noSource(tool, refused);
      for (const source of tool.registry) {
        if (source.from === "go") {
          progress.detail(`compiling, about ${source.minutes} min`);
          await fromGo(source, partial, progress);
        } else if (source.from === "npm") await fromNpm(source, partial);
        else await fromScript(source, partial);
      }
    }),
  );
  return { source: "cache", folder, version: tool.version };
}

/** PULUMI_HOME of this project: its plugins are apart from those of the user's other projects. */
export function pulumiHome(): string {
  return join(cacheRoot(), "pulumi-home");
}

/** The version of an npm dependency in this repository's package.json. */
export function sdkVersion(name: string): string {
  const file = join(__dirname, "..", "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as {
    dependencies: Record<string, string>;
  };
  const version = manifest.dependencies[name];
  if (version === undefined) throw new Error(`package.json has no dependency ${name}`);
  return version;
}

/** A plugin's folder, as Pulumi looks for it. */
export function pluginFolder(plugin: Plugin): string {
  return join(pulumiHome(), "plugins", `resource-${plugin.name}-v${sdkVersion(plugin.sdk)}`);
}

/** Installs the Pulumi plugins that are missing. `env` has pulumi on PATH. */
export async function ensurePlugins(env: NodeJS.ProcessEnv): Promise<void> {
  for (const plugin of PLUGINS) {
    const folder = pluginFolder(plugin);
    const isThere = (): boolean =>
      existsSync(join(folder, `pulumi-resource-${plugin.name}`)) && !isOutdated(folder);
    if (isThere()) continue;
    const version = sdkVersion(plugin.sdk);
    await step(`Pulumi plugin ${plugin.name} ${version}`, (progress) =>
      withLock(`${folder}.install`, async () => {
        if (isThere()) return; // another command was faster
        if (await isReachable(PLUGIN_HOST)) {
          // Pulumi verifies the checksum of what it downloads, and downloads nothing over a stand-in.
          await run("rm", ["-rf", folder]);
          const real = ["plugin", "install", "resource", plugin.name, version];
          if ((await tryRun("pulumi", real, { env })).code === 0) return;
        }
        const source = plugin.otherwise;
        const partial = `${folder}.partial`;
        await run("rm", ["-rf", partial]);
        await mkdir(partial, { recursive: true });
        if (source.from === "go") {
          progress.detail(`compiling, about ${source.minutes} min`);
          await fromGo(source, partial, progress);
        } else {
          await bundlePlugin(source.plugin, partial);
        }
        await chmod(join(partial, `pulumi-resource-${plugin.name}`), 0o755);
        await run("rm", ["-rf", folder]);
        await run("mv", [partial, folder]);
      }),
    );
  }
}

/** PATH with the given folders first, each once. */
export function pathWith(folders: readonly string[]): string {
  const rest = (process.env.PATH ?? "").split(delimiter);
  return [...new Set([...folders, ...rest])].join(delimiter);
}

/** The full path of a command on PATH. */
export function which(command: string): string | undefined {
  return whichAll(command)[0];
}

/** The full paths of every executable of this name on PATH, in PATH's order. */
export function whichAll(command: string): string[] {
  const found: string[] = [];
  const wrapper = join(cacheRoot(), "shell"); // plain `pulumi` of `npm run env`, not a tool
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (folder === wrapper) continue;
    const path = join(folder, command);
    try {
      accessSync(path, constants.X_OK);
      found.push(path);
    } catch {
      // not there: the next folder may have it
    }
  }
  return found;
}

/** Whether `version` lies in [atLeast, below); each has three numbers. */
export function isWithin(version: string, atLeast: string, below?: string): boolean {
  const loose = true; // Docker 17.03.1
  return gte(version, atLeast, loose) && (below === undefined || lt(version, below, loose));
}

async function findOnPath(commands: readonly string[], rule: OnPath): Promise<Found | undefined> {
  const paths = commands.map((command) => which(command));
  const [first] = paths;
  if (first === undefined || paths.includes(undefined)) return undefined;
  const result = await tryRun(first, rule.args, { timeoutMs: 10_000 });
  const version = rule.version.exec(result.stdout + result.stderr)?.[1];
  if (version === undefined || !isWithin(version, rule.atLeast, rule.below)) return undefined;
  return { source: "path", folder: join(first, ".."), version };
}

function noSource(tool: Tool, refused: readonly string[]): UserError {
  return new UserError({
    what: `${tool.name} ${tool.version} can't be installed`,
    why: [...refused, "no package registry has it"].join("; "),
    next: `install ${tool.name} by hand and put it on PATH (the cache is ${cacheRoot()})`,
  });
}
