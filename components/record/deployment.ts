/** What an update deploys, as far as a rollback needs it. None of it is confidential: secrets are encrypted. */
import { createHash } from "node:crypto";
import type { Json, JsonObject } from "../runtime/json";

/** Folder of the chart, relative to the project. */
export const CHART = "helm/todo-app";

/** Tags of the two images. */
export interface Tags {
  backend: string;
  frontend: string;
}

/** What is deployed, but for the chart's files. */
export interface Deployment {
  /** Version of the application. */
  version: string;
  /** The chart's values but for the chart's hash and the Secret. */
  values: JsonObject;
  tags: Tags;
  /** Hash of the chart's files. */
  chartHash: string;
  /** The stack's own configuration, with the project's prefix; secrets in it are encrypted. */
  config: JsonObject;
}

/** A deployment that a rollback can return to. */
export interface KeptDeployment extends Deployment {
  identity: string;
  /** Salt of the encryption of its secrets, where a passphrase encrypts them. */
  salt?: string;
}

/**
 * What tells deployments apart: 12 hex digits of the hash of their content. The same content is the same
 * deployment, whoever deployed it, whenever, and from wherever.
 */
export function identityOf(deployment: Deployment): string {
  const { version, values, tags, chartHash, config } = deployment;
  const text = JSON.stringify(sorted([version, values, { ...tags }, chartHash, config]));
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** The images of a deployment, as "repository:tag". */
export function imagesOf({ tags }: { tags: Tags }): string[] {
  return Object.entries(tags).map(([name, tag]) => `todo-${name}:${tag}`);
}

/** The keys of two configurations whose values differ, without the project's prefix. */
export function changedKeys(before: JsonObject, now: JsonObject): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return keys
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]))
    .map((key) => key.replace(/^[^:]*:/, ""))
    .sort();
}

/** The same value with the keys of every object in order: states and files keep them in different ones. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] as Json)]),
  );
}
