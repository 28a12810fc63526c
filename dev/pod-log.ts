import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { isObject, type Json } from "../components/runtime/json";

/** Fields that every line has, or that say nothing to who sits beside it. */
const COMMON = new Set(["event", "level", "logger", "timestamp", "service", "version"]);

/** Follows a pod's log from now on; the lines come as they are to be shown. */
export class PodLog {
  private readonly child: ChildProcess;

  /** @param target kubectl's arguments that name the cluster and the namespace */
  constructor(
    pod: string,
    target: readonly string[],
    env: NodeJS.ProcessEnv,
    onLine: (line: string) => void,
  ) {
    this.child = spawn("kubectl", [...target, "logs", pod, "--follow", "--tail=0"], {
      env,
      stdio: ["ignore", "pipe", "ignore"],
      detached: true, // Ctrl-C is this process's to handle
    });
    this.child.on("error", () => undefined);
    const { stdout } = this.child;
    if (stdout)
      createInterface({ input: stdout }).on("line", (line) => {
        const shown = readable(line);
        if (shown !== undefined) onLine(shown);
      });
  }

  close(): void {
    this.child.kill("SIGTERM");
  }
}

/** What `next dev` says of each probe. */
const PROBE = /^\s*GET \/api\/health 200 in /;

/** A log line for people; undefined for a probe's, and for the supervisor's own, which the terminal has already. */
export function readable(line: string): string | undefined {
  if (PROBE.test(line)) return undefined;
  if (!line.startsWith("{")) return line;
  let parsed: Json;
  try {
    parsed = JSON.parse(line) as Json;
  } catch {
    return line;
  }
  if (!isObject(parsed) || typeof parsed.event !== "string") return line;
  if (parsed.event.startsWith("dev.")) return undefined;
  const level = parsed.level === "info" ? "" : `${String(parsed.level)} `;
  const fields = Object.entries(parsed)
    .filter(([key]) => !COMMON.has(key))
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return `${level}${[parsed.event, ...fields].join(" ")}`;
}
