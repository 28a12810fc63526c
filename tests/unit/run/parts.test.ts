import { XMLParser } from "fast-xml-parser";
import { secondsOfBuilds } from "../../run/builds";
import { toJUnit } from "../../run/junit";
import { Parts } from "../../run/parts";
import { failures, passedAgain } from "../../run/report";
import type { TestResult } from "../../run/results";

beforeEach(() => {
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => jest.restoreAllMocks());

function result(title: string, passed: boolean): TestResult {
  return { part: "unit", title, file: "tests/unit/x.test.ts", passed, seconds: 1 };
}

/** The rows of a run, each with whether it passed and why not. */
function rows({ results }: Parts): [string, boolean, string | undefined][] {
  return results.map(({ title, passed, reason }) => [title, passed, reason]);
}

describe("a part of a run", () => {
  let parts: Parts;
  beforeEach(() => {
    parts = new Parts();
  });

  test("leaves its tests, and a row that proves it ran", async () => {
    const ended = { code: 0, results: [result("a", true)] };
    const row = await parts.run("unit", async () => ended, "goal: unit tests");
    expect(row.passed).toBe(true);
    expect(rows(parts)).toEqual([
      ["a", true, undefined],
      ["unit runs to its end (goal: unit tests)", true, undefined],
    ]);
    expect(parts.complete).toBe(true);
  });

  test("that throws is a failed row with the reason", async () => {
    await parts.run("backend", () => Promise.reject(new Error("docker build: no space")));
    expect(rows(parts)).toEqual([["backend runs to its end", false, "docker build: no space"]]);
    expect(parts.complete).toBe(false);
  });

  test("ran to its end where a failed test explains its exit code", async () => {
    await parts.run("unit", async () => ({ code: 1, results: [result("a", false)] }));
    expect(rows(parts).map(([, passed]) => passed)).toEqual([false, true]);
  });

  test("that fails with all tests passed tells the last that it said", async () => {
    const said = "── types\nx.py:1: error: no\n\nFound 1 error";
    await parts.run("backend", async () => ({ code: 1, results: [result("a", true)], said }));
    expect(rows(parts).at(-1)).toEqual([
      "backend runs to its end",
      false,
      "exit code 1: ── types / x.py:1: error: no / Found 1 error",
    ]);
  });

  test("that can't begin is a failed row, and the run has no time that could be compared", () => {
    parts.skip("e2e", "up has failed");
    parts.end("npm test", "goal: whole run");
    expect(rows(parts)).toEqual([
      ["e2e runs to its end", false, "not run: up has failed"],
      ["npm test runs to its end (goal: whole run)", false, expect.stringMatching(/part/)],
    ]);
    expect(parts.figures).toEqual([]);
  });

  test("is counted in the time of the whole run", async () => {
    await parts.run("lint", async () => ({ code: 0 }));
    parts.end("npm test", "goal: whole run");
    expect(parts.figures).toEqual([
      { id: "goal: whole run", what: "npm test", value: expect.any(Number), unit: "s" },
    ]);
  });
});

test("JUnit's file of the run has what no runner has reported", () => {
  const own: TestResult = {
    ...{ part: "up", title: 'up <fails> & "ends"', passed: false, seconds: 2.5 },
    reason: "port 30100 is taken",
  };
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@" });
  expect(parser.parse(toJUnit([result("a", true), own])).testsuites.testsuite).toEqual({
    ...{ "@name": "npm test", "@tests": "1", "@failures": "1" },
    testcase: {
      ...{ "@classname": "up", "@name": own.title, "@time": "2.5" },
      failure: { "@message": own.reason },
    },
  });
});

test.each([
  ["no image was built", "+ kubernetes:core/v1:Namespace namespace created (0.1s)", 0],
  [
    "two were, side by side",
    " +  docker:index:Image backend creating (9s) #12 pip\n +  docker:index:Image backend created (12s)\n +  docker:index:Image frontend created (34.5s)",
    34.5,
  ],
])("the builds' part of an up: %s", (_, output, seconds) => {
  expect(secondsOfBuilds(output)).toBe(seconds);
});

describe("a test that has failed beside other parts", () => {
  const file = "tests/unit/x.test.ts";

  /** A run of one part whose tests failed first; then they come to this by themselves. */
  async function run(
    first: readonly TestResult[],
    second: readonly TestResult[],
  ): Promise<{ parts: Parts; asked: (readonly string[])[] }> {
    const parts = new Parts();
    const asked: (readonly string[])[] = [];
    await parts.run("unit", async () => ({
      ...{ code: 1, results: first },
      again: async (_part, files) => {
        asked.push(files);
        return { code: second.every(({ passed }) => passed) ? 0 : 1, results: second };
      },
    }));
    await parts.lookAgain();
    await parts.lookAgain();
    return { parts, asked };
  }

  test("has passed where it passes by itself, and the report says both", async () => {
    const slow = { ...result("slow", false), reason: "6.2 s, not 5" };
    const { parts, asked } = await run([result("a", true), slow], [result("slow", true)]);
    expect(asked).toEqual([[file]]);
    expect(rows(parts)).toEqual([
      ["a", true, undefined],
      ["slow", true, undefined],
      ["unit runs to its end", true, undefined],
      ["unit again runs to its end", true, undefined],
    ]);
    expect(passedAgain(parts.results)).toEqual(["unit: slow: 6.2 s, not 5"]);
    expect(failures(parts.results)).toEqual([]);
  });

  test("has failed where it fails again, or isn't run", async () => {
    const broken = { ...result("broken", false), reason: "no" };
    for (const second of [result("broken", false), { ...result("broken", true), skipped: true }]) {
      const { parts } = await run([broken], [second]);
      expect(failures(parts.results)).toContain("unit: broken: no");
      expect(passedAgain(parts.results)).toEqual([]);
    }
  });

  test("has failed where the second run of its part breaks off", async () => {
    const parts = new Parts();
    await parts.run("unit", async () => ({
      ...{ code: 1, results: [result("a", false)] },
      again: async () => ({ code: 1, reason: "killed", results: [result("a", true)] }),
    }));
    await parts.lookAgain();
    expect(rows(parts).filter(([, passed]) => !passed)).toEqual([
      ["a", false, undefined],
      ["unit again runs to its end", false, "killed"],
    ]);
    expect(parts.complete).toBe(false);
  });

  test("is a set-up's failure where all tests of its file pass now", async () => {
    const whole = result(`${file} as a whole`, false);
    const steady = await run([whole], [result("a", true), result("b", true)]);
    expect(failures(steady.parts.results)).toEqual([]);
    const broken = await run([whole], [result("a", true), result("b", false)]);
    expect(failures(broken.parts.results)).toEqual([`unit: ${file} as a whole`]);
  });

  test("isn't looked at again where many files have failed", async () => {
    const many = ["a", "b", "c", "d"].map((name) => ({ ...result(name, false), file: name }));
    const { parts, asked } = await run(many, []);
    expect(asked).toEqual([]);
    expect(failures(parts.results)).toHaveLength(4);
  });

  test("isn't looked at again where its part had to be ended", async () => {
    const parts = new Parts();
    const again = jest.fn();
    const ended = { code: 1, reason: "killed", results: [result("a", false)], again };
    await parts.run("unit", async () => ended);
    await parts.lookAgain();
    expect(again).not.toHaveBeenCalled();
  });
});
