import { createDecipheriv, pbkdf2 } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { messageOf, UserError } from "../../common/errors";
import { DEFAULT_STACK, PROJECT } from "../../components/names";
import { ownConfig } from "../../components/settings/own-config";
import { readSettings, type Settings, UNREADABLE } from "../../components/settings/settings";

/** The project's folder; every command runs in it. */
export const ROOT = resolve(__dirname, "../..");

/** A stack's file in the project: configuration and, after the first `up`, the salt of its encryption. */
export function stackFile(stack: string): string {
  return join(ROOT, `Pulumi.${stack}.yaml`);
}

/** The settings of a stack as its file says; secrets in it are known to be there, not what they are. */
export function stackSettings(stack: string): Settings {
  const { config = {}, environment } = readStackFile(stack);
  const environments = namesOf(environment);
  if (environments === undefined) return settingsIn(config, stack);
  throw new UserError({
    what: `stack "${stack}" takes configuration from Pulumi ESC, which these commands can't read`,
    why: `Pulumi.${stack}.yaml names ${environments} under environment: only Pulumi Cloud knows the values, and to go on without them would be to work on something else`,
    next: `use plain pulumi for this stack, which reads them: pulumi preview, pulumi up; or set the keys in Pulumi.${stack}.yaml`,
  });
}

/** The environments that a stack's file names, as a text; undefined where it names none. */
function namesOf(environment: unknown): string | undefined {
  if (environment === undefined || environment === null) return undefined;
  if (!Array.isArray(environment)) return "one of its own";
  return environment.length === 0 ? undefined : environment.map(nameOf).join(", ");
}

/** An environment is named by a text, or by an object with its name as the only key. */
function nameOf(environment: unknown): string {
  return typeof environment === "object" && environment !== null
    ? Object.keys(environment).join(", ")
    : String(environment);
}

/**
 * A stack's file with another configuration. Secrets that were encrypted under another salt, so by another
 * passphrase, can't be read any more: those that the file has now serve instead.
 *
 * @param salt the one under which the secrets in `config` were encrypted
 */
export function configFor(
  stack: string,
  config: Readonly<Record<string, unknown>>,
  salt: string | undefined,
): Record<string, unknown> {
  const file = readStackFile(stack);
  if (salt === file.encryptionsalt || salt === undefined) return { ...file, config };
  const usable = Object.entries(config).flatMap(([key, value]) => {
    if (!isEncrypted(value)) return [[key, value]];
    const now = file.config?.[key];
    return now === undefined ? [] : [[key, now]];
  });
  return { ...file, config: Object.fromEntries(usable) as Record<string, unknown> };
}

/** A stack's own configuration as its file has it, secrets encrypted. */
export function stackConfig(stack: string): Record<string, unknown> {
  return readStackFile(stack).config ?? {};
}

/**
 * The settings that a configuration holds, completed with the defaults in Pulumi.yaml.
 * @throws ConfigError with every mistake in it
 */
export function settingsIn(config: Readonly<Record<string, unknown>>, stack: string): Settings {
  const raw: Record<string, string> = projectDefaults();
  const secretKeys: string[] = [];
  for (const [key, value] of Object.entries(ownConfig(config))) {
    raw[key] = plain(value);
    if (raw[key] === UNREADABLE) secretKeys.push(key);
  }
  return readSettings(raw, stack, secretKeys);
}

/** @throws UserError where the passphrase isn't the one that the stack's secrets were encrypted with */
export async function checkPassphrase(stack: string, env: NodeJS.ProcessEnv): Promise<void> {
  const salt = readStackFile(stack).encryptionsalt;
  if (salt === undefined) return;
  const [, saltText = "", , nonce = "", sealed = ""] = String(salt).split(":");
  const passphrase = passphraseIn(env);
  if (passphrase === undefined)
    throw new UserError({
      what: `the passphrase of stack "${stack}" isn't known`,
      why: "its secrets are encrypted with one, and a backend that several people share has none of its own",
      next: "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it",
    });
  const key = await promisify(pbkdf2)(
    passphrase,
    Buffer.from(saltText, "base64"),
    1_000_000,
    32,
    "sha256",
  );
  const bytes = Buffer.from(sealed, "base64");
  const iv = Buffer.from(nonce, "base64");
  if (iv.length !== 12 || bytes.length < 16)
    throw new UserError({
      what: `the encryptionsalt in Pulumi.${stack}.yaml is damaged`,
      why: "it isn't in the form that Pulumi gives it, as after a merge by hand",
      next: `bring it back as it was: git log -p Pulumi.${stack}.yaml`,
    });
  const decipher = createDecipheriv("aes-256-gcm", key, iv);
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

function passphraseIn(env: NodeJS.ProcessEnv): string | undefined {
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) return env.PULUMI_CONFIG_PASSPHRASE;
  const file = env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (!file) return undefined;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new UserError({
      what: `the passphrase in ${file} can't be read`,
      why: messageOf(error),
      next: "see to the file's owner and mode, or set PULUMI_CONFIG_PASSPHRASE",
      cause: error,
    });
  }
}

/** The defaults that Pulumi.yaml gives, as Pulumi hands them to the program. */
function projectDefaults(): Record<string, string> {
  const { config = {} } = readYaml<{ config?: Record<string, unknown> }>(join(ROOT, "Pulumi.yaml"));
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, declared]) => {
      const value = defaultIn(declared);
      return value === undefined ? [] : [[key.replace(`${PROJECT}:`, ""), plain(value)]];
    }),
  );
}

/** A key is declared by its default alone, or by an object that has it. */
function defaultIn(declared: unknown): unknown {
  if (typeof declared !== "object" || declared === null || Array.isArray(declared)) return declared;
  const { default: fallback, value } = declared as { default?: unknown; value?: unknown };
  return value ?? fallback;
}

interface StackFile {
  config?: Record<string, unknown>;
  encryptionsalt?: string;
  /** Environments of Pulumi ESC. */
  environment?: unknown;
}

function readStackFile(stack: string): StackFile {
  const path = stackFile(stack);
  if (!existsSync(path)) {
    if (stack === DEFAULT_STACK) return {};
    throw new UserError({
      what: `there is no stack "${stack}"`,
      why: `Pulumi.${stack}.yaml is missing`,
      next: `make it, after the example of Pulumi.staging.yaml; it must have a namespace and ports of its own`,
    });
  }
  return readYaml<StackFile>(path);
}

/** What a YAML file maps. @throws UserError where it can't be read as such */
function readYaml<T extends object>(path: string): Partial<T> {
  let why = "it holds no mapping from keys to values";
  try {
    const value: unknown = parse(readFileSync(path, "utf8")) ?? {};
    if (typeof value === "object" && !Array.isArray(value)) return value as Partial<T>;
  } catch (error) {
    why = messageOf(error);
  }
  throw new UserError({ what: `${basename(path)} can't be read`, why, next: "mend the file" });
}

/** A value as Pulumi hands it to the program, none as an empty text; UNREADABLE where any part of it is encrypted. */
function plain(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (isEncrypted(value)) return UNREADABLE;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Whether any part of a value in a stack's file is encrypted. */
export function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === "secure" && typeof first[1] === "string") return true;
  return entries.some(([, part]) => isEncrypted(part));
}
