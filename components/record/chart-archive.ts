/** The files of a chart as one text, small enough for a stack's state. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

/** Packs a chart's folder: gzip of a JSON object from path to content, in base64. */
export function packChart(folder: string): string {
  const files = listFiles(folder).map((path) => [path, readFileSync(join(folder, path), "base64")]);
  return gzipSync(JSON.stringify(Object.fromEntries(files)), { level: 9 }).toString("base64");
}

/** Writes the files of a packed chart below a folder. */
export function unpackChart(archive: string, folder: string): void {
  const text = gunzipSync(Buffer.from(archive, "base64")).toString();
  for (const [path, content] of Object.entries(JSON.parse(text) as Record<string, string>)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.from(content, "base64"));
  }
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
