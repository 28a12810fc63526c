import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { gunzipSync } from "node:zlib";
import { say } from "../../common/progress";
import { CommandError, run, tryRun } from "../../common/run";
import { ENDING_SIGNALS } from "../../common/signals";
import { PROJECT, TYPES } from "../../components/names";
import { STATE_FOLDER } from "../../components/record/state-folder";
import type { Toolchain } from "../../tools";
import { localBackend, type StateVariables, stateVariables } from "./backend";
import { checkPassphrase, ROOT } from "./workspace";

/** A stack's state, as far as it is looked into. */
export interface State {
  resources?: { urn: string; type: string; outputs?: Record<string, unknown> }[];
  pending_operations?: unknown[];
}

/** Pulumi for one stack of this clone: every command by its CLI, as a user would type it. */
export class Pulumi {
  /** The check of the passphrase, which takes a while by design: it runs beside what needs none. */
  private readonly passphrase: Promise<void>;

  constructor(
    readonly stack: string,
    private readonly tools: Toolchain,
    private readonly variables: StateVariables = stateVariables(ROOT, process.env),
  ) {
    this.passphrase = checkPassphrase(stack, this.env);
    this.passphrase.catch(() => undefined); // whoever runs a command gets the error
  }

  /** Environment in which plain `pulumi` commands see the same stack. */
  get env(): NodeJS.ProcessEnv {
    // Pulumi notes the selected stack under the project's path, which it takes from PWD where that is a link.
    return { ...this.tools.env, ...this.variables, PWD: ROOT };
  }

  /** The stack is there afterwards, and selected for plain commands where none was. */
  async ensureStack(): Promise<void> {
    const select = !this.isOneSelected();
    if (!(await this.hasStack())) {
      const flags = [...(select ? [] : ["--no-select"]), "--non-interactive"];
      const args = ["stack", "init", this.stack, ...flags];
      const made = await tryRun("pulumi", args, this.options());
      // Another first command may have been faster.
      if (made.code !== 0 && !/already exists/.test(made.stderr))
        throw new CommandError(`pulumi ${args.join(" ")}`, made);
    } else if (select) {
      await run("pulumi", ["stack", "select", this.stack, "--non-interactive"], this.options());
    }
  }

  /** Whether this clone has a selected stack: Pulumi notes it in its home, by the project file's path. */
  private isOneSelected(): boolean {
    const path = createHash("sha1").update(join(ROOT, "Pulumi.yaml")).digest("hex");
    const file = join(
      this.env.PULUMI_HOME ?? "",
      "workspaces",
      `${PROJECT}-${path}-workspace.json`,
    );
    try {
      const { stack, stacks = {} } = JSON.parse(readFileSync(file, "utf8")) as {
        stack?: string;
        /** By the backend's URL. */
        stacks?: Record<string, string>;
      };
      const backend = this.env.PULUMI_BACKEND_URL;
      return Boolean(backend ? (stacks[backend] ?? stack) : (stack ?? Object.keys(stacks)[0]));
    } catch {
      return false;
    }
  }

  /** Whether the stack has a state. */
  async hasStack(): Promise<boolean> {
    if (this.localState()) return true;
    const stacks = await this.json<{ name: string }[]>(["stack", "ls", "--json"], false);
    return stacks.some(({ name }) => name === this.stack || name.endsWith(`/${this.stack}`));
  }

  /** The stack's state in this clone's folder; another backend has none there. */
  checkpointFile(): string {
    return join(ROOT, STATE_FOLDER, ".pulumi", "stacks", PROJECT, `${this.stack}.json`);
  }

  /** What this clone's folder holds; nothing with another backend, whatever an earlier one has left there. */
  private localState(): State | undefined {
    return this.isLocal ? readCheckpoint(this.checkpointFile()) : undefined;
  }

  /** The stack's state; undefined where it has none. */
  async state(): Promise<State | undefined> {
    if (this.isLocal) return this.localState();
    if (!(await this.hasStack())) return undefined;
    return (await this.json<{ deployment: State }>(["stack", "export"])).deployment;
  }

  /** Whether the state is in this clone's folder, and not in a backend of the user's own. */
  get isLocal(): boolean {
    return this.env.PULUMI_BACKEND_URL === localBackend(ROOT);
  }

  /** One of the stack's outputs that is no secret: from the state in this clone, else by Pulumi. */
  async output(name: string): Promise<string> {
    await this.passphrase;
    const root = this.localState()?.resources?.find(({ type }) => type === TYPES.stack);
    const stored = root?.outputs?.[name];
    return typeof stored === "string" ? stored : this.quiet(["stack", "output", name]);
  }

  /** Output of a command that answers in JSON. */
  async json<T>(args: readonly string[], withStack = true): Promise<T> {
    await this.passphrase;
    return JSON.parse(await run("pulumi", this.args(args, withStack), this.options())) as T;
  }

  /** Runs a command whose output nobody sees unless it fails. */
  async quiet(args: readonly string[]): Promise<string> {
    await this.passphrase;
    return run("pulumi", this.args(args), this.options());
  }

  /** Runs a command and tells how it ended. */
  async try(args: readonly string[]): ReturnType<typeof tryRun> {
    await this.passphrase;
    return tryRun("pulumi", this.args(args), this.options());
  }

  /** Starts a command whose lines are shown, or given to `onLine`, as they come. */
  async start(
    args: readonly string[],
    onLine: (line: string) => void,
    env: Record<string, string> = {},
  ): Promise<Running> {
    await this.passphrase;
    return new Running(this.args(args), { ...this.env, ...env }, onLine);
  }

  private args(args: readonly string[], withStack = true): string[] {
    return [...args, ...(withStack ? ["--stack", this.stack] : []), "--non-interactive"];
  }

  private options(): { env: NodeJS.ProcessEnv; cwd: string } {
    return { env: this.env, cwd: ROOT };
  }
}

/** What a state file holds; undefined where there is no such file. */
function readCheckpoint(file: string): State | undefined {
  const zipped = `${file}.gz`; // by PULUMI_DIY_BACKEND_GZIP
  if (!existsSync(file) && !existsSync(zipped)) return undefined;
  const text = existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(zipped));
  const { checkpoint } = JSON.parse(text.toString()) as {
    checkpoint: { latest?: State };
  };
  return checkpoint.latest ?? {};
}

/** Ctrl-C comes twice, from the terminal and passed on by npm: only what comes later is a second one. */
const SAME_SIGNAL_MS = 1000;

/**
 * A Pulumi command under way, in a process group of its own: a second signal makes Pulumi drop what it is
 * doing, so it must get one, whether a terminal sends it or `kill`.
 */
export class Running {
  /** Resolves to the exit code. */
  readonly ended: Promise<number>;
  /** Whether a signal to this process has stopped it. */
  isStopped = false;
  /** Whether it was asked to stop, by the user or by this program. */
  private isAsked = false;
  private readonly child: ChildProcess;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv, onLine: (line: string) => void) {
    const child = spawn("pulumi", args, {
      cwd: ROOT,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", onLine);
    }
    this.ended = new Promise((resolve) => {
      child.once("error", () => resolve(127));
      child.once("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
    });
  }

  /**
   * Its exit code. Signals to this process are passed on meanwhile, and don't end it: Pulumi finishes or
   * undoes what is under way first; a second one makes it stop at once.
   */
  async endedDespiteSignals(): Promise<number> {
    let last = 0;
    const onSignal = (): void => {
      if (Date.now() - last < SAME_SIGNAL_MS) return;
      const isFirst = last === 0;
      last = Date.now();
      this.isStopped = true;
      say(
        isFirst
          ? "… stopping: Pulumi finishes or undoes what is under way, and a build goes on to its end (once more: at once)"
          : "… stopping at once",
      );
      if (isFirst) this.interrupt();
      else this.child.kill("SIGINT");
    };
    for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);
    try {
      return await this.ended;
    } finally {
      for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
    }
  }

  /**
   * Asks Pulumi to stop, unless it has been asked: it finishes or undoes what is under way, and releases its lock.
   * Of two signals the second makes it drop what it is doing, whoever sent the first.
   */
  interrupt(): void {
    if (this.isAsked) return;
    this.isAsked = true;
    this.child.kill("SIGINT");
  }
}
