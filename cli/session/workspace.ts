import { createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { UserError } from "../../common/errors";
import { STATE_FOLDER } from "../../components/record/state-folder";
import { readSettings, type Settings, UNREADABLE } from "../../components/settings/settings";

/** The project's folder; every command runs in it. */
export const ROOT = resolve(__dirname, "../..");
export const PROJECT = "todo-app";

/** Pulumi's backend in this clone. */
export const LOCAL_BACKEND = `file://${join(ROOT, STATE_FOLDER)}`;

const PASSPHRASE_FILE = join(ROOT, STATE_FOLDER, "passphrase");
const PASSPHRASE_BYTES = 32;

/** A stack's file in the project: configuration and, after the first `up`, the salt of its encryption. */
export function stackFile(stack: string): string {
  return join(ROOT, `Pulumi.${stack}.yaml`);
}

/** Variables by which Pulumi finds this clone's state and passphrase; what the user has set comes first. */
export function stateVariables(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const variables: Record<string, string> = {
    // A language host without `nodeargs` starts the program by this.
    PULUMI_LANGUAGE_NODEJS_RUN_PATH: "./components/runtime/program.cjs",
  };
  if (!env.PULUMI_BACKEND_URL) {
    mkdirSync(join(ROOT, STATE_FOLDER), { recursive: true, mode: 0o700 });
    variables.PULUMI_BACKEND_URL = LOCAL_BACKEND;
  }
  if (env.PULUMI_CONFIG_PASSPHRASE === undefined && !env.PULUMI_CONFIG_PASSPHRASE_FILE) {
    secretFile(PASSPHRASE_FILE, () => randomBytes(PASSPHRASE_BYTES).toString("base64url"));
    variables.PULUMI_CONFIG_PASSPHRASE_FILE = PASSPHRASE_FILE;
  }
  return variables;
}

/** The content of a file that only this user can read; made once. */
export function secretFile(path: string, generate: () => string): string {
  if (!existsSync(path)) {
    mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(path, `${generate()}\n`, { mode: 0o600, flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another command was faster
    }
  }
  return readFileSync(path, "utf8").trim();
}

/** The settings of a stack as its file says; secrets in it are known to be there, not what they are. */
export function stackSettings(stack: string): Settings {
  return settingsIn(readStackFile(stack).config ?? {}, stack);
}

/** The settings that the configuration of a stack's file holds. @throws ConfigError with every mistake in it */
export function settingsIn(config: Readonly<Record<string, unknown>>, stack: string): Settings {
  const prefix = `${PROJECT}:`;
  const raw: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of Object.entries(config)) {
    if (!key.startsWith(prefix)) continue;
    const own = key.slice(prefix.length);
    raw[own] = plain(value);
    if (raw[own] === UNREADABLE) secretKeys.push(own);
  }
  return readSettings(raw, stack, secretKeys);
}

/** @throws UserError where the passphrase isn't the one that the stack's secrets were encrypted with */
export async function checkPassphrase(stack: string, env: NodeJS.ProcessEnv): Promise<void> {
  const salt = readStackFile(stack).encryptionsalt;
  if (salt === undefined) return;
  const [, saltText = "", , nonce = "", sealed = ""] = salt.split(":");
  const passphrase =
    env.PULUMI_CONFIG_PASSPHRASE ??
    readFileSync(env.PULUMI_CONFIG_PASSPHRASE_FILE ?? PASSPHRASE_FILE, "utf8").trim();
  const key = await promisify(pbkdf2)(
    passphrase,
    Buffer.from(saltText, "base64"),
    1_000_000,
    32,
    "sha256",
  );
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-16));
  try {
    decipher.update(bytes.subarray(0, -16));
    decipher.final();
  } catch {
    throw new UserError({
      what: `wrong passphrase for stack "${stack}"`,
      why: `Pulumi.${stack}.yaml was encrypted with another one than ${
        env.PULUMI_CONFIG_PASSPHRASE === undefined
          ? `the one in ${env.PULUMI_CONFIG_PASSPHRASE_FILE}`
          : "that in PULUMI_CONFIG_PASSPHRASE"
      }`,
      next: `set PULUMI_CONFIG_PASSPHRASE to the right one; for a stack that is deployed nowhere, remove encryptionsalt and all secrets from Pulumi.${stack}.yaml instead`,
    });
  }
}

interface StackFile {
  config?: Record<string, unknown>;
  encryptionsalt?: string;
}

function readStackFile(stack: string): StackFile {
  const path = stackFile(stack);
  if (!existsSync(path)) {
    throw new UserError({
      what: `there is no stack "${stack}"`,
      why: `Pulumi.${stack}.yaml is missing`,
      next: `make it, after the example of Pulumi.dev.yaml; it must have a namespace and ports of its own`,
    });
  }
  try {
    return (parse(readFileSync(path, "utf8")) ?? {}) as StackFile;
  } catch (error) {
    throw new UserError({
      what: `Pulumi.${stack}.yaml can't be read`,
      why: String(error instanceof Error ? error.message : error),
      next: "mend the file",
    });
  }
}

/** A value as Pulumi hands it to the program; UNREADABLE where any part of it is encrypted. */
function plain(value: unknown): string {
  if (typeof value === "string") return value;
  if (isEncrypted(value)) return UNREADABLE;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === "secure" && typeof first[1] === "string") return true;
  return entries.some(([, part]) => isEncrypted(part));
}
