/**
 * The toolchain: every tool at a known version, from PATH, from its own release page, or from package
 * registries. Nothing outside this folder knows which of them it was.
 */
import { existsSync } from "node:fs";
import { delimiter } from "node:path";
import { PLUGINS, TEST_TOOLS, TOOLS, type Tool } from "./catalog";
import * as cluster from "./cluster";
import * as engine from "./engine";
import { ensureImage, hasImages } from "./images";
import {
  ensure,
  ensurePlugins,
  find,
  pathWith,
  pluginFolder,
  pulumiHome,
  sdkVersion,
} from "./install";
import { isStandIn } from "./offline/plugins";

export { ensureBrowser } from "./browser";
export { type ProfileState, profileState } from "./cluster";

/** What scripts need in order to run the tools. */
export interface Toolchain {
  /** Environment with every tool first on PATH, and PULUMI_HOME; knows no stack and no passphrase. */
  env: NodeJS.ProcessEnv;
  /** One line about each stand-in that serves instead of a real plugin. */
  notes: string[];
}

/** What `doctor` tells about one tool. */
export interface ToolReport {
  name: string;
  /** The version, or the range of versions, that is good. */
  needed: string;
  /** The version that was found. */
  found?: string;
  source: "path" | "cache" | "missing";
  path?: string;
  /** What to do about a missing tool. */
  remedy?: string;
}

/** Gets every tool that is missing and returns the environment to run them in. */
export async function ensureTools(): Promise<Toolchain> {
  await engine.ensureDockerPackage();
  const folders: string[] = [];
  for (const tool of TOOLS) {
    const found = await ensure(tool);
    if (found.source === "cache") folders.push(found.folder); // PATH has the others already
  }
  const env = await environment(folders);
  await ensurePlugins(env);
  return { env, notes: standInNotes() };
}

/** The same toolchain with the tools that only the chart's tests need on PATH too. */
export async function ensureTestTools(tools: Toolchain): Promise<Toolchain> {
  const folders: string[] = [];
  for (const tool of TEST_TOOLS) folders.push((await ensure(tool)).folder);
  return { ...tools, env: { ...tools.env, PATH: [...folders, tools.env.PATH].join(delimiter) } };
}

/** Looks at every tool; installs nothing. */
export async function inspectTools(): Promise<ToolReport[]> {
  const tools = TOOLS.map(async (tool): Promise<ToolReport> => {
    const found = await find(tool);
    const needed = neededRange(tool);
    if (!found)
      return { name: tool.name, needed, source: "missing", remedy: "npm run up installs it" };
    return {
      name: tool.name,
      needed,
      found: found.version,
      source: found.source,
      path: found.folder,
    };
  });
  const plugins = PLUGINS.map((plugin): ToolReport => {
    const folder = pluginFolder(plugin);
    const version = sdkVersion(plugin.sdk);
    const name = `Pulumi plugin ${plugin.name}`;
    if (!existsSync(folder))
      return { name, needed: version, source: "missing", remedy: "npm run up installs it" };
    return {
      name,
      needed: version,
      found: `${version}${isStandIn(folder) ? " (stand-in)" : ""}`,
      source: "cache",
      path: folder,
    };
  });
  return [...(await Promise.all(tools)), ...plugins];
}

/** A Docker engine answers afterwards; one is started where none runs and this user may. */
export async function ensureEngine(tools: Toolchain): Promise<void> {
  await engine.ensureEngine(tools.env);
}

/** The base images are there afterwards, under their official names. */
export async function ensureImages(tools: Toolchain, images: readonly string[]): Promise<void> {
  if (await hasImages(images, tools.env)) return;
  for (const image of images) await ensureImage(image, tools.env);
}

/**
 * The Minikube profile runs afterwards, with every node Ready.
 * @param more further arguments of `minikube start`
 */
export async function ensureCluster(
  tools: Toolchain,
  profile: string,
  more: readonly string[] = [],
): Promise<void> {
  await cluster.ensureCluster(profile, tools.env, more);
}

function standInNotes(): string[] {
  return PLUGINS.filter((plugin) => isStandIn(pluginFolder(plugin))).map(
    (plugin) =>
      `note: a stand-in serves for Pulumi's ${plugin.name} plugin ${sdkVersion(plugin.sdk)}, which can't be downloaded here`,
  );
}

function neededRange(tool: Tool): string {
  if (!tool.onPath) return tool.version;
  const { atLeast, below } = tool.onPath;
  return below ? `${atLeast} ≤ version < ${below}` : `≥ ${atLeast}`;
}

async function environment(folders: readonly string[]): Promise<NodeJS.ProcessEnv> {
  const docker = await engine.dockerClientFolder();
  return {
    ...process.env,
    PATH: pathWith(docker ? [...folders, docker] : folders),
    PULUMI_HOME: pulumiHome(),
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
  };
}
