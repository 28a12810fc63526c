import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { imagesOf, keptDeployments, knownStacks } from "../record/deployments";
import { stackFolder } from "../record/state-folder";

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

/** A stack's images that no kept deployment needs, and no other stack of this clone has loaded. */
export function unusedImages(stack: string): string[] {
  const others = knownStacks().filter((name) => name !== stack);
  const needed = new Set([
    ...knownStacks().flatMap(keptDeployments).flatMap(imagesOf),
    ...others.flatMap(loadedImages),
  ]);
  return loadedImages(stack).filter((image) => !needed.has(image));
}

function write(stack: string, images: readonly string[]): void {
  const file = listFile(stack);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, images.map((image) => `${image}\n`).join(""));
}

function listFile(stack: string): string {
  return join(stackFolder(stack), "loaded-images");
}
