/** What is changed, and what has to notice it. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../../common/run";
import { mutantsOfChart } from "./chart";
import type { Mutant } from "./mutant";
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
}

/** A part of the project whose tests are tried. */
export interface Area {
  name: string;
  /** Folders of sources, below the tree. */
  folders: readonly string[];
  isSource(file: string): boolean;
  /** All changes of each file, by its path below the tree. */
  mutantsOf(tree: string, sources: ReadonlyMap<string, string>): Promise<Map<string, Mutant[]>>;
  /** What has to notice a change of a file, the quickest first. */
  checksOf(file: string): Check[];
}

const TYPESCRIPT = /^(?!.*\.(test|d)\.tsx?$).*\.tsx?$/;
const TYPES: Check = { program: "npx", args: ["tsc", "--noEmit"], minutes: 5 };

const jest = (project: string, ...args: string[]): Check => ({
  ...{ program: "npx", minutes: 10 },
  args: ["jest", "--selectProjects", project, "--bail", "--silent", ...args],
});

const program = (name: string, folders: readonly string[]): Area => ({
  ...{ name, folders, isSource: (file) => TYPESCRIPT.test(file) },
  mutantsOf: async (_, sources) => each(sources, mutantsOfTypeScript),
  checksOf: (file) => [
    jest("unit", "--passWithNoTests", "--findRelatedTests", file),
    TYPES,
    jest("unit"),
  ],
});

/** Every area, by the order in which they are tried. */
export const AREAS: readonly Area[] = [
  program("program", ["blueprints", "cli", "common", "components", "dev", "policy", "tools"]),
  program("ops", ["ops"]),
  {
    ...{ name: "frontend", folders: ["apps/frontend/src"] },
    isSource: (file) => TYPESCRIPT.test(file),
    mutantsOf: async (_, sources) => each(sources, mutantsOfTypeScript),
    checksOf: (file) => {
      const folder = "apps/frontend";
      const args = ["vitest", "related", file.slice(folder.length + 1), "--run", "--bail=1"];
      return [
        { program: "npx", args: [...args, "--passWithNoTests"], folder, minutes: 10 },
        { ...TYPES, folder },
      ];
    },
  },
  {
    ...{ name: "backend", folders: ["apps/backend/app"] },
    isSource: (file) => file.endsWith(".py") && !file.includes("/migrations/"),
    mutantsOf: mutantsOfPython,
    checksOf: (file) => {
      const tests = dirname(file).replace(/^apps\/backend\/app/, "tests");
      return [tests, "tests"].map((which) => ({
        ...{ program: "python", minutes: 20, isBeside: true },
        args: ["-m", "pytest", "-q", "-x", "--numprocesses=2", "--dist=loadfile", which],
      }));
    },
  },
  {
    ...{ name: "chart", folders: ["helm/todo-app/templates"] },
    isSource: (file) => /\.(ya?ml|tpl)$/.test(file),
    mutantsOf: async (_, sources) => each(sources, mutantsOfChart),
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
