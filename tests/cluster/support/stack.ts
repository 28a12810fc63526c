import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunResult, run, tryRun } from "../../../common/run";

/** The tests' own stack: `npm test` puts it up in a copy of the project, which tests may edit. */
export const STACK = "test";
export const NAMESPACE = "todo-app-test";
const PROFILE = "minikube";

export const folder = required("TEST_STACK_FOLDER");
export const baseUrl = required("E2E_BASE_URL");

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: npm run test:cluster puts the stack up first`);
  return value;
}

/** Runs one of the project's commands on the tests' stack, as a user would. */
export function npm(script: string, ...flags: string[]): Promise<RunResult> {
  const tsx = join(folder, "node_modules/tsx/dist/cli.mjs");
  return tryRun(process.execPath, [tsx, `scripts/${script}.ts`, "--stack", STACK, ...flags], {
    cwd: folder,
  });
}

/** Runs a command that must succeed, and gives its standard output. */
export async function npmOk(script: string, ...flags: string[]): Promise<string> {
  const result = await npm(script, ...flags);
  if (result.code !== 0)
    throw new Error(`npm run ${script}: ${result.code}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

let variables: Promise<NodeJS.ProcessEnv> | undefined;

/** The environment of plain commands, as `npm run env` prints it. */
export function plainEnvironment(): Promise<NodeJS.ProcessEnv> {
  variables ??= npmOk("env").then((text) => {
    const exports = [...text.matchAll(/^export (\w+)='(.*)'$/gm)];
    return {
      ...process.env,
      ...Object.fromEntries(exports.map(([, name, value]) => [name, value])),
    };
  });
  return variables;
}

/** Runs plain `pulumi` on the tests' stack. */
export async function pulumi(...args: string[]): Promise<RunResult> {
  const env = await plainEnvironment();
  return tryRun("pulumi", [...args, "--stack", STACK, "--non-interactive"], { cwd: folder, env });
}

/** Output of kubectl in the tests' namespace. */
export async function kubectl(...args: string[]): Promise<string> {
  const env = await plainEnvironment();
  return run("kubectl", ["--context", PROFILE, "--namespace", NAMESPACE, ...args], { env });
}

/** Output of helm for the tests' release. */
export async function helm(...args: string[]): Promise<string> {
  const env = await plainEnvironment();
  return run("helm", [...args, "--kube-context", PROFILE, "--namespace", NAMESPACE], { env });
}

/** Runs a command on Minikube's node. */
export function onNode(...args: string[]): Promise<RunResult> {
  return tryRun("docker", ["exec", PROFILE, ...args]);
}

/** A process and all that it started, directly or not. */
export async function withDescendants(pid: number): Promise<number[]> {
  const pairs = (await run("ps", ["-eo", "pid=,ppid="]))
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) {
    for (const [child = 0, its] of pairs) if (its === parent) found.push(child);
  }
  return found;
}

/** Changes one of the copy's files, and gives what puts it back. */
export function edit(path: string, from: string, to: string): () => void {
  const file = join(folder, path);
  const before = readFileSync(file, "utf8");
  if (!before.includes(from)) throw new Error(`${path} has no ${JSON.stringify(from)}`);
  writeFileSync(file, before.replace(from, to));
  return () => writeFileSync(file, before);
}

/** Sets a value of the stack's configuration; undefined takes it out again. */
export async function configure(
  key: string,
  value: string | undefined,
  ...flags: string[]
): Promise<void> {
  const result = await (value === undefined
    ? pulumi("config", "rm", key)
    : pulumi("config", "set", key, value, ...flags));
  if (result.code !== 0) throw new Error(result.stderr);
}

/** Polls the front end, through to the back end, until `stop`; counts what was answered. */
export function watchService(): { stop(): Promise<{ answered: number; failed: string[] }> } {
  let active = true;
  const result = { answered: 0, failed: [] as string[] };
  const loop = (async () => {
    while (active) {
      try {
        const response = await fetch(`${baseUrl}/api/health`, {
          signal: AbortSignal.timeout(5000),
        });
        if (response.ok) result.answered += 1;
        else result.failed.push(String(response.status));
      } catch (error) {
        result.failed.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    async stop() {
      active = false;
      await loop;
      return result;
    },
  };
}
