/**
 * The toolchain: every tool at a known version, from PATH, from its own release page, or from package
 * registries. Nothing outside this folder knows which of them it was.
 */
import { existsSync, statSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { cachePath } from "./cache";
import { PLUGINS, TEST_TOOLS, TOOLS, type Tool } from "./catalog";
import * as cluster from "./cluster";
import { dockerHost, withVariables } from "./docker-host";
import { type Patience, whyUnreachable } from "./download";
import * as engine from "./engine";
import { ensureImage, hasImages } from "./images";
import {
  ensure,
  ensurePlugins,
  find,
  installPlugin,
  isFromRegistries,
  isSubstitute,
  pathWith,
  platform,
  pluginFolder,
  pulumiHome,
  replaceByUpstream,
  sdkVersion,
} from "./install";
import { isStandIn } from "./offline/plugins";
import { proxyVariables } from "./proxy";

export { ensureBrowser } from "./browser";
export { type ProfileState, profileState } from "./cluster";

/** The variables by which tools, and whatever runs them, find the same engine and go round a proxy. */
export const TOOL_VARIABLES = [
  "PATH",
  "DOCKER_HOST",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
  "BUILDX_BUILDER",
  "MINIKUBE_ACTIVE_DOCKERD",
  "NO_PROXY",
  "no_proxy",
] as const;

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

/**
 * Gets the tools that are missing and returns the environment to run them in. Docker is no such tool:
 * what needs an engine asks for it by `ensureEngine`.
 * @param needed names of the only tools that are got, such as "kubectl"; unless said all, with Pulumi's plugins
 */
export async function ensureTools(needed?: readonly string[]): Promise<Toolchain> {
  const present = await Promise.all(TOOLS.map(find));
  const folders: string[] = [];
  for (const [index, tool] of TOOLS.entries()) {
    const isNeeded = needed === undefined || needed.includes(tool.name);
    const found = present[index] ?? (isNeeded ? await ensure(tool) : undefined);
    if (found?.source === "cache") folders.push(found.folder); // PATH has the others already
  }
  const { env, notes } = await toolEnvironment(folders);
  if (needed !== undefined) return { env, notes };
  await ensurePlugins(env);
  return { env, notes: [...notes, ...standInNotes()] };
}

/** The tools that are there; gets none. */
export async function presentTools(): Promise<Toolchain> {
  const present = await Promise.all(TOOLS.map(find));
  return toolEnvironment(
    present.flatMap((found) => (found?.source === "cache" ? [found.folder] : [])),
  );
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

/** A Docker engine that can serve answers afterwards, and its client is on PATH; one is started where none runs and this user may. */
export async function ensureEngine(tools: Toolchain): Promise<void> {
  const docker = PLUGINS.find(({ name }) => name === "docker");
  await engine.ensureEngine(tools.env, docker !== undefined && !isStandIn(pluginFolder(docker)));
}

/** The base images are there afterwards, under their official names. */
export async function ensureImages(tools: Toolchain, images: readonly string[]): Promise<void> {
  if (await hasImages(images, tools.env)) return;
  for (const image of images) await ensureImage(image, tools.env);
}

/** Gets an image that only makes something quicker: what keeps it away is no failure, and is looked for once a day. */
export async function wishForImage(tools: Toolchain, image: string): Promise<void> {
  if (await hasImages([image], tools.env)) return;
  if (!isDue(`looked-for-${image.replace(/\W/g, "-")}`)) return;
  await ensureImage(image, tools.env).catch(() => undefined);
}

/**
 * The Minikube profile runs afterwards, with every node Ready.
 * @param more further arguments of `minikube start`
 * @param nodePort a port that a new profile is to publish on this machine beside the usual ones
 */
export async function ensureCluster(
  tools: Toolchain,
  profile: string,
  more: readonly string[] = [],
  nodePort?: number,
): Promise<void> {
  await cluster.ensureCluster(profile, tools.env, more, nodePort);
}

/** Milliseconds between two looks for the real thing. */
const RENEW_EVERY_MS = 24 * 60 * 60_000;
/** A quick look: who reaches nothing must not wait for it. */
const GLANCE: Partial<Patience> = { connectMs: 3_000, pausesMs: [] };

/**
 * Puts the real plugins and tools in the place of those that were made from package registries, where
 * they can be had by now; looks once a day.
 * @returns what was replaced
 */
export async function renewTools(tools: Toolchain): Promise<string[]> {
  if (process.env.TODO_APP_OFFLINE === "1") return [];
  const plugins = PLUGINS.filter(isSubstitute);
  const made = TOOLS.filter(isFromRegistries);
  if (plugins.length + made.length === 0 || !isDue("looked-for-releases")) return [];
  const renewed: string[] = [];
  for (const tool of made) {
    const url = tool.upstream?.url(platform());
    if (url === undefined || (await whyUnreachable(url, GLANCE)) !== undefined) continue;
    const done = await replaceByUpstream(tool).then(
      () => true,
      () => false, // what is there goes on serving
    );
    if (done) renewed.push(`${tool.name} ${tool.version}`);
  }
  for (const plugin of plugins)
    if ((await installPlugin(plugin, tools.env, GLANCE)) === undefined)
      renewed.push(`Pulumi plugin ${plugin.name}`);
  return renewed;
}

/** Whether it is time again for what is done once a day, and notes that it is done. */
function isDue(name: string): boolean {
  const file = cachePath(name);
  const status = statSync(file, { throwIfNoEntry: false });
  if (status !== undefined && Date.now() - status.mtimeMs < RENEW_EVERY_MS) return false;
  writeFileSync(file, "");
  return true;
}

function standInNotes(): string[] {
  return PLUGINS.filter((plugin) => isStandIn(pluginFolder(plugin))).map(
    (plugin) =>
      `note: a stand-in serves for Pulumi's ${plugin.name} plugin ${sdkVersion(plugin.sdk)}: it gives way to the real one as soon as that can be downloaded`,
  );
}

function neededRange(tool: Tool): string {
  if (!tool.onPath) return tool.version;
  const { atLeast, below } = tool.onPath;
  return below ? `${atLeast} ≤ version < ${below}` : `≥ ${atLeast}`;
}

/** The environment of all tools; this process gets what finds the engine and the cluster too. */
export async function toolEnvironment(
  folders: readonly string[],
): Promise<{ env: NodeJS.ProcessEnv; notes: string[] }> {
  const { variables, notes } = await dockerHost();
  const docker = await engine.dockerClientFolder().catch(() => undefined); // told where one is needed
  const env = withVariables(process.env, {
    ...variables,
    ...proxyVariables(process.env),
    PATH: pathWith(docker ? [...folders, docker] : folders),
    PULUMI_HOME: pulumiHome(),
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
  });
  return { env, notes };
}
