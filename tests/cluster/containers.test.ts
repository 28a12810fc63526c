import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { run } from "../../common/run";
import { eventually } from "./support/namespace";

jest.setTimeout(60_000);

const IMAGE = "postgres:15";
const HOLDER = join(__dirname, "support/container-holder.ts");

function containers(name: string): Promise<string> {
  return run("docker", [
    ...["ps", "--all", "--filter", `name=${name}`],
    ...["--format", "{{.Names}} {{.State}}"],
  ]);
}

test.each(["SIGTERM", "SIGINT"] as const)(
  "a run of the back end's tests that is ended by %s leaves no container",
  async (signal) => {
    const name = `containers-test-${process.pid}-${signal.toLowerCase()}`;
    const holder = spawn(process.execPath, ["--import", "tsx", HOLDER, name, IMAGE]);
    const ended = once(holder, "exit");
    try {
      await eventually(30, async () => (await containers(name)).match(/running/g)?.length === 2);
    } finally {
      holder.kill(signal);
    }
    holder.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(await containers(name)).toBe("");
  },
);
