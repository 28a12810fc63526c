import { idsIn, prove, report, table, unproven } from "../../../../scripts/verification/report";
import { REQUIREMENTS } from "../../../../scripts/verification/requirements";
import type { TestResult } from "../../../../scripts/verification/results";

function result(title: string, passed = true): TestResult {
  return { part: "cluster", title, passed, seconds: 1 };
}

describe("the requirements", () => {
  test("are all of the specification's, each once", () => {
    const ids = REQUIREMENTS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const count = (pattern: RegExp): number => ids.filter((id) => pattern.test(id)).length;
    expect([count(/^FR-/), count(/^SC-/), count(/^story /), count(/^edge case: /)]).toEqual([
      75, 15, 46, 13,
    ]);
  });
});

describe("a test's title", () => {
  test.each([
    ["rolls the pods (story 3.5, SC-013, FR-019)", ["FR-019", "SC-013", "story 3.5"]],
    ["keeps the old pods (edge case: database unreachable)", ["edge case: database unreachable"]],
    ["test_fr_060_retries_three_times", ["FR-060"]],
    ["test_fr_060_retries[postgres-3]", ["FR-060"]],
    ["an edge case: without a name, an SC-1, an FR-0190", []],
  ])("%s names %j", (title, ids) => {
    expect(idsIn(title).sort()).toEqual(ids);
  });
});

describe("a requirement", () => {
  const without = (id: string, results: readonly TestResult[]): boolean =>
    unproven(prove(results, [])).includes(id);

  test("without a test isn't proven", () => {
    expect(without("FR-001", [])).toBe(true);
  });

  test("with a test that passes is", () => {
    expect(without("FR-001", [result("builds (FR-001)")])).toBe(false);
  });

  test("isn't, where one of its tests fails", () => {
    const results = [result("builds (FR-001)"), result("builds again (FR-001)", false)];
    expect(without("FR-001", results)).toBe(true);
  });
});

describe("the report", () => {
  const figures = [
    { id: "SC-005", what: "helm rollback", value: 12, unit: "s" },
    { id: "SC-005", what: "helm rollback", value: 9.5, unit: "s" },
  ];
  const results = [result("rolls back (SC-005)"), result("a | b", false)];
  const proofs = prove(results, figures);

  test("has what was measured beside the floor and the goal", () => {
    expect(
      table(proofs)
        .split("\n")
        .find((row) => row.startsWith("| SC-005")),
    ).toBe("| SC-005 | helm rollback | 1 (cluster) | helm rollback: 9.5–12 s | 60 s | ≤ 30 s |");
  });

  test("tells of failures first", () => {
    const [, second = ""] = report(proofs, results, "Machine: small.").split("\n\n");
    expect(second).toBe("1 tests passed, 1 failed. Machine: small.");
    expect(report(proofs, results, "").indexOf("✗ cluster: a | b")).toBeLessThan(
      report(proofs, results, "").indexOf("| requirement |"),
    );
  });
});
