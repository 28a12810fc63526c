import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FACTS } from "../../../dev/components";
import { editorSettings, PortForward } from "../../../dev/debugger";
import { folderWith } from "../support/folder";
import { until } from "./support";

it("gives an editor what it needs to attach, and the folders on both sides", () => {
  expect(editorSettings(FACTS.backend, 5678)).toEqual({
    name: "backend in the cluster",
    type: "debugpy",
    request: "attach",
    connect: { host: "127.0.0.1", port: 5678 },
    pathMappings: [
      { localRoot: "$" + "{workspaceFolder}/apps/backend/app", remoteRoot: "/overlay/app" },
    ],
  });
  expect(editorSettings(FACTS.frontend, 9229)).toMatchObject({
    ...{ type: "node", request: "attach", address: "127.0.0.1", port: 9229 },
    ...{ localRoot: "$" + "{workspaceFolder}/apps/frontend", remoteRoot: "/app" },
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("a pod's port on this machine", () => {
  /** A forward by a kubectl that runs this script, and what was said of its failure. */
  function forward(script: string): { folder: string; forward: PortForward; failures: string[] } {
    const folder = folderWith({ kubectl: `#!/bin/sh\n${script}\n` });
    chmodSync(join(folder, "kubectl"), 0o755);
    const failures: string[] = [];
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, FOLDER: folder };
    const made = new PortForward("pod-1", 5678, ["--context", "c"], env, (why) =>
      failures.push(why),
    );
    return { folder, forward: made, failures };
  }

  it("is given back at the end, as the input ends, which it also does where this process is killed", async () => {
    const {
      folder,
      forward: made,
      failures,
    } = forward('echo "$@" > "$FOLDER/args"; echo $$ > "$FOLDER/pid"; exec sleep 60');
    const pid = join(folder, "pid");
    await until("kubectl runs", () => existsSync(pid) && readFileSync(pid, "utf8") !== "");
    expect(readFileSync(join(folder, "args"), "utf8").trim()).toBe(
      "--context c port-forward pod/pod-1 5678:5678",
    );
    const runs = (): boolean => isRunning(Number(readFileSync(pid, "utf8")));
    expect(runs()).toBe(true);
    made.close();
    await until("kubectl is gone", () => !runs());
    expect(failures).toEqual([]);
  });

  it("tells why it can't be had", async () => {
    const { failures } = forward('echo "unable to listen on port 5678" >&2; exit 1');
    await until("it is told", () => failures.length > 0);
    expect(failures).toEqual(["unable to listen on port 5678"]);
  });

  it("tells that there is no kubectl", async () => {
    const failures: string[] = [];
    const env = { ...process.env, PATH: folderWith({}) };
    new PortForward("pod-1", 5678, [], env, (why) => failures.push(why));
    await until("it is told", () => failures.length > 0);
    expect(failures[0]).toMatch(/kubectl.*ENOENT|ENOENT.*kubectl/);
  });
});
