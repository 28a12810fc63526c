import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { run } from "../../common/run";
import { START } from "../run/runners";
import { eventually } from "./support/namespace";

jest.setTimeout(60_000);

const IMAGE = "postgres:15";
const RUN = join(__dirname, "../unit/run/support/small-run.ts");
/** Labels a container as `containerMark` does. */
const MARK = '--label "todo-app-tests.mark=$TODO_APP_TESTS_MARK"';

function containers(name: string): Promise<string> {
  return run("docker", [
    ...["ps", "--all", "--filter", `name=${name}`],
    ...["--format", "{{.Names}} {{.State}}"],
  ]);
}

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("a run that is ended by %s leaves no container", async (signal, code) => {
  const name = `containers-test-${process.pid}-${signal.toLowerCase()}`;
  const start = `docker run ${MARK} --name ${name}`;
  const command = `${start}-background --detach ${IMAGE} sleep 300; ${start}-foreground --rm ${IMAGE} sleep 300`;
  const args = [START, RUN, JSON.stringify({ containers: command })];
  const running = spawn(process.execPath, args, { stdio: "ignore" });
  const ended = once(running, "exit");
  try {
    await eventually(30, async () => (await containers(name)).match(/running/g)?.length === 2);
  } finally {
    running.kill(signal);
  }
  expect(await ended).toEqual([code, null]);
  expect(await containers(name)).toBe("");
});
