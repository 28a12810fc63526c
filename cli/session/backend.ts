/** Where a stack's state is, and by which passphrase its secrets are encrypted: the user's choice first. */
import { randomBytes } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { messageOf, UserError } from "../../common/errors";
import { PROJECT } from "../../components/names";
import { STATE_FOLDER } from "../../components/record/state-folder";

const PASSPHRASE_BYTES = 32;

/** What `stateVariables` sets; what the user has set is left out. */
export interface StateVariables {
  PULUMI_CREDENTIALS_PATH: string;
  PULUMI_LANGUAGE_NODEJS_RUN_PATH: string;
  PULUMI_BACKEND_URL?: string;
  PULUMI_CONFIG_PASSPHRASE_FILE?: string;
}

/** A clone's own backend: a folder in it. */
export function localBackend(root: string): string {
  return pathToFileURL(join(root, STATE_FOLDER)).href;
}

/**
 * Variables by which Pulumi finds a clone's state and passphrase; what the user has set comes first. The
 * wrapper of plain `pulumi` (cli/shell/pulumi) decides the same way.
 *
 * - The backend: PULUMI_BACKEND_URL, else the clone's folder where it has state, else the backend that the
 *   user is logged in to, else the clone's folder.
 * - The passphrase: PULUMI_CONFIG_PASSPHRASE or its file, else, for the clone's folder, a generated one in it.
 *   Any other backend is shared, and so is its passphrase: it is the user's to name.
 *
 * @throws UserError where a variable names what isn't there
 */
export function stateVariables(root: string, env: NodeJS.ProcessEnv): StateVariables {
  checkVariables(env);
  const variables = namedVariables(root, env);
  if (variables.PULUMI_BACKEND_URL)
    mkdirSync(join(root, STATE_FOLDER), { recursive: true, mode: 0o700 });
  const file = variables.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (file && secretFile(file, () => randomBytes(PASSPHRASE_BYTES).toString("base64url")) === "")
    throw new UserError({
      what: "the passphrase of this clone's secrets is empty",
      why: `${file} has lost its content: the disk may have been full`,
      next: "put the passphrase back; without it the secrets in the state can't be read",
    });
  return variables;
}

/** The same variables; nothing that they name is made, or need be there. */
export function namedVariables(root: string, env: NodeJS.ProcessEnv): StateVariables {
  const variables: StateVariables = {
    PULUMI_CREDENTIALS_PATH: credentialsFolder(env),
    // A language host without `nodeargs` starts the program by this.
    PULUMI_LANGUAGE_NODEJS_RUN_PATH: "./components/runtime/program.cjs",
  };
  const local = localBackend(root);
  if (!env.PULUMI_BACKEND_URL) {
    if (!hasState(root) && isLoggedIn(env)) return variables;
    variables.PULUMI_BACKEND_URL = local;
  }
  const isLocal = (env.PULUMI_BACKEND_URL || local) === local;
  if (isLocal && env.PULUMI_CONFIG_PASSPHRASE === undefined && !env.PULUMI_CONFIG_PASSPHRASE_FILE)
    variables.PULUMI_CONFIG_PASSPHRASE_FILE = join(root, STATE_FOLDER, "passphrase");
  return variables;
}

/** Folder of the user's login, which is Pulumi's home unless said. */
function credentialsFolder(env: NodeJS.ProcessEnv): string {
  return env.PULUMI_CREDENTIALS_PATH || env.PULUMI_HOME || join(homedir(), ".pulumi");
}

/** Whether the user is logged in to a backend. */
function isLoggedIn(env: NodeJS.ProcessEnv): boolean {
  try {
    const text = readFileSync(join(credentialsFolder(env), "credentials.json"), "utf8");
    return Boolean((JSON.parse(text) as { current?: string }).current);
  } catch {
    return false;
  }
}

/** Whether a clone's folder has stacks of this project. */
export function hasState(root: string): boolean {
  try {
    const files = readdirSync(join(root, STATE_FOLDER, ".pulumi", "stacks", PROJECT));
    return files.some((name) => /\.json(\.gz)?$/.test(name));
  } catch {
    return false;
  }
}

/** Variables of another clone, or of an earlier shell, may name what has been deleted since. */
function checkVariables(env: NodeJS.ProcessEnv): void {
  const backend = env.PULUMI_BACKEND_URL ?? "";
  if (/^file:\/\/\//.test(backend) && !existsSync(pathOf(backend)))
    throw missing("PULUMI_BACKEND_URL", backend);
  const file = env.PULUMI_CONFIG_PASSPHRASE_FILE;
  if (!file || env.PULUMI_CONFIG_PASSPHRASE !== undefined) return;
  if (!existsSync(file)) throw missing("PULUMI_CONFIG_PASSPHRASE_FILE", file);
  if (secretFile(file, () => "") === "")
    throw new UserError({
      what: "PULUMI_CONFIG_PASSPHRASE_FILE names an empty file",
      why: `${file} holds no passphrase`,
      next: "put the passphrase there, or set PULUMI_CONFIG_PASSPHRASE",
    });
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url.replace(/^file:\/\//, "");
  }
}

function missing(variable: string, value: string): UserError {
  return new UserError({
    what: `${variable} names what isn't there`,
    why: `${value} doesn't exist; the variable may be left from another clone or from one that was deleted`,
    next: `unset ${variable}, or set it to the right one`,
  });
}

/**
 * The content of a file that only this user can read; made once, and never seen half-written.
 * @throws UserError where it can't be read
 */
export function secretFile(path: string, generate: () => string): string {
  try {
    if (!existsSync(path)) {
      mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
      const partial = `${path}.${process.pid}`;
      writeFileSync(partial, `${generate()}\n`, { mode: 0o600 });
      try {
        linkSync(partial, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another command was faster
      } finally {
        rmSync(partial, { force: true });
      }
    }
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new UserError({
      what: `${path} can't be read or made`,
      why: messageOf(error),
      next: "see to its owner and mode, and to room on the disk",
      cause: error,
    });
  }
}
