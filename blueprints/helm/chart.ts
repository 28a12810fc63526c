import { readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { isObject, type Json, type JsonObject } from "../../components/runtime/json";
import { parsedOnce } from "../parsed-once";
import { commented } from "./comments";

/** A chart's folder, read. */
export interface Chart {
  /** Name of the folder. */
  folder: string;
  /** Chart.yaml. */
  metadata: JsonObject;
  /** values.yaml. */
  values: JsonObject;
  /** values.schema.json; undefined where there is none. */
  schema: JsonObject | undefined;
  /** Values files of environments and of ci/, by their path in the chart. */
  overrides: Record<string, JsonObject>;
  /** Texts of what is in templates/, by their path in the chart. */
  templates: Record<string, string>;
  /** Paths of all files of the chart. */
  files: string[];
  /** Paths of the values that have a comment in values.yaml. */
  documented: string[];
  /** README.md; empty where there is none. */
  readme: string;
  /** Version of the application that the chart installs, where it is known from elsewhere. */
  application?: string;
}

/**
 * Reads a chart's folder.
 * @param application version of the application that it installs, where it is known from elsewhere
 */
export function readChart(folder: string, application?: string): Chart {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
    .sort();
  const texts = Object.fromEntries(
    files.filter(isRead).map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
  const parsed = parsedOnce(__filename, JSON.stringify([files, texts]), () => parse(files, texts));
  return {
    ...parsed,
    folder: basename(resolve(folder)),
    ...(application !== undefined && { application }),
  };
}

const OVERRIDE = /^(values-[\w-]+|ci\/[\w-]+)\.ya?ml$/;
const OWN = ["Chart.yaml", "values.yaml", "values.schema.json", "README.md"];

/** Whether rules look into the file; of the others they ask only whether they are there. */
function isRead(file: string): boolean {
  return OWN.includes(file) || OVERRIDE.test(file) || file.startsWith("templates/");
}

function parse(files: string[], texts: Record<string, string>): Omit<Chart, "folder"> {
  const schema = texts["values.schema.json"];
  const some = <T>(pattern: RegExp, read: (text: string) => T): Record<string, T> =>
    Object.fromEntries(
      Object.entries(texts)
        .filter(([file]) => pattern.test(file))
        .map(([file, text]) => [file, read(text)]),
    );
  return {
    metadata: yaml(texts["Chart.yaml"]),
    values: yaml(texts["values.yaml"]),
    documented: [...commented(texts["values.yaml"] ?? "")],
    schema: schema === undefined ? undefined : (JSON.parse(schema) as JsonObject),
    overrides: some(OVERRIDE, yaml),
    templates: some(/^templates\//, (text) => text),
    files,
    readme: texts["README.md"] ?? "",
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

function yaml(text = ""): JsonObject {
  // Loaded only where a chart is parsed: it takes longer than all rules together.
  const { parse } = require("yaml") as typeof import("yaml");
  const parsed: unknown = parse(text);
  return isObject(parsed) ? parsed : {};
}
