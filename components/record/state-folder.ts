import { join } from "node:path";

/** Folder of everything that belongs to this clone and not to git: state, passphrase, deployments. */
export const STATE_FOLDER = ".state";

/** A stack's own folder in it. */
export function stackFolder(stack: string): string {
  return join(STATE_FOLDER, "stacks", stack);
}

/** File with the password of a stack's local database. */
export function databasePasswordFile(stack: string): string {
  return join(stackFolder(stack), "database-password");
}
