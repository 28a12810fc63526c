/** What is changed, and what has to notice it. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../../common/run";
import { mutantsOfChart } from "./chart";
import type { Mutant } from "./mutant";
import { type Reach, testsReaching } from "./reach";
import { mutantsOfTypeScript } from "./typescript";

/** A command that ends with 0 where it notices nothing. */
export interface Check {
  program: string;
  args: string[];
  /** Below the tree. */
  folder?: string;
  /** Minutes after which it counts as having noticed: something waits that didn't before. */
  minutes: number;
  /** Runs beside the database, with the back end's dependencies. */
  isBeside?: boolean;
  env?: Readonly<Record<string, string>>;
}

/** Where a change is made. */
export interface Place {
  /** Below the tree. */
  file: string;
  /** From 1. */
  line: number;
  /** From 0. */
  column: number;
}

/** A part of the project whose tests are tried. */
export interface Area {
  name: string;
  /** Folders of sources, below the tree. */
  folders: readonly string[];
  /** Whether its checks run Docker or Helm. */
  needsTools?: boolean;
  /** A database that its checks use: with the applications' tables in it, or empty. */
  database?: "migrated" | "empty";
  isSource(file: string): boolean;
  /** All changes of each file, by its path below the tree. */
  mutantsOf(tree: string, sources: ReadonlyMap<string, string>): Promise<Map<string, Mutant[]>>;
  /** What has to pass before anything is changed: a check that fails without a change notices nothing. */
  unchanged: readonly Check[];
  /** What has to notice a change of a place, the quickest first. */
  checksOf(place: Place, reach: Reach): Check[];
}

const TYPESCRIPT = /^(?!.*\.(test|d)\.tsx?$).*\.tsx?$/;
/** Where the run before all changes tells what reaches what: in the folder that it runs in. */
export const REACH = "reach.json";
const BUILD_INFO = "node_modules/.cache/mutants.tsbuildinfo";
const TYPES: Check = {
  ...{ program: "npx", minutes: 5 },
  args: ["tsc", "--noEmit", "--incremental", "--tsBuildInfoFile", BUILD_INFO],
};
/** So many of the tests that reach a place are tried alone, before all others that do. */
const NEAREST = 3;

const jest = (project: string, ...args: string[]): Check => ({
  ...{ program: "npx", minutes: 10 },
  args: ["jest", "--selectProjects", project, "--bail", "--silent", ...args],
});

/** The tests that reach a place, the nearest ones alone first, then what else might notice a change. */
function byReach(tests: readonly string[]): Check[] {
  const [nearest, others] = [tests.slice(0, NEAREST), tests.slice(NEAREST)];
  const named = [nearest, others].filter((some) => some.length > 0);
  const left = tests.flatMap((test) => ["--testPathIgnorePatterns", `/${test}$`]);
  return [
    ...named.map((some) => jest("unit", "--runTestsByPath", ...some)),
    TYPES,
    // Tests that run commands as processes reach what nobody counted.
    jest("unit", "--passWithNoTests", ...left),
  ];
}

const FRONTEND = "apps/frontend";
const BACKEND = "apps/backend";

const pytest = (...args: string[]): Check => ({
  ...{ program: "sh", folder: BACKEND, minutes: 20, isBeside: true },
  args: ["-c", ["pytest -q --numprocesses=2 --dist=loadfile", ...args].join(" ")],
});

const program = (name: string, folders: readonly string[]): Area => ({
  ...{ name, folders, isSource: (file) => TYPESCRIPT.test(file) },
  mutantsOf: async (_, sources) => each(sources, mutantsOfTypeScript),
  unchanged: [
    TYPES,
    {
      ...{ program: "npx", minutes: 15, env: { TEST_REACH_FILE: REACH } },
      args: [
        ...["jest", "--selectProjects", "unit", "--silent", "--coverage"],
        ...["--coverageReporters=none", `--reporters=${join(__dirname, "jest-reach.cjs")}`],
      ],
    },
  ],
  checksOf: (place, reach) => byReach(testsReaching(reach, place.file, place)),
});

/** Every area, by the order in which they are tried. */
export const AREAS: readonly Area[] = [
  program("program", ["blueprints", "cli", "common", "components", "dev", "policy", "tools"]),
  program("ops", ["ops"]),
  {
    ...{ name: "frontend", folders: ["apps/frontend/src"] },
    ...{ needsTools: true, database: "migrated" },
    isSource: (file) => TYPESCRIPT.test(file),
    mutantsOf: async (_, sources) => each(sources, mutantsOfTypeScript),
    unchanged: [
      { ...TYPES, folder: FRONTEND },
      { program: "npx", args: ["vitest", "run"], folder: FRONTEND, minutes: 10 },
    ],
    checksOf: ({ file }) => {
      const args = ["vitest", "related", file.slice(FRONTEND.length + 1), "--run", "--bail=1"];
      return [
        { program: "npx", args: [...args, "--passWithNoTests"], folder: FRONTEND, minutes: 10 },
        { ...TYPES, folder: FRONTEND },
      ];
    },
  },
  {
    ...{ name: "backend", folders: ["apps/backend/app"] },
    ...{ needsTools: true, database: "empty" },
    isSource: (file) => file.endsWith(".py") && !file.includes("/migrations/"),
    mutantsOf: mutantsOfPython,
    unchanged: [
      pytest(
        ...["--cov", "--cov-context=test", "--cov-report=", "tests"],
        ...["&&", "coverage", "json", "--show-contexts", "--fail-under=0", "-q", "-o", REACH],
      ),
    ],
    checksOf: ({ file, ...place }, reach) => {
      const below = file.slice(BACKEND.length + 1);
      const tests = testsReaching(reach, below, place);
      const nearest = tests.slice(0, NEAREST);
      const folder = dirname(below).replace(/^app/, "tests");
      return [...(nearest.length > 0 ? [nearest] : []), [folder], ["tests"]].map((some) =>
        pytest("-x", ...some.map((one) => `'${one}'`)),
      );
    },
  },
  {
    ...{ name: "chart", folders: ["helm/todo-app/templates"], needsTools: true },
    isSource: (file) => /\.(ya?ml|tpl)$/.test(file),
    mutantsOf: async (_, sources) => each(sources, mutantsOfChart),
    unchanged: [jest("chart")],
    checksOf: () => [jest("chart")],
  },
];

/** The sources of an area, by their paths below the tree. */
export function filesOf(area: Area, tree: string): string[] {
  return area.folders.flatMap((folder) =>
    readdirSync(join(tree, folder), { recursive: true, encoding: "utf8" })
      .map((name) => `${folder}/${name}`)
      .filter((file) => !file.includes("node_modules/") && area.isSource(file))
      .sort(),
  );
}

function each(
  sources: ReadonlyMap<string, string>,
  mutantsOf: (source: string, file: string) => Mutant[],
): Map<string, Mutant[]> {
  return new Map([...sources].map(([file, source]) => [file, mutantsOf(source, file)]));
}

/** Python's own parser finds them. */
async function mutantsOfPython(
  tree: string,
  sources: ReadonlyMap<string, string>,
): Promise<Map<string, Mutant[]>> {
  const found = await run("python3", [join(__dirname, "candidates.py"), ...sources.keys()], {
    cwd: tree,
  });
  return new Map(Object.entries(JSON.parse(found) as Record<string, Mutant[]>));
}
