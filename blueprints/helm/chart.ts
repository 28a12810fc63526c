import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isObject, type Json, type JsonObject } from "../../components/runtime/json";

/** A chart's folder, read. */
export interface Chart {
  /** Name of the folder. */
  folder: string;
  /** Chart.yaml. */
  metadata: JsonObject;
  /** values.yaml, and what is written in it. */
  values: JsonObject;
  valuesText: string;
  /** values.schema.json; undefined where there is none. */
  schema: JsonObject | undefined;
  /** Values files of environments and of ci/, by their path in the chart. */
  overrides: Record<string, JsonObject>;
  /** Texts of what is in templates/, by their path in the chart. */
  templates: Record<string, string>;
  /** Paths of all files of the chart. */
  files: string[];
  /** README.md; empty where there is none. */
  readme: string;
  /** Version of the application that the chart installs, where it is known from elsewhere. */
  application?: string;
}

/** Reads a chart's folder. */
export function readChart(folder: string, application?: string): Chart {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
    .sort();
  const text = (file: string): string =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
  const schema = text("values.schema.json");
  const overrides = files.filter((file) => /^(values-[\w-]+|ci\/[\w-]+)\.ya?ml$/.test(file));
  const templates = files.filter((file) => file.startsWith("templates/"));
  return {
    folder: basename(folder),
    metadata: yaml(text("Chart.yaml")),
    values: yaml(text("values.yaml")),
    valuesText: text("values.yaml"),
    schema: schema === "" ? undefined : (JSON.parse(schema) as JsonObject),
    overrides: Object.fromEntries(overrides.map((file) => [file, yaml(text(file))])),
    templates: Object.fromEntries(templates.map((file) => [file, text(file)])),
    files,
    readme: text("README.md"),
    ...(application !== undefined && { application }),
  };
}

/** The paths of all values, "backend.image.tag"; a list, or an object without members, is one value. */
export function leaves(values: Json | undefined, path: readonly string[] = []): string[] {
  if (!isObject(values) || Object.keys(values).length === 0)
    return path.length === 0 ? [] : [path.join(".")];
  return Object.entries(values).flatMap(([name, value]) => leaves(value, [...path, name]));
}

/** A value by its path; undefined where there is none. */
export function at(values: Json | undefined, path: string): Json | undefined {
  return path
    .split(".")
    .reduce<Json | undefined>((each, name) => (isObject(each) ? each[name] : undefined), values);
}

function yaml(text: string): JsonObject {
  // Loaded only where a chart is read: it takes longer than the rules.
  const { parse } = require("yaml") as typeof import("yaml");
  const parsed: unknown = parse(text);
  return isObject(parsed) ? parsed : {};
}
