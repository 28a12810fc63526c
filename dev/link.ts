import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { FromPod, ToPod } from "./protocol";

const PING_MS = 2_000;

/** A stream to a pod's supervisor, through one `kubectl exec` that stays open. */
export class Link {
  /** Resolves when the stream has ended, to what kubectl said last. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly ping: NodeJS.Timeout;

  /**
   * @param command kubectl's arguments, or another program with its own
   * @param onMessage called with each message, in order
   */
  constructor(
    command: readonly string[],
    env: NodeJS.ProcessEnv,
    onMessage: (message: FromPod) => void,
  ) {
    const [program = "kubectl", ...args] = command;
    const child = spawn(program, args, {
      env,
      stdio: ["pipe", "pipe", "pipe"],
      detached: true, // Ctrl-C is this process's to handle
    });
    this.child = child;
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2_000);
    });
    child.stdin.on("error", () => undefined); // its end tells
    createInterface({ input: child.stdout }).on("line", (line) => {
      const message = readMessage(line);
      if (message) onMessage(message);
    });
    this.ping = setInterval(() => this.send({ type: "ping" }), PING_MS);
    this.ended = new Promise((resolve) => {
      const end = (why: string): void => {
        clearInterval(this.ping);
        resolve(why.trim());
      };
      child.once("error", (error) => end(error.message));
      child.once("close", () => end(said));
    });
  }

  send(message: ToPod): void {
    this.child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.child.stdin?.end();
    this.child.kill("SIGTERM");
  }
}

/** The message in a line; undefined for any other, and for one that broke off with the stream. */
function readMessage(line: string): FromPod | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as FromPod;
  } catch {
    return undefined;
  }
}
