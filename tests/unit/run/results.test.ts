import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../cli/session/workspace";
import { readFigures, readProgress, readResults } from "../../run/results";
import { folderWith } from "../support/folder";

/** A file of Jest's report. */
function suite(
  name: string,
  status: string,
  assertionResults: object[] = [],
  message = "",
): object {
  return { name: join(ROOT, name), status, message, assertionResults };
}

function fromJest(...testResults: object[]): ReturnType<typeof readResults> {
  const folder = folderWith({ "report.json": JSON.stringify({ testResults }) });
  return readResults("unit", join(folder, "report.json"));
}

describe("Jest's report", () => {
  test("gives its tests with their files, and what was left out as such", () => {
    const tests = [
      { fullName: "a passes", status: "passed", duration: 1500, failureMessages: [] },
      {
        ...{ fullName: "b fails", status: "failed", duration: null },
        failureMessages: ["\u001b[31mError: no\u001b[39m\n    at b.test.ts"],
      },
      { fullName: "c is left out", status: "pending" },
      { fullName: "d (left out: no history) runs", status: "pending" },
    ];
    const common = { part: "unit", file: "tests/unit/x.test.ts" };
    expect(fromJest(suite("tests/unit/x.test.ts", "failed", tests, "● b fails"))).toEqual([
      { ...common, title: "a passes", passed: true, seconds: 1.5 },
      { ...common, title: "b fails", passed: false, seconds: 0, reason: "Error: no" },
      { ...common, title: "c is left out", passed: false, seconds: 0, skipped: true },
      {
        ...{ ...common, title: "d (left out: no history) runs", passed: false, seconds: 0 },
        ...{ skipped: true, reason: "no history" },
      },
    ]);
  });

  test("tells all that a failure says, without its stack", () => {
    const set =
      "Error: the set-up failed:\n  no room on the node\n    at x (/a/b.ts:1:2)\n    at y";
    const failed = { fullName: "a", status: "failed", failureMessages: [set] };
    expect(fromJest(suite("tests/unit/x.test.ts", "failed", [failed]))).toEqual([
      expect.objectContaining({ reason: "Error: the set-up failed: / no room on the node" }),
    ]);
  });

  test("gives a failure for a file that doesn't load", () => {
    const message = "  ● Test suite failed to run\n\n    Cannot find module 'x'\n";
    expect(fromJest(suite("tests/unit/x.test.ts", "failed", [], message))).toEqual([
      expect.objectContaining({
        ...{ title: "tests/unit/x.test.ts as a whole", passed: false },
        reason: "Cannot find module 'x'",
      }),
    ]);
  });

  test("gives a failure for a hook that fails after all tests have passed", () => {
    const tests = [{ fullName: "a passes", status: "passed", duration: 1 }];
    const results = fromJest(suite("tests/unit/x.test.ts", "failed", tests, "after boom"));
    expect(results.map(({ title, passed }) => [title, passed])).toEqual([
      ["a passes", true],
      ["tests/unit/x.test.ts as a whole", false],
    ]);
  });
});

describe("what Jest has noted of a part that was ended", () => {
  const FILES = ["tests/cluster/a.test.ts", "tests/cluster/b.test.ts", "tests/cluster/c.test.ts"];

  function noted(...lines: object[]): ReturnType<typeof readProgress> {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    return readProgress("cluster", join(folderWith({ "x.jsonl": text }), "x.jsonl"));
  }
  const [a, b, c] = FILES.map((file) => join(ROOT, file));
  const done = { fullName: "is done", status: "passed", duration: 1000 };

  test("is what was done, and what was not as a failure with its place", () => {
    const results = noted(
      ...[{ file: a }, { file: b }, { file: a, begins: "is done" }, { file: a, test: done }],
      ...[{ file: a, ended: true }, { file: b, begins: "hangs" }, { file: c }],
    );
    expect(results).toEqual([
      { part: "cluster", file: FILES[0], title: "is done", passed: true, seconds: 1 },
      expect.objectContaining({ file: FILES[1], title: "hangs", passed: false }),
      expect.objectContaining({
        ...{ title: `${FILES[2]} as a whole`, passed: false },
        reason: expect.stringContaining("in a set-up"),
      }),
    ]);
  });

  test("is nothing where it had noted nothing", () => {
    expect(readProgress("cluster", join(folderWith({}), "x.jsonl"))).toEqual([]);
  });
});

describe("Playwright's report", () => {
  function fromPlaywright(report: object): ReturnType<typeof readResults> {
    const whole = {
      config: { rootDir: join(ROOT, "tests/e2e") },
      suites: [],
      errors: [],
      ...report,
    };
    const folder = folderWith({ "report.json": JSON.stringify(whole) });
    return readResults("e2e", join(folder, "report.json"));
  }

  test("gives its tests with their groups, and with the browser where that isn't everybody's", () => {
    const ran = {
      ...{ expectedStatus: "passed", status: "expected", annotations: [] },
      results: [{ status: "passed", duration: 1500, errors: [] }],
    };
    const tests = ["chromium", "firefox"].map((projectName) => ({ ...ran, projectName }));
    const group = { title: "a group", file: "x.test.ts", specs: [{ title: "passes", tests }] };
    const file = { title: "x.test.ts", file: "x.test.ts", specs: [], suites: [group] };
    const row = { part: "e2e", file: "tests/e2e/x.test.ts", passed: true, seconds: 1.5 };
    expect(fromPlaywright({ suites: [file] })).toEqual([
      { ...row, title: "a group passes" },
      { ...row, title: "a group passes [firefox]" },
    ]);
  });

  test("gives a failure for a file that doesn't load, and for what is in no file", () => {
    const file = "tests/e2e/x.test.ts";
    const errors = [
      { message: "Error: Cannot find module 'x'", location: { file: join(ROOT, file) } },
      { message: "Error: No tests found" },
    ];
    const failed = { part: "e2e", passed: false, seconds: 0 };
    expect(fromPlaywright({ errors })).toEqual([
      { ...failed, title: `${file} as a whole`, file, reason: "Error: Cannot find module 'x'" },
      { ...failed, title: "e2e as a whole", reason: "Error: No tests found" },
    ]);
  });
});

test("pytest's report gives its tests with their files, and what was left out with the reason", () => {
  const junit = `<?xml version="1.0"?><testsuites><testsuite name="pytest">
    <testcase classname="tests.core.test_config" name="test_one" time="0.5"/>
    <testcase classname="tests.test_process.TestStop" name="test_two" time="0.1"><failure message="assert 1 == 2&#10;more">trace</failure></testcase>
    <testcase classname="" name="tests.api.test_gone" time="0"><error message="collection failure">trace</error></testcase>
    <testcase classname="tests.core.test_config" name="test_three" time="0"><skipped message="needs two cores"/></testcase>
  </testsuite></testsuites>`;
  const folder = folderWith({ "backend.xml": junit });
  const part = "backend";
  expect(readResults(part, join(folder, "backend.xml"))).toEqual([
    {
      ...{ part, title: "test_one", file: "apps/backend/tests/core/test_config.py" },
      ...{ passed: true, seconds: 0.5 },
    },
    {
      ...{ part, title: "test_two", file: "apps/backend/tests/test_process.py" },
      ...{ passed: false, seconds: 0.1, reason: "assert 1 == 2 / more" },
    },
    {
      ...{ part, title: "tests.api.test_gone", file: "apps/backend/tests/api/test_gone.py" },
      ...{ passed: false, seconds: 0, reason: "collection failure" },
    },
    {
      ...{ part, title: "test_three", file: "apps/backend/tests/core/test_config.py" },
      ...{ passed: false, skipped: true, seconds: 0, reason: "needs two cores" },
    },
  ]);
});

test("figures are read line by line, and none where nothing was measured", () => {
  const folder = folderWith({});
  const file = join(folder, "figures.jsonl");
  expect(readFigures(file)).toEqual([]);
  const one = { id: "SC-005", what: "rollback", value: 9, unit: "s" };
  writeFileSync(file, `${JSON.stringify(one)}\n`);
  expect(readFigures(file)).toEqual([one]);
});
