import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunResult, run, tryRun } from "../../../common/run";
import { TESTS_PROFILE } from "../../support/profile";
import { newUser } from "./client";
import { Namespace } from "./namespace";
import { required } from "./required";

/** The tests' own stack: `npm test` puts it up in a copy of the project, which tests may edit. */
export const STACK = "test";
export const NAMESPACE = "todo-app-test";

export const folder = required("TEST_STACK_FOLDER");
export const baseUrl = required("E2E_BASE_URL");
export const namespace = new Namespace(NAMESPACE);

/** Runs one of the project's commands on the tests' stack, as a user would. */
export function npm(script: string, ...flags: string[]): Promise<RunResult> {
  return npmWatched(script, flags);
}

/** The same, with every line that it prints as it comes. */
export function npmWatched(
  script: string,
  flags: readonly string[],
  onLine?: (line: string) => void,
): Promise<RunResult> {
  return tryRun(process.execPath, commandLine(script, flags), {
    cwd: folder,
    ...(onLine && { onLine }),
  });
}

/** Arguments of Node.js, in the stack's folder, for one of the project's commands on it. */
export function commandLine(script: string, flags: readonly string[] = []): string[] {
  return ["common/start.cjs", `cli/commands/${script}.ts`, "--stack", STACK, ...flags];
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

/** Output of kubectl in the stack's namespace. */
export function kubectl(...args: string[]): Promise<string> {
  return namespace.kubectl(args);
}

/** One of the stack's outputs. */
export async function output(name: string): Promise<string> {
  return (await pulumi("stack", "output", name)).stdout.trim();
}

/** A Service or pod of the stack on this machine's loopback, until closed. */
export async function forward(
  target: string,
  port: number,
): Promise<{ url: string; close(): void }> {
  const args = [
    "--context",
    TESTS_PROFILE,
    "--namespace",
    NAMESPACE,
    "port-forward",
    target,
    `:${port}`,
  ];
  const child = spawn("kubectl", args, { stdio: ["ignore", "pipe", "inherit"] });
  const local = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      const found = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error(`kubectl port-forward ${target} ended: ${text}`)));
  });
  return { url: `http://127.0.0.1:${local}`, close: () => void child.kill() };
}

/** Output of helm for the tests' release. */
export async function helm(...args: string[]): Promise<string> {
  const env = await plainEnvironment();
  return run("helm", [...args, "--kube-context", TESTS_PROFILE, "--namespace", NAMESPACE], { env });
}

/** Runs a command on Minikube's node. */
export function onNode(...args: string[]): Promise<RunResult> {
  return tryRun("docker", ["exec", TESTS_PROFILE, ...args]);
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

/**
 * Asks both services, as a signed-in user, until `stop`; counts what was answered, and keeps what wasn't.
 * @param paths what is asked, each by itself
 */
export async function watchService(
  paths: readonly string[] = ["/sign-in", "/api/backend/api/tasks"],
): Promise<{
  stop(): Promise<{ answered: number; failed: string[] }>;
}> {
  const user = await newUser(baseUrl);
  let active = true;
  const result = { answered: 0, failed: [] as string[] };
  const watch = async (path: string): Promise<void> => {
    while (active) {
      try {
        const response = await user.request(path, { signal: AbortSignal.timeout(5000) });
        await response.arrayBuffer();
        if (response.ok) result.answered += 1;
        else result.failed.push(`${path}: ${response.status}`);
      } catch (error) {
        result.failed.push(`${path}: ${String(error)}`);
      }
      await sleep(100);
    }
  };
  const loops = paths.map(watch);
  return {
    async stop() {
      active = false;
      await Promise.all(loops);
      return result;
    },
  };
}
