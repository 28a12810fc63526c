/** What the run makes of browser tests, by real ones that need no browser. */
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "../../../cli/session/workspace";
import { eventually } from "../../cluster/support/namespace";
import { Parts } from "../../run/parts";
import { playwright } from "../../run/runners";
import { folderWith } from "../support/folder";

jest.setTimeout(60_000);

const CONFIG = `module.exports = {
  testMatch: "*.test.ts", outputDir: "kept", workers: 1, timeout: 1000, reportSlowTests: null,
  use: { trace: "retain-on-failure" },
};`;
const IMPORT = `import { expect, test } from "@playwright/test";\n`;

/** A run of planted tests, by their files' names. */
function plant(files: Readonly<Record<string, string>>, stop?: AbortSignal) {
  const sources = Object.entries(files).map(([name, source]) => [name, IMPORT + source]);
  const folder = folderWith({ ...Object.fromEntries(sources), "playwright.config.js": CONFIG });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  // Playwright refuses to run where it takes itself for a part of Jest.
  const { JEST_WORKER_ID: _, ...env } = process.env;
  const parts = new Parts(stop && { stop });
  const run = () =>
    parts.run("browser", (part) =>
      playwright(part, "browser", {
        ...{ env: { ...env, MARKS: folder }, kept: join(folder, "kept") },
        flags: [`--config=${folder}`],
        reports: { results: folder, junit: folder },
      }),
    );
  /** As the results name it. */
  const nameOf = (file: string): string => relative(ROOT, join(folder, file));
  return { folder, parts, run, nameOf };
}

test("each test has a row, and files with failures run once more by themselves, with a trace", async () => {
  const { folder, parts, run, nameOf } = plant({
    "a.test.ts": `
      import { appendFileSync, readFileSync } from "node:fs";
      test("passes", () => {});
      test.describe("a group", () => {
        test("passes the second time", () => {
          appendFileSync(process.env.MARKS + "/a", "x");
          expect(readFileSync(process.env.MARKS + "/a", "utf8")).toBe("xx");
        });
        test("is left out", () => test.skip(true, "no such browser"));
        test("is left out without a word", () => test.skip());
      });`,
    "b.test.ts": `
      test("hangs", () => new Promise(() => {}));
      test.describe("with a set-up that fails", () => {
        test.beforeAll(() => { throw new Error("no room"); });
        test("fails", () => {});
        test("isn't begun", () => {});
      });`,
    "c.test.ts": `
      import { appendFileSync } from "node:fs";
      test("passes too", () => appendFileSync(process.env.MARKS + "/c", "x"));`,
  });
  expect(await run()).toMatchObject({ passed: true });
  const rows = () =>
    parts.results.map(({ file, title, passed, skipped, reason }) => [
      ...[file, title, skipped ? "left out" : passed, reason],
    ]);
  const [a, b, c] = ["a.test.ts", "b.test.ts", "c.test.ts"].map(nameOf);
  const [setUp, hangs] = ["with a set-up that fails", expect.stringContaining("Test timeout of")];
  const others = [
    [a, "a group is left out", "left out", "no such browser"],
    [a, "a group is left out without a word", "left out", undefined],
    [b, "hangs", false, hangs],
    [b, `${setUp} fails`, false, expect.stringContaining("no room")],
    [b, `${setUp} isn't begun`, false, expect.stringContaining("was to run")],
    [c, "passes too", true, undefined],
    [undefined, "browser runs to its end", true, undefined],
  ];
  const [passes, twice] = [[a, "passes", true, undefined], "a group passes the second time"];
  expect(rows()).toEqual([
    ...[passes, [a, twice, false, expect.stringMatching(/toBe.*Expected: "xx"/)], ...others],
  ]);
  expect(readFileSync(join(folder, "browser.xml"), "utf8")).toContain("no room");
  const traced = (name: string): boolean => {
    const found = readdirSync(join(folder, "kept", name), { recursive: true, encoding: "utf8" });
    return found.some((path) => /hangs.*trace\.zip$/.test(path));
  };
  expect(traced("browser")).toBe(false);

  await parts.lookAgain();
  expect(traced("browser-again")).toBe(true);
  const again = [undefined, "browser again runs to its end", true, undefined];
  expect(rows()).toEqual([passes, [a, twice, true, undefined], ...others, again]);
  expect(parts.results[1]?.failedBefore).toMatch(/Expected: "xx"/);
  expect(readFileSync(join(folder, "c"), "utf8")).toBe("x");
});

test("what keeps all tests from running is a failure, which no second look takes away", async () => {
  const { parts, run, nameOf } = plant({
    "a.test.ts": `test.only("runs", () => {});\ntest("would be forgotten", () => {});`,
  });
  await run();
  await parts.lookAgain();
  const file = nameOf("a.test.ts");
  expect(parts.results).toEqual([
    {
      ...{ part: "browser", title: `${file} as a whole`, file, passed: false, seconds: 0 },
      reason: expect.stringContaining("item focused with '.only' is not allowed"),
    },
    expect.objectContaining({ title: "browser runs to its end" }),
  ]);
});

test("a part that is ended has what was done, and what was not with its place", async () => {
  const stop = new AbortController();
  const { folder, parts, run, nameOf } = plant(
    {
      "a.test.ts": `test("is done", () => {});`,
      "b.test.ts": `test("waits", () => { test.setTimeout(0); return new Promise(() => {}); });`,
    },
    stop.signal,
  );
  const row = run();
  const progress = join(folder, "browser.progress.jsonl");
  const waits = async () =>
    existsSync(progress) && readFileSync(progress, "utf8").includes("waits");
  await eventually(40, waits);
  stop.abort(new Error("its limit is over"));
  expect(await row).toMatchObject({
    passed: false,
    reason: expect.stringMatching(/limit is over/),
  });
  expect(parts.results).toEqual([
    expect.objectContaining({ file: nameOf("a.test.ts"), title: "is done", passed: true }),
    expect.objectContaining({
      ...{ file: nameOf("b.test.ts"), title: "waits", passed: false },
      reason: "the part was ended while it was here",
    }),
    expect.objectContaining({ title: "browser runs to its end" }),
  ]);
});
