import { join } from "node:path";
import { readReach, testsReaching } from "../../mutants/reach";
import { folderWith } from "../support/folder";

const reach = {
  "cli/a.ts": {
    "1:0:1:20": ["broad.test.ts", "near.test.ts"],
    "2:0:6:1": ["broad.test.ts", "near.test.ts"],
    "3:2:3:null": ["near.test.ts"],
    "5:2:5:30": [],
  },
  "cli/b.ts": { "1:0:1:20": ["broad.test.ts"], "2:0:2:20": ["broad.test.ts"] },
};
const at = (line: number, column: number): string[] =>
  testsReaching(reach, "cli/a.ts", { line, column });

describe("the tests that reach a place", () => {
  test("are those that run the innermost statement around it", () => {
    expect(at(3, 8)).toEqual(["near.test.ts"]);
    expect(at(5, 2)).toEqual([]);
  });

  test("that run less else come first", () => {
    expect(at(4, 4)).toEqual(["near.test.ts", "broad.test.ts"]);
  });

  test("are all of a file where the place is in no statement", () => {
    expect(at(9, 0)).toEqual(["near.test.ts", "broad.test.ts"]);
  });

  test("are none where nothing runs the file", () => {
    expect(testsReaching(reach, "cli/c.ts", { line: 1, column: 0 })).toEqual([]);
  });
});

describe("what a run wrote", () => {
  test("is nothing where there is none", () => {
    expect(readReach(join(folderWith({}), "reach.json"))).toEqual({});
  });

  test("of coverage.py has a test's name without its phase, and lines in place of statements", () => {
    const contexts = {
      7: ["", "tests/test_a.py::test_b[1]|run", "tests/test_a.py::test_b[1]|setup"],
    };
    const report = { meta: {}, files: { "app/a.py": { contexts } } };
    const file = join(folderWith({ "reach.json": JSON.stringify(report) }), "reach.json");
    const tests = testsReaching(readReach(file), "app/a.py", { line: 7, column: 12 });
    expect(tests).toEqual(["tests/test_a.py::test_b[1]"]);
  });
});
