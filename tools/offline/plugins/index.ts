/**
 * Stand-ins for two of Pulumi's resource plugins, for machines that cannot download the real ones.
 * Each is one JavaScript file and a launcher, and needs nothing but `node` on PATH: the folder
 * works for every clone of the project, and after the clone is gone.
 */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dependencies } from "../../../package.json";

/** A plugin that has a stand-in. */
export interface StandInPlugin {
  name: "docker" | "random";
  /** The SDK's version: the engine warns about a plugin of any other. */
  version: string;
}

/** The stand-ins, by the versions of the SDKs that the program uses. */
export const STAND_INS: readonly StandInPlugin[] = [
  { name: "docker", version: dependencies["@pulumi/docker"] },
  { name: "random", version: dependencies["@pulumi/random"] },
];

const BUNDLE = "stand-in.js";
/** Names the sources that a stand-in was made from. */
const SOURCE = "source.sha256";
/** The folders that have those sources. */
const SOURCE_FOLDERS = [__dirname, join(__dirname, "../../../common")];

const LAUNCHER = `#!/bin/sh
exec node "\${0%/*}/${BUNDLE}" "$@"
`;

/**
 * Writes the plugin folder of a stand-in: its code in one file, then the executable that Pulumi
 * starts. As that comes last, an interrupted call leaves no plugin that Pulumi would find.
 * @param outDir the folder, `resource-<name>-v<version>` in Pulumi's plugin cache; made if needed
 */
export async function bundlePlugin(name: StandInPlugin["name"], outDir: string): Promise<void> {
  const { build } = await import("esbuild"); // 10 ms that only an installation pays
  await mkdir(outDir, { recursive: true });
  await build({
    entryPoints: [join(__dirname, name, "main.ts")],
    outfile: join(outDir, BUNDLE),
    bundle: true,
    platform: "node",
    target: "node22",
    logLevel: "error",
  });
  await writeFile(join(outDir, SOURCE), sourceDigest());
  const launcher = join(outDir, `pulumi-resource-${name}`);
  await writeFile(launcher, LAUNCHER);
  await chmod(launcher, 0o755);
}

/** Whether a stand-in, not the real plugin, is in this plugin folder. */
export function isStandIn(pluginDir: string): boolean {
  return existsSync(join(pluginDir, BUNDLE));
}

/** Whether a stand-in is in this plugin folder that was made from other sources than this clone's. */
export function isOutdated(pluginDir: string): boolean {
  if (!isStandIn(pluginDir)) return false;
  const file = join(pluginDir, SOURCE);
  return !existsSync(file) || readFileSync(file, "utf8") !== sourceDigest();
}

function sourceDigest(): string {
  const hash = createHash("sha256");
  for (const folder of SOURCE_FOLDERS) {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => name.endsWith(".ts")).sort())
      hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex");
}
