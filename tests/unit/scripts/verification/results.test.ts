import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readFigures, readResults } from "../../../../scripts/verification/results";
import { folderWith } from "../../support/folder";

const JEST = JSON.stringify({
  testResults: [
    {
      assertionResults: [
        { fullName: "a passes", status: "passed", duration: 1500 },
        { fullName: "b fails", status: "failed", duration: null },
        { fullName: "c is left out", status: "pending" },
      ],
    },
  ],
});

const JUNIT = `<?xml version="1.0"?><testsuites><testsuite name="pytest">
  <testcase classname="tests" name="test_one" time="0.5"/>
  <testcase classname="tests" name="test_two" time="0.1"><failure message="no">trace</failure></testcase>
  <testcase classname="tests" name="test_three" time="0"><skipped/></testcase>
</testsuite></testsuites>`;

test("results are read from Jest's and JUnit's reports, without what was skipped", () => {
  const folder = folderWith({ "unit.json": JEST, "backend.xml": JUNIT, "figures.jsonl": "" });
  expect(readResults(folder)).toEqual([
    { part: "backend", title: "test_one", passed: true, seconds: 0.5 },
    { part: "backend", title: "test_two", passed: false, seconds: 0.1 },
    { part: "unit", title: "a passes", passed: true, seconds: 1.5 },
    { part: "unit", title: "b fails", passed: false, seconds: 0 },
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
