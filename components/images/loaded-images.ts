import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { STATE_FOLDER, stackFolder } from "../record/state-folder";
import { DEV_COMPONENTS } from "../settings/dev-mode";

/** The images, "repository:tag", that a stack has brought into its cluster and not taken away since. */
export function loadedImages(stack: string): string[] {
  const file = listFile(stack);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

/** Notes that a stack has brought an image into its cluster. */
export function noteLoaded(stack: string, image: string): void {
  write(stack, [...new Set([...loadedImages(stack), image])]);
}

/** Notes that images have been taken away. */
export function noteRemoved(stack: string, images: readonly string[]): void {
  write(
    stack,
    loadedImages(stack).filter((image) => !images.includes(image)),
  );
}

/**
 * A stack's images that nothing needs, and no other stack of this clone has loaded.
 * @param needed images, "repository:tag", that the stack's kept deployments have
 */
export function unusedImages(stack: string, needed: readonly string[]): string[] {
  const others = knownStacks().filter((name) => name !== stack);
  const used = new Set([...needed, ...others.flatMap(loadedImages)]);
  const loaded = loadedImages(stack);
  // The next `npm run dev` needs them, and one of them is big.
  const lastForDev = DEV_COMPONENTS.map((name) =>
    loaded.findLast((image) => image.includes(`todo-${name}-dev:`)),
  );
  return loaded.filter((image) => !lastForDev.includes(image) && !used.has(image));
}

/** The stacks of this clone that have a folder. */
function knownStacks(): string[] {
  const folder = join(STATE_FOLDER, "stacks");
  return existsSync(folder) ? readdirSync(folder) : [];
}

function write(stack: string, images: readonly string[]): void {
  const file = listFile(stack);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, images.map((image) => `${image}\n`).join(""));
}

function listFile(stack: string): string {
  return join(stackFolder(stack), "loaded-images");
}
