/** Deployments that versions before 0.2 kept in the clone's folder: the first update takes them over. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { JsonObject } from "../runtime/json";
import { identityOf, type KeptDeployment, type Tags } from "./deployment";
import { stackFolder } from "./state-folder";

const RECORD = "deployment.json";

/** A deployment in the clone's folder. */
export interface LegacyDeployment extends KeptDeployment {
  /** Folder of its chart. */
  chart: string;
  /** When it was deployed last, in ISO form. */
  time: string;
}

/** Those of a stack, the last one that was deployed last. */
export function legacyDeployments(stack: string): LegacyDeployment[] {
  const folder = join(stackFolder(stack), "deployments");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.endsWith(".partial") && existsSync(join(folder, name, RECORD)))
    .map((name) => read(join(folder, name)))
    .sort((a, b) => a.time.localeCompare(b.time));
}

function read(folder: string): LegacyDeployment {
  const record = JSON.parse(readFileSync(join(folder, RECORD), "utf8")) as {
    version: string;
    values: JsonObject;
    tags: Tags;
    chartHash: string;
    /** In seconds since 1970; earlier records have the first time only. */
    times?: number[];
    time?: number;
  };
  const { version, values, tags, chartHash } = record;
  const file = join(folder, "config.yaml");
  const { config = {}, encryptionsalt: salt } = ((existsSync(file) &&
    parse(readFileSync(file, "utf8"))) ||
    {}) as { config?: JsonObject; encryptionsalt?: string };
  const deployment = { version, values, tags, chartHash, config };
  const seconds = record.times?.at(-1) ?? record.time ?? 0;
  return {
    ...deployment,
    identity: identityOf(deployment),
    ...(salt && { salt }),
    chart: join(folder, "chart"),
    time: new Date(seconds * 1000).toISOString(),
  };
}
