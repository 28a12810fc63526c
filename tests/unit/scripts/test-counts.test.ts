import { readCounts } from "../../../scripts/test-counts";

describe("the counts of a test run", () => {
  it.each([
    ["jest", "Tests:       2 failed, 47 passed, 49 total", { passed: 47, failed: 2 }],
    ["vitest", "      Tests  1 failed | 12 passed (13)", { passed: 12, failed: 1 }],
    [
      "vitest in colour",
      "\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m12 passed\u001b[39m",
      { passed: 12, failed: 0 },
    ],
    ["pytest", "===== 1 failed, 200 passed, 3 skipped in 4.20s =====", { passed: 200, failed: 1 }],
    ["quiet pytest", "200 passed, 2 errors in 61.03s (0:01:01)", { passed: 200, failed: 2 }],
  ])("are read from the closing line of %s", (_runner, line, counts) => {
    expect(readCounts(`something 5 passed by\n${line}\n`)).toEqual(counts);
  });

  it("are zero where a runner printed none, so that it can't count as passed", () => {
    expect(readCounts("error: nothing ran")).toEqual({ passed: 0, failed: 0 });
  });
});
