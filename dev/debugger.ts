import { type ChildProcess, spawn } from "node:child_process";
import type { ComponentFacts } from "./components";

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
    this.child = spawn("kubectl", [...target, "port-forward", `pod/${pod}`, `${port}:${port}`], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
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
    this.child.kill("SIGTERM");
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
