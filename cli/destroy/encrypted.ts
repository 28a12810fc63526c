/** What only this clone's passphrase can read of its stacks' files: it is of no use once that is gone. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { isMap, parseDocument } from "yaml";
import { checkPassphrase, isEncrypted, stackFile } from "../session/workspace";

const SALT = "encryptionsalt";

/** Keys of one stack's file. */
export interface Encrypted {
  stack: string;
  keys: string[];
}

/**
 * What of stacks' files the passphrase of an environment has encrypted. With it gone, a file that goes on naming its salt
 * would make the next update fail.
 */
export async function findEncrypted(
  stacks: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Encrypted[]> {
  const found = await Promise.all(
    stacks.map(async (stack) => {
      const keys = encryptedKeys(stack);
      return keys.length > 0 && (await fits(stack, env)) ? [{ stack, keys }] : [];
    }),
  );
  return found.flat();
}

/** Takes it out of them; whatever else is in a file stays, and one with nothing else goes. */
export function forgetEncrypted(found: readonly Encrypted[]): void {
  for (const { stack, keys } of found) {
    const file = stackFile(stack);
    const document = parseDocument(readFileSync(file, "utf8"));
    for (const key of keys)
      if (key === SALT) document.delete(key);
      else document.deleteIn(["config", key]);
    const config = document.get("config");
    if (isMap(config) && config.items.length === 0) document.delete("config");
    if (isMap(document.contents) && document.contents.items.length === 0) rmSync(file);
    else writeFileSync(file, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
  }
}

/** The salt first; none where the file names none, as nothing in it is encrypted by a passphrase then. */
function encryptedKeys(stack: string): string[] {
  const document = parseDocument(readFileSync(stackFile(stack), "utf8"));
  if (document.errors.length > 0 || !document.has(SALT)) return [];
  const { config } = document.toJS() as { config?: Record<string, unknown> };
  const secrets = Object.entries(config ?? {}).filter(([, value]) => isEncrypted(value));
  return [SALT, ...secrets.map(([key]) => key)];
}

async function fits(stack: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return checkPassphrase(stack, env).then(
    () => true,
    () => false, // another passphrase's, which stays
  );
}
