// Puts fixed values in the place of what a build of Next.js makes up at random, so that two builds of the same
// sources are the same, byte by byte. Runs where `next build` ran. The build's own name is BUILD_ID's value.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SERVER = ".next/standalone/.next";

function manifest(name) {
  return JSON.parse(readFileSync(join(SERVER, "server", name), "utf8"));
}

const actions = manifest("server-reference-manifest.json");
if (Object.keys({ ...actions.node, ...actions.edge }).length > 0)
  throw new Error(
    "Server Actions encrypt what they close over: their key must be nobody's to guess",
  );

const preview = manifest("preview-props.json");
const values = new Map([
  [actions.encryptionKey, Buffer.alloc(32).toString("base64")],
  // Whoever knows this one may ask for drafts, or for pages to be rendered anew. There are neither, and half of a
  // surrogate pair can't be in a header nor in a cookie: nobody can name it.
  [preview.previewModeId, "\\ud800"],
  [preview.previewModeSigningKey, "0".repeat(64)],
  [preview.previewModeEncryptionKey, "0".repeat(64)],
]);

let changed = 0;
for (const entry of readdirSync(SERVER, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|json)$/.test(entry.name)) continue;
  const file = join(entry.parentPath, entry.name);
  const text = readFileSync(file, "utf8");
  let settled = text;
  for (const [random, fixed] of values) settled = settled.replaceAll(random, fixed);
  if (settled === text) continue;
  // In JSON alone is that half an escape.
  if (text.includes(preview.previewModeId)) JSON.parse(settled);
  writeFileSync(file, settled);
  changed += 1;
}
if (changed === 0) throw new Error("Next.js keeps its random values elsewhere now");
