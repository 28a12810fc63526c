import { chmodSync } from "node:fs";
import { join } from "node:path";
import { interactively, isTerminal } from "../../../../cli/inside/terminal";
import { ENDING_SIGNALS } from "../../../../common/signals";
import { folderWith } from "../../support/folder";

const ends = { in: process.stdin.isTTY, out: process.stdout.isTTY };
afterEach(() => {
  process.stdin.isTTY = ends.in;
  process.stdout.isTTY = ends.out;
});

test.each([
  [true, true, true],
  [true, false, false],
  [false, true, false],
])("a person sits at both ends, or it is no terminal: %s, %s", (input, output, is) => {
  [process.stdin.isTTY, process.stdout.isTTY] = [input, output];
  expect(isTerminal()).toBe(is);
});

describe("a program that talks with the user itself", () => {
  const listeners = () => ENDING_SIGNALS.map((signal) => process.listenerCount(signal));
  const started = (script: string) => {
    const folder = folderWith({ psql: `#!/bin/sh\n${script}\n` });
    chmodSync(join(folder, "psql"), 0o755);
    return interactively(join(folder, "psql"), ["-c", "x"], { PATH: process.env.PATH, WANT: "x" });
  };

  test("gets its words and its environment, and its exit code is the command's", async () => {
    expect(await started('[ "$1 $2 $WANT" = "-c x x" ] && exit 3')).toBe(3);
    expect(await started("exit 0")).toBe(0);
    expect(await started("kill -9 $$")).toBe(1);
  });

  test("that isn't there ends with 127", async () => {
    expect(await interactively("/no/such/program", [], {})).toBe(127);
  });

  test("answers signals itself: they don't end this process meanwhile, and do afterwards", async () => {
    const before = listeners();
    const ending = started("sleep 0.2");
    expect(listeners()).toEqual(before.map((count) => count + 1));
    for (const signal of ENDING_SIGNALS) process.emit(signal, signal);
    expect(await ending).toBe(0);
    expect(listeners()).toEqual(before);
  });
});
