import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { cut, FILES, type Files, unreleased } from "../../../release/cut";

const ROOT = join(__dirname, "../../..");
const FILES_NOW = Object.fromEntries(
  FILES.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]),
) as Files;
const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- One thing, \`over\`
  two lines.
- Another.

### Fixed

- A third.

## [0.0.1] - 2026-01-01

### Added

- The first.
`;
const files: Files = { ...FILES_NOW, "CHANGELOG.md": CHANGELOG };

describe("the next version", () => {
  const next = cut(files, "9.1.0", "2026-11-29");

  it("takes what was unreleased, and leaves room for more", () => {
    expect(next["CHANGELOG.md"]).toContain(
      "## [Unreleased]\n\n## [9.1.0] - 2026-11-29\n\n### Added",
    );
    expect(unreleased(next["CHANGELOG.md"])).toEqual([]);
  });

  it("stands in every manifest, and in no dependency", () => {
    for (const file of ["package.json", "policy/package.json"] as const)
      expect(JSON.parse(next[file])).toMatchObject({ version: "9.1.0" });
    const lock = JSON.parse(next["package-lock.json"]) as {
      version: string;
      packages: Record<string, { version: string }>;
    };
    expect([lock.version, lock.packages[""]?.version]).toEqual(["9.1.0", "9.1.0"]);
    const others = Object.entries(lock.packages).filter(([name]) => name !== "");
    expect(others.filter(([, { version }]) => version === "9.1.0")).toEqual([]);
  });

  it("is the chart's, which tells what has changed as Artifact Hub reads it", () => {
    const chart = parse(next["helm/todo-app/Chart.yaml"]) as {
      annotations: Record<string, string>;
    };
    expect(chart).toMatchObject({ version: "9.1.0", appVersion: "9.1.0" });
    expect(parse(chart.annotations["artifacthub.io/changes"] ?? "")).toEqual([
      { kind: "added", description: "One thing, 'over' two lines." },
      { kind: "added", description: "Another." },
      { kind: "fixed", description: "A third." },
    ]);
    expect(next["helm/todo-app/README.md"]).toContain(
      "Chart version 9.1.0, application version 9.1.0",
    );
  });

  it.each(["0.0.1", "1", "v9.1.0", "next", ""])("isn't %j", (version) => {
    expect(() => cut(files, version, "2026-11-29")).toThrow("can't be the next version");
  });

  it("has something to tell", () => {
    const empty = { ...files, "CHANGELOG.md": "## [Unreleased]\n\n## [0.0.1]\n" };
    expect(() => cut(empty, "9.1.0", "2026-11-29")).toThrow("has nothing to tell");
  });
});

test("the changelog's own next version can be cut", () => {
  expect(unreleased(FILES_NOW["CHANGELOG.md"]).length).toBeGreaterThan(0);
});
