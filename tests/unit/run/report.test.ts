import { failures, idsIn, missed, prove, report, settled, table, unproven } from "../../run/report";
import { REQUIREMENTS } from "../../run/requirements";
import type { Figure, TestResult } from "../../run/results";

function result(title: string, passed = true, file = "tests/cluster/x.test.ts"): TestResult {
  return { part: "cluster", title, file, passed, seconds: 1 };
}

/** The row of a requirement in the table. */
function rowOf(id: string, results: readonly TestResult[], figures: readonly Figure[] = []) {
  const rows = table(prove(results, figures)).split("\n");
  return rows.find((row) => row.startsWith(`| ${id} `));
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

// Numbers stand inside these tests only: in their titles they would prove what they name.
test("a test's title names its requirements, and nothing that only looks like one", () => {
  const titles: [string, string[]][] = [
    ["rolls the pods (story 3.5, SC-013, FR-019)", ["FR-019", "SC-013", "story 3.5"]],
    ["keeps the old pods (edge case: database unreachable)", ["edge case: database unreachable"]],
    ["comes up (goal: up)", ["goal: up"]],
    ["test_fr_060_retries_three_times", ["FR-060"]],
    ["test_fr_060_retries[postgres-3]", ["FR-060"]],
    ["an edge case: without a name, an SC-1, an FR-0190", []],
  ];
  for (const [title, ids] of titles) expect([title, idsIn(title).sort()]).toEqual([title, ids]);
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

describe("the table", () => {
  const figures = [
    { id: "SC-005", what: "helm rollback", value: 12, unit: "s" },
    { id: "SC-005", what: "helm rollback", value: 9.4999600001, unit: "s" },
  ];

  test("has what was measured beside the floor and the goal, and whether that is reached", () => {
    expect(rowOf("SC-005", [result("rolls back (SC-005)")], figures)).toBe(
      "| SC-005 | helm rollback | cluster/x | helm rollback: 9.5–12 s | 60 s | ≤ 30 s ✓ |",
    );
  });

  test("names the files of the tests, few of them, and how many failed", () => {
    const results = ["a", "b", "b", "c", "d", "e"].map((name) =>
      result("FR-001", name !== "e", `apps/backend/tests/test_${name}.py`),
    );
    expect(rowOf("FR-001", results)).toContain(
      "| backend/tests/test_a, backend/tests/test_b ×2, backend/tests/test_c and 2 more; **1 failed** |",
    );
    expect(rowOf("FR-001", [])).toContain("| **none** |");
  });

  test("names a part where that is the test", () => {
    const { file: _, ...own } = result("up runs to its end (FR-001)");
    expect(rowOf("FR-001", [{ ...own, part: "up" }])).toContain("| up |");
  });
});

describe("a goal", () => {
  const figure = (id: string, what: string, value: number, unit: string): Figure => ({
    ...{ id, what, value, unit },
  });
  const cellOf = (id: string, figures: readonly Figure[]): string =>
    rowOf(id, [], figures)?.split(" | ").at(-1) ?? "";

  test("is missed where the worst of its figures is", () => {
    const figures = [9, 11].map((value) =>
      figure("SC-009", "database hangs: endpoint gone after", value, "s"),
    );
    figures.push(figure("SC-009", "database hangs: endpoint back after", 2, "s"));
    expect(cellOf("SC-009", figures)).toBe("≤ 10 s each way ✗ |");
    expect(missed(prove([], figures))).toEqual(["SC-009: ≤ 10 s each way"]);
  });

  test("isn't reached by half of its figures", () => {
    const figures = [figure("SC-009", "database hangs: endpoint gone after", 9, "s")];
    expect(cellOf("SC-009", figures)).toBe("≤ 10 s each way (not measured) |");
    expect(missed(prove([], figures))).toEqual([]);
  });

  test("may be a number to reach at least, together with one to stay below", () => {
    const requests = (count: number, failed: number): Figure[] => [
      figure("SC-013", "rolling restarts: requests meanwhile", count, "requests"),
      figure("SC-013", "rolling restarts: requests that failed", failed, "requests"),
    ];
    expect(cellOf("SC-013", requests(10_000, 0))).toMatch(/✓/);
    expect(cellOf("SC-013", requests(2000, 0))).toMatch(/✗/);
    expect(cellOf("SC-013", requests(10_000, 1))).toMatch(/✗/);
  });

  test("may be a share of another figure", () => {
    const delivery = (seconds: number): Figure[] => [
      figure("goal: image delivery", "minikube image load", 20, "s"),
      figure("goal: image delivery", "this project's delivery", seconds, "s"),
    ];
    expect(missed(prove([], delivery(2)))).toEqual([]);
    expect(missed(prove([], delivery(3)))).toEqual(["goal: image delivery: ≤ 0.12 ×"]);
  });

  test("that is missed is told by the report, and fails nothing", () => {
    const results = [result("rolls back (SC-005)")];
    const proofs = prove(results, [figure("SC-005", "helm rollback", 31, "s")]);
    expect(report(proofs, results, "")).toContain("## Goals missed\n\n- SC-005: ≤ 30 s");
    expect(unproven(proofs)).not.toContain("SC-005");
  });
});

test("the report tells of failures first, each with its reason, then of what was left out, and of the slowest", () => {
  const results = [
    { ...result("rolls back (SC-005)"), seconds: 4 },
    { ...result("a | b", false), reason: "Error: no\n  at all", seconds: 7 },
    { ...result("needs more", false), skipped: true, reason: "one core only", seconds: 0 },
  ];
  const text = report(prove(results, []), results, "Machine: small.");
  expect(text.split("\n\n").slice(1, 8)).toEqual([
    "1 tests passed, 1 failed, 1 were left out. Machine: small.",
    "## Failed",
    "- ✗ cluster: a | b: Error: no / at all",
    "## Left out",
    "- cluster: needs more: one core only",
    "## The slowest tests",
    "- 7.0 s, cluster: a | b\n- 4.0 s, cluster: rolls back (SC-005)\n- 0.0 s, cluster: needs more",
  ]);
  expect(text).toContain("| ✗ | cluster | a \\| b | 7.0 |");
});

describe("a test that was left out", () => {
  const out = (reason?: string): TestResult => ({
    ...{ ...result("x", false), skipped: true },
    ...(reason !== undefined && { reason }),
  });

  test("is no failure where it says why", () => {
    expect(failures(settled([out("no room")]))).toEqual([]);
    expect(settled([out("no room")])).toEqual([out("no room")]);
  });

  test("has failed where it doesn't", () => {
    expect(failures(settled([out()]))).toEqual([expect.stringMatching(/doesn't say why/)]);
  });

  test("is forgotten where another part ran it", () => {
    expect(settled([out(), result("x")])).toEqual([result("x")]);
  });

  test("proves nothing", () => {
    expect(unproven(prove([{ ...result("builds (FR-001)"), skipped: true }], []))).toContain(
      "FR-001",
    );
  });
});
