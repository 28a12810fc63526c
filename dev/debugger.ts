import { type ChildProcess, spawn } from "node:child_process";
import type { ComponentFacts } from "./components";

/** Runs a command that ends with it, and also with whoever has started it, even killed: its standard input ends then. */
const LEASH = `
const [program, ...args] = process.argv.slice(1);
const child = require("node:child_process").spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
const end = () => child.kill("SIGTERM");
process.stdin.on("end", end).resume();
child.on("error", (error) => { console.error(error.message); process.exit(1); });
child.on("exit", (code) => process.exit(code ?? 0));
`;

/** A port of a pod on this machine's loopback, for as long as the pod lives. */
export class PortForward {
  private readonly child: ChildProcess;

  /**
   * @param target kubectl's arguments that name the cluster and the namespace
   * @param onFailure called with what kubectl says where the port is taken here
   */
  constructor(
    pod: string,
    port: number,
    target: readonly string[],
    env: NodeJS.ProcessEnv,
    onFailure: (why: string) => void,
  ) {
    const command = ["kubectl", ...target, "port-forward", `pod/${pod}`, `${port}:${port}`];
    this.child = spawn(process.execPath, ["--eval", LEASH, "--", ...command], {
      env,
      stdio: ["pipe", "ignore", "pipe"],
      detached: true, // Ctrl-C is this process's to handle
    });
    let said = "";
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-500);
    });
    this.child.once("error", (error) => onFailure(error.message));
    this.child.once("close", (code) => {
      if (code) onFailure(said.trim());
    });
  }

  close(): void {
    this.child.stdin?.end();
  }
}

/** What an editor needs to attach to a component's process: an entry of VS Code's launch.json. */
export function editorSettings(
  { name, debugger: settings }: Pick<ComponentFacts, "name" | "debugger">,
  port: number,
): Record<string, unknown> {
  const { type } = settings;
  const address =
    type === "debugpy" ? { connect: { host: "127.0.0.1", port } } : { address: "127.0.0.1", port };
  return { name: `${name} in the cluster`, type, request: "attach", ...address, ...settings };
}
