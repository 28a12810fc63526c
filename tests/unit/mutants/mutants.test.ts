import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "../../../cli/session/workspace";
import { mutantsOfChart } from "../../mutants/chart";
import { draw } from "../../mutants/draw";
import { apply, lineOf, type Mutant, shown } from "../../mutants/mutant";
import { report, share, type Tried } from "../../mutants/report";
import { mutantsOfTypeScript } from "../../mutants/typescript";
import { folderWith } from "../support/folder";

const applied = (source: string, mutants: readonly Mutant[]): string[] =>
  mutants.map((mutant) => apply(source, mutant));

describe("changes of TypeScript", () => {
  const all = (source: string): string[] => applied(source, mutantsOfTypeScript(source, "a.ts"));

  test.each([
    ["a comparison", "x(a === b)", "x(a !== b)"],
    ["a limit", "x(a < b)", "x(a <= b)"],
    ["a joint condition", "x(a && b)", "x(a || b)"],
    ["a default", "x(a ?? b)", "x(a)"],
    ["a negation", "x(!a)", "x(a)"],
    ["a truth", "x(true)", "x(false)"],
    ["a number", "x(7)", "x(8)"],
    ["a large number", "x(20_000)", "x(40000)"],
    ["a choice", "x(a ? b : c)", "x(a ? c : b)"],
    ["a condition", "if (a) x()", "if (!(a)) x()"],
    ["an awaited call", "await x(a);", ";"],
    ["an error", "throw e;", ";"],
    ["a list", "x([a, b])", "x([a])"],
    ["a filter", "x(a.filter(b))", "x(a)"],
    ["a method", "x(a.some(b))", "x(a.every(b))"],
  ])("%s", (_, source, expected) => {
    expect(all(source)).toContain(expected);
  });

  test("leave types, imports and text alone", () => {
    expect(all('import a from "a";\ninterface B { c: 1 | true }\nconst d: 7 = "e";')).toEqual([]);
  });

  test("are told with the line that they change", () => {
    const source = "const a = 1;\nx(a > b);\n";
    const mutant = mutantsOfTypeScript(source, "a.ts").find(({ text }) => text === ">=") as Mutant;
    expect(lineOf(source, mutant)).toBe(2);
    expect(shown(source, mutant)).toEqual({ before: "x(a > b);", after: "x(a >= b);" });
  });
});

describe("changes of a chart's template", () => {
  const all = (source: string): string[] => applied(source, mutantsOfChart(source));

  test.each([
    ["a truth", "a: true\n", "a: false\n"],
    ["a number", "a: 8080\n", "a: 8081\n"],
    ["a line", "a:\n  b: c\n", "a:\n"],
    ["a comparison", '{{- if eq .a "b" }}\n', '{{- if ne .a "b" }}\n'],
    ["a negation", "{{- if not .a }}\n", "{{- if .a }}\n"],
  ])("%s", (_, source, expected) => {
    expect(all(source)).toContain(expected);
  });

  test("leave comments alone", () => {
    expect(all("# true\n{{- /* eq 1 2 */ -}}\n")).toEqual([]);
  });
});

describe("changes of Python", () => {
  const all = (source: string): string[] => {
    const folder = folderWith({ "a.py": source });
    const file = join(folder, "a.py");
    const printed = execFileSync("python3", [join(ROOT, "tests/mutants/candidates.py"), file], {
      encoding: "utf8",
    });
    return applied(source, (JSON.parse(printed) as Record<string, Mutant[]>)[file] ?? []);
  };

  test("are of every kind, and leave types and text alone", () => {
    const source = [
      '"""Text of 1."""',
      "x: dict[str, int] = f(1)",
      "def g(a: int = 2) -> bool:",
      '    """More of it."""',
      "    if a < 3 and not a:",
      '        raise E("é" if a else "b")',
      "    f(any(a))",
      "    return a in (1, a)",
    ].join("\n");
    const changed = all(source).map((text) => {
      const [old, now] = [source.split("\n"), text.split("\n")];
      const line = old.findIndex((one, index) => one !== now[index]);
      return now[line]?.trim();
    });
    expect(new Set(changed)).toEqual(
      new Set([
        "x: dict[str, int] = f(2)",
        "def g(a: int = 3) -> bool:",
        "if not (a < 3 and not a):",
        "if a < 3 or not a:",
        "if a <= 3 and not a:",
        "if a < 4 and not a:",
        "if a < 3 and (a):",
        "pass",
        'raise E("b" if a else "é")',
        "f(all(a))",
        "return a not in (1, a)",
        "return a in (1,)",
        "return a in (2, a)",
      ]),
    );
  });
});

describe("what is drawn", () => {
  const numbers = Array.from({ length: 100 }, (_, index) => index);

  test("is the same for the same seed, another for another, and never twice the same", () => {
    const drawn = draw(numbers, 20, 7);
    expect(draw(numbers, 20, 7)).toEqual(drawn);
    expect(draw(numbers, 20, 8)).not.toEqual(drawn);
    expect(new Set(drawn).size).toBe(20);
  });

  test("is all where there is no more", () => {
    expect(draw([1, 2, 3], 9, 1).sort()).toEqual([1, 2, 3]);
  });
});

describe("the report", () => {
  const tried = (outcome: Tried["outcome"]): Tried => ({
    ...{ area: "cli", file: "cli/a.ts", line: 3, what: "a call goes", before: "f();", after: ";" },
    outcome,
  });

  test("has each area's share, and every change that nothing noticed", () => {
    const all = [tried("noticed"), tried("refused by types"), tried("lived"), tried("noticed")];
    expect(share(all)).toBe(0.75);
    const text = report(all, { seed: 5, goal: 0.8 });
    expect(text).toContain("| ✗ | cli | 4 | 3 | 75 % |");
    expect(text).toContain("- cli/a.ts:3: a call goes\n");
    expect(text.match(/```diff/g)).toHaveLength(1);
  });

  test("takes an area that reaches the goal for good", () => {
    const all = [...Array.from({ length: 4 }, () => tried("noticed")), tried("lived")];
    expect(report(all, { seed: 5, goal: 0.8 })).toContain("| ✓ | cli | 5 | 4 | 80 % |");
  });
});
