import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../common/free-port";
import { FACTS } from "../../../dev/components";
import { Link } from "../../../dev/link";
import { ComponentSync, type SyncEvent } from "../../../dev/sync";
import { LocalTree } from "../../../dev/tree";
import { watch } from "../../../dev/watcher";

const PROGRAM = resolve(__dirname, "../../../helm/todo-app/files/dev/backend.py");
const APP = join(__dirname, "app");

/** Waits until something holds. @throws Error where it doesn't in time */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await sleep(20);
  }
}

/** The real supervisor with a small application, and a folder whose edits it serves. */
export class Workbench {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "dev-loop-")));
  readonly context = join(this.folder, "context");
  readonly overlay = join(this.folder, "overlay");
  readonly events: SyncEvent[] = [];
  readonly tree: LocalTree;
  readonly sync: ComponentSync;
  port = 0;
  private pod: ChildProcess | undefined;
  private readonly done = new AbortController();

  constructor() {
    mkdirSync(this.overlay, { recursive: true });
    cpSync(APP, this.context, { recursive: true });
    this.tree = new LocalTree(this.context, "app");
    this.tree.look();
    this.sync = this.newSync((event) => this.events.push(event));
  }

  /** Another terminal's sync of the same folder. */
  newSync(onEvent: (event: SyncEvent) => void, pid = 1): ComponentSync {
    const owner = { user: "ada", host: "laptop", pid };
    return new ComponentSync(FACTS.backend, this.tree, owner, onEvent);
  }

  /** Starts the pod's first process, in the state that the image has. */
  async startPod(): Promise<void> {
    this.port = await freePort();
    this.pod = spawn("python3", [PROGRAM, "serve"], {
      env: this.env,
      stdio: ["ignore", "ignore", "inherit"],
    });
    await until("the supervisor is there", () => existsSync(join(this.overlay, ".supervisor")));
  }

  /** Ends the pod, and all that it has written. */
  async losePod(): Promise<void> {
    const { pod } = this;
    if (!pod || pod.exitCode !== null || pod.signalCode !== null) return;
    const ended = new Promise((done) => pod.once("exit", done));
    pod.kill("SIGTERM");
    await ended;
    rmSync(this.overlay, { recursive: true });
    mkdirSync(this.overlay);
  }

  /** Keeps a sync attached to the pod until its stream ends. */
  attach(sync = this.sync): Promise<void> {
    return sync.attach("pod-1", (onMessage) => {
      return new Link(["python3", PROGRAM, "attach"], this.env, onMessage);
    });
  }

  /** Starts everything: the pod, the stream and the watcher. */
  async start(): Promise<void> {
    await this.startPod();
    void this.attach();
    void watch(this.tree, (edit) => this.sync.push(edit), this.done.signal);
    await until("the sync is connected", () => this.sync.isConnected);
    await until("the application answers", async () => (await this.answer()) !== "");
  }

  async stop(): Promise<void> {
    this.done.abort();
    this.sync.close();
    await this.losePod();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the application answers; "" where it doesn't. */
  answer(agent?: Agent): Promise<string> {
    return new Promise((done) => {
      const request = get(
        { port: this.port, host: "127.0.0.1", path: "/", agent: agent ?? new Agent() },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => {
            text += part;
          });
          response.on("end", () => done(text));
        },
      );
      request.on("error", () => done(""));
    });
  }

  /** The last event of a type. */
  last<T extends SyncEvent["type"]>(type: T): Extract<SyncEvent, { type: T }> | undefined {
    return this.events.findLast(
      (event): event is Extract<SyncEvent, { type: T }> => event.type === type,
    );
  }

  private get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      DEV_OVERLAY: this.overlay,
      DEV_BAKED: APP,
      HOST: "127.0.0.1",
      PORT: String(this.port),
      PYTHONDONTWRITEBYTECODE: "1",
    };
  }
}
