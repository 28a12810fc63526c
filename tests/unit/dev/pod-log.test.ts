import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PodLog, readable } from "../../../dev/pod-log";
import { folderWith } from "../support/folder";
import { until } from "./support";

describe("a log line", () => {
  test.each([
    ["plain words", "plain words"],
    [
      '{"event":"task.created","level":"info","user":"ada","count":2}',
      "task.created user=ada count=2",
    ],
    ['{"event":"slow","level":"warning"}', "warning slow"],
    [
      '{"event":"e","level":"info","logger":"l","timestamp":"t","service":"s","version":"v","at":{"a":1}}',
      'e at={"a":1}',
    ],
    ['{"level":"info"}', '{"level":"info"}'],
    ['{"event":7}', '{"event":7}'],
    ['{"event":"half', '{"event":"half'],
    ["  GET /api/health 500 in 3ms", "  GET /api/health 500 in 3ms"],
    [" GET /api/tasks 200 in 3ms", " GET /api/tasks 200 in 3ms"],
  ])("%s is shown as %s", (line, shown) => {
    expect(readable(line)).toBe(shown);
  });

  test.each([" GET /api/health 200 in 3ms", '{"event":"dev.serving","level":"info"}'])(
    "%s says nothing to who sits beside it",
    (line) => {
      expect(readable(line)).toBeUndefined();
    },
  );
});

describe("a pod's log", () => {
  /** The log by a kubectl that runs this script; what is shown of it. */
  function follow(script: string): { log: PodLog; lines: string[]; folder: string } {
    const folder = folderWith({ kubectl: `#!/bin/sh\n${script}\n` });
    chmodSync(join(folder, "kubectl"), 0o755);
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, FOLDER: folder };
    const lines: string[] = [];
    const log = new PodLog("pod-1", ["--context", "c"], env, (line) => lines.push(line));
    return { log, lines, folder };
  }

  test("is followed from now on, line by line, without what is left out, until it is closed", async () => {
    const said = `' GET /api/health 200 in 1ms' '{"event":"started","level":"info"}' 'bye'`;
    const { log, lines, folder } = follow(
      `trap 'touch "$FOLDER/closed"; exit' TERM\necho "$@" > "$FOLDER/args"\nprintf '%s\\n' ${said}\nwhile :; do sleep 0.05; done`,
    );
    await until("all is shown", () => lines.length === 2);
    expect(lines).toEqual(["started", "bye"]);
    expect(readFileSync(join(folder, "args"), "utf8").trim()).toBe(
      "--context c logs pod-1 --follow --tail=0",
    );
    expect(existsSync(join(folder, "closed"))).toBe(false);
    log.close();
    await until("it is closed", () => existsSync(join(folder, "closed")));
  });

  test("that can't be had takes nothing with it", async () => {
    const lines: string[] = [];
    const log = new PodLog("pod-1", [], { PATH: folderWith({}) }, (line) => lines.push(line));
    await new Promise((resolve) => setTimeout(resolve, 100));
    log.close();
    expect(lines).toEqual([]);
  });
});
