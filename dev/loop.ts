import { existsSync, readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { openBrowser } from "../cli/session/browser";
import type { Cluster } from "../cli/session/cluster";
import { DEV_VARIABLE, type DevComponent } from "../components/settings/dev-mode";
import { type ComponentFacts, FACTS } from "./components";
import { editorSettings, PortForward } from "./debugger";
import { Link } from "./link";
import { PodLog } from "./pod-log";
import { attachCommand, devPod } from "./pods";
import type { FromPod, Owner } from "./protocol";
import { ComponentSync, type SyncEvent, takenBy } from "./sync";
import type { Key, Status, Terminal } from "./terminal";
import { LocalTree } from "./tree";
import { type Edit, watch } from "./watcher";

const PODS_MS = 1_000;
/** How often what only an update can bring is looked at. */
const BUILT_FROM_MS = 500;
const SHOWN_DIGITS = 12;
const HELLO_MS = 10_000;

/** What the loop works with. */
export interface LoopArgs {
  components: readonly DevComponent[];
  cluster: Cluster;
  /** Environment of kubectl. */
  env: NodeJS.ProcessEnv;
  terminal: Terminal;
  /** The component that a debugger is to attach to. */
  debug: DevComponent | undefined;
  /** Files besides the components' own of which a change needs an update. */
  configuration: readonly string[];
  /** An ordinary update, with further variables. */
  update(env: Record<string, string>): Promise<void>;
  /** URL of the stack. */
  url(): Promise<string>;
}

/** How the loop ended. */
export type LoopEnd =
  /** The user has left it. */
  | "left"
  /** Somebody's update has put images in place of the dev pods. */
  | "replaced";

/** This process, as the owner of dev pods. */
export function owner(): Owner {
  return { user: userInfo().username, host: hostname(), pid: process.pid };
}

/** Serves every save of the components from inside the cluster, until the user leaves. */
export class DevLoop {
  private readonly done = new AbortController();
  private end: LoopEnd = "left";
  private failure: unknown;
  /** The update under way. */
  private updating: Promise<void> | undefined;
  private readonly parts: Part[];

  constructor(private readonly args: LoopArgs) {
    this.parts = args.components.map((name) => new Part(FACTS[name], args, () => this.show()));
  }

  /** Puts dev pods in place and keeps them in step. @throws UserError where another terminal has them */
  async run(): Promise<LoopEnd> {
    const { terminal, components } = this.args;
    await this.refuseIfTaken();
    await this.args.update(devVariables(components));
    terminal.line(
      `\nEdits of ${components.join(" and ")} are served from now on: ${await this.args.url()}`,
    );
    terminal.keys((key) => {
      // A key that can't do what it should ends nothing.
      this.onKey(key).catch((error: unknown) => terminal.line(String(error)));
    });
    const { signal } = this.done;
    const guarded = (work: Promise<unknown>): Promise<void> =>
      work.then(
        () => undefined,
        (error: unknown) => {
          this.failure ??= error;
          this.done.abort();
        },
      );
    const work = [
      ...this.parts.flatMap((part) => [
        guarded(watch(part.tree, (edit) => part.onEdit(edit), signal)),
        guarded(this.keepAttached(part, signal)),
      ]),
      guarded(this.watchConfiguration(signal)),
    ];
    // Ctrl-C may have come while the first update ran.
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    for (const part of this.parts) part.close();
    await Promise.all([...work, this.updating]);
    terminal.close();
    if (this.failure !== undefined) throw this.failure;
    return this.end;
  }

  /** Ends the loop. */
  leave(): void {
    this.done.abort();
  }

  /** Another terminal's pods are not to be rolled out anew, nor replaced by images: whatever part it works on. */
  private async refuseIfTaken(): Promise<void> {
    const { cluster, env } = this.args;
    const pods = await cluster.pods();
    await Promise.all(
      Object.values(FACTS).map(async (facts) => {
        const found = devPod(pods, facts.name);
        if (found.state !== "running") return;
        const command = attachCommand(cluster, found.pod, facts.name, facts.attach);
        const answer = await new Promise<FromPod | undefined>((resolve) => {
          const link = new Link(command, env, (message) => {
            resolve(message);
            link.close();
          });
          const limit = setTimeout(() => link.close(), HELLO_MS);
          link.send({ type: "hello", owner: owner() });
          void link.ended.then(() => {
            clearTimeout(limit);
            resolve(undefined);
          });
        });
        if (answer?.type === "refused") throw takenBy(facts.name, answer.owner);
      }),
    );
  }

  /** Talks to whatever pod the component has; ends the loop where it has none for edits any more. */
  private async keepAttached(part: Part, signal: AbortSignal): Promise<void> {
    const { cluster, env, terminal } = this.args;
    while (!signal.aborted) {
      const found = devPod(await cluster.pods(), part.facts.name);
      if (found.state === "running") {
        await part.attach(found.pod, (onMessage) => {
          const command = attachCommand(cluster, found.pod, part.facts.name, part.facts.attach);
          return new Link(command, env, onMessage);
        });
      } else if (found.state === "image" && this.updating === undefined) {
        terminal.line(
          `${part.facts.name}: its pod runs an image again: somebody has run an update`,
        );
        this.end = "replaced";
        this.done.abort();
      }
      await sleep(PODS_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Runs an update where something has changed that no sync can bring. */
  private async watchConfiguration(signal: AbortSignal): Promise<void> {
    const sources = this.parts.flatMap(({ facts }) =>
      facts.builtFrom.map((file) => join(facts.context, file)),
    );
    const files = [...sources, ...this.args.configuration];
    const look = (): string[] => [
      ...sources.map(contents),
      ...this.args.configuration.map(settings),
    ];
    let before = look();
    while (!signal.aborted) {
      await sleep(BUILT_FROM_MS, undefined, { signal }).catch(() => undefined);
      const now = look();
      const changed = files.filter((_, index) => now[index] !== before[index]);
      if (changed.length === 0 || signal.aborted) continue;
      this.args.terminal.line(
        `${changed.join(", ")} changed, which no sync can bring: an update does`,
      );
      await this.updating; // it may have begun before the change
      if (signal.aborted) return;
      await this.update();
      before = now; // what was saved meanwhile is another change
    }
  }

  /** An update with the dev pods in it, or the one under way. */
  private update(): Promise<void> {
    this.updating ??= this.args
      .update(devVariables(this.args.components))
      // What ran before runs on; mending the cause is the next save.
      .catch((error: unknown) => this.args.terminal.line(String(error)))
      .finally(() => {
        this.updating = undefined;
      });
    return this.updating;
  }

  private async onKey(key: Key): Promise<void> {
    if (key === "quit") this.leave();
    else if (key === "restart") for (const part of this.parts) part.sync.restart();
    else if (key === "update") await this.update();
    else openBrowser(await this.args.url());
  }

  private show(): void {
    this.args.terminal.status(this.parts.map((part) => part.status));
  }
}

/** One component in the loop. */
class Part {
  readonly tree: LocalTree;
  readonly sync: ComponentSync;
  status: Status;
  private log: PodLog | undefined;
  private forward: PortForward | undefined;
  private closed = false;

  constructor(
    readonly facts: ComponentFacts,
    private readonly args: LoopArgs,
    private readonly onStatus: () => void,
  ) {
    this.tree = new LocalTree(facts.context, facts.root);
    this.tree.look();
    this.sync = new ComponentSync(
      facts,
      this.tree,
      owner(),
      (event) => this.onEvent(event),
      args.debug === facts.name,
    );
    this.status = { name: facts.name, pod: "", text: "no pod yet", good: false };
  }

  onEdit(edit: Edit): void {
    this.sync.push(edit);
  }

  async attach(
    pod: string,
    connect: (onMessage: (message: FromPod) => void) => Link,
  ): Promise<void> {
    const { cluster, env } = this.args;
    this.log = new PodLog(pod, cluster.arguments, env, (line) =>
      this.args.terminal.line(`${this.facts.name} │ ${line}`),
    );
    try {
      await this.sync.attach(pod, connect);
    } finally {
      this.log.close();
      this.forward?.close();
      this.forward = undefined;
    }
  }

  close(): void {
    this.closed = true;
    this.sync.close();
    this.log?.close();
    this.forward?.close();
  }

  /** Brings the pod's port here; the process of each edit opens it anew. */
  private onDebugging(port: number): void {
    const { cluster, env, terminal } = this.args;
    const { name } = this.facts;
    if (this.forward) return;
    this.forward = new PortForward(this.status.pod, port, cluster.arguments, env, (why) =>
      terminal.line(`${name} ✗ its port ${port} can't be brought here: ${why}`),
    );
    terminal.line(`${name} waits for a debugger on port ${port}; in .vscode/launch.json:`);
    terminal.line(JSON.stringify(editorSettings(this.facts, port), undefined, 2));
  }

  private onEvent(event: SyncEvent): void {
    if (this.closed && event.type === "lost") return; // as it was meant to be
    if (event.type === "debugging") {
      this.onDebugging(event.port);
      return;
    }
    const { name } = this.facts;
    if (event.type === "connected") this.status = { ...this.status, pod: event.pod };
    const text = describe(event, this.facts);
    this.status = {
      ...this.status,
      text: text.split("\n")[0] ?? "",
      good: event.type === "served" || (event.type === "connected" && event.files === 0),
    };
    this.args.terminal.line(`${name} ${text}`);
    this.onStatus();
  }
}

/** An event in words; a failure's first line names file and line. */
export function describe(
  event: Exclude<SyncEvent, { type: "debugging" }>,
  { context }: Pick<ComponentFacts, "context">,
): string {
  switch (event.type) {
    case "connected":
      return event.files === 0
        ? `${short(event.tree)} is what ${event.pod} runs`
        : `${event.pod} gets ${count(event.files)} of ${short(event.tree)}`;
    case "served": {
      const when =
        event.seconds === undefined
          ? "served"
          : `served ${event.seconds.toFixed(1)} s after the save`;
      return `${short(event.tree)} ${when}${event.files === 0 ? "" : ` (${count(event.files)})`}`;
    }
    case "broken": {
      const { file, line, error, serves, traceback = "" } = event;
      const place = file === undefined ? "" : `${join(context, file)}:${line ?? 0} `;
      const rest = serves ? "the one before goes on" : "nothing is served until it is mended";
      return [`✗ ${place}${error} (${rest})`, ...traceback.trimEnd().split("\n")]
        .filter((text) => text !== "")
        .join("\n    ");
    }
    case "ended":
      return `✗ its process ended by itself with exit code ${event.code}: it starts again`;
    case "lost":
      return `is out of reach${event.why === "" ? "" : ` (${event.why.split("\n").pop()})`}: the next pod gets the whole tree`;
  }
}

function short(tree: string): string {
  return tree.slice(0, SHOWN_DIGITS);
}

function count(files: number): string {
  return files === 1 ? "1 file" : `${files} files`;
}

function devVariables(components: readonly DevComponent[]): Record<string, string> {
  return { [DEV_VARIABLE]: components.join(",") };
}

/** What a file holds: git writes some anew that it doesn't change. */
function contents(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** What a stack's file sets: an update may write into the rest of it. */
function settings(file: string): string {
  const text = contents(file);
  try {
    return JSON.stringify((parse(text) as { config?: unknown } | null)?.config ?? {});
  } catch {
    return text; // half saved
  }
}
