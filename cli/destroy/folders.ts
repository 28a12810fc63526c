import { chmodSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes a folder, also where folders in it can't be written, as in Go's module cache.
 * @param kept a folder right in it that stays; none unless said
 */
export function removeFolder(folder: string, kept?: string): void {
  const all = kept === undefined ? undefined : readdirSync(folder).filter((name) => name !== kept);
  for (const path of all?.map((name) => join(folder, name)) ?? [folder])
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EACCES" && code !== "EPERM" && code !== "ENOTEMPTY") throw error;
      makeWritable(path);
      rmSync(path, { recursive: true, force: true });
    }
}

function makeWritable(path: string): void {
  if (!lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) makeWritable(join(path, name));
}
