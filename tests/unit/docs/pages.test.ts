/** What the pages say is there is there: files, headings, commands, their flags, configuration, variables. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import frontend from "../../../apps/frontend/package.json";
import type { Flags } from "../../../cli/main";
import manifest from "../../../package.json";

const ROOT = join(__dirname, "../../..");

/** The commands' flags, by their scripts: what each hands to `main`. */
const commands = new Map<string, Flags>();
jest.mock("../../../cli/main", () => ({
  ...jest.requireActual<object>("../../../cli/main"),
  main: (name: string, _summary: string, flags: Flags) => commands.set(name, flags),
}));

const PAGES = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
  {
    cwd: ROOT,
    encoding: "utf8",
  },
)
  .split("\n")
  .filter((path) => path !== "" && !path.startsWith("blueprints/") && existsSync(join(ROOT, path)));

const text = (page: string): string => readFileSync(join(ROOT, page), "utf8");
/** Without what stands in blocks of code, where brackets mean something else. */
const prose = (page: string): string => text(page).replaceAll(/^```[\s\S]*?^```/gm, "");

/** The names by which GitHub links to a page's headings. */
function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
}

interface Call {
  page: string;
  script: string;
  args: string;
}

/** Each `npm run …` on the pages, with what stands behind it. */
const calls = PAGES.flatMap((page): Call[] =>
  [
    ...text(page).matchAll(
      /npm (?:run (?:--silent )?|(?=test\b))([a-z][\w-]*(?::\w+)*)([^`\n|)"]*)/g,
    ),
  ].map(([, script = "", args = ""]) => ({ page, script, args })),
);

/** Where a page's links lead, but for those to other sites. */
function links(page: string): string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

describe("a page of the project", () => {
  it("is found from the README", () => {
    const found = new Set(["README.md"]);
    for (const page of found) {
      for (const link of links(page)) {
        const path = join(dirname(page), link.replace(/#.*/, ""));
        const target = [path, join(path, "README.md")].find((each) => PAGES.includes(each));
        if (target !== undefined) found.add(target);
      }
    }
    // Agents look for theirs by its name.
    const hidden = PAGES.filter((page) => page !== "AGENTS.md" && !page.startsWith("tests/"));
    expect(hidden.filter((page) => !found.has(page))).toEqual([]);
  });

  it.each(PAGES)("%s links to what is there", (page) => {
    const missing = links(page).filter((target) => {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, file))) return true;
      return anchor !== undefined && !anchors(file).includes(anchor);
    });
    expect(missing).toEqual([]);
  });

  it("names no script that package.json hasn't", () => {
    expect(calls.length).toBeGreaterThan(50);
    const unknown = calls.filter(
      ({ page, script }) =>
        !(script in manifest.scripts) &&
        !(page.startsWith("apps/frontend/") && script in frontend.scripts),
    );
    expect(unknown.map(({ page, script }) => `${page}: npm run ${script}`)).toEqual([]);
  });

  it("gives a command no flag that it doesn't know", () => {
    for (const script of Object.values(manifest.scripts)) {
      const file = /cli\/commands\/\S+\.ts/.exec(script)?.[0];
      if (file) require(join(ROOT, file));
    }
    const unknown = calls.flatMap(({ page, script, args }) => {
      const known = commands.get(script);
      const flags = [...(args.split(" -- ")[1] ?? "").matchAll(/--([a-z-]+)/g)];
      return known === undefined
        ? []
        : flags
            .map(([, flag = ""]) => flag)
            .filter((flag) => !(flag in known) && !["stack", "help"].includes(flag))
            .map((flag) => `${page}: npm run ${script} -- --${flag}`);
    });
    expect(commands.size).toBeGreaterThan(8);
    expect(unknown).toEqual([]);
  });

  it("sets no configuration that Pulumi.yaml hasn't", () => {
    const { config } = parse(text("Pulumi.yaml")) as { config: Record<string, unknown> };
    // Examples are programs of their own, with their own keys.
    const set = PAGES.filter((page) => !page.startsWith("examples/")).flatMap((page) =>
      [...text(page).matchAll(/pulumi config set (?:--\w+ )*'?([A-Za-z]+)(?=[\s.`[])/g)].map(
        ([, key = ""]) => ({ page, key }),
      ),
    );
    expect(set.length).toBeGreaterThan(8);
    expect(set.filter(({ key }) => key !== "KEY" && !(key in config))).toEqual([]);
  });

  it("names no file or folder of the project that isn't there", () => {
    const NAMED =
      /`((?:\.github|api|app|apps|blueprints|chat|cli|common|components|core|dev|docs|examples|helm|ops|policy|src|tests|tools)\/[\w./[\]()-]+)`/g;
    const missing = PAGES.flatMap((page) =>
      [...text(page).matchAll(NAMED)]
        .map(([, path = ""]) => path)
        // From the project's folder, or from the page's own.
        .filter((path) =>
          ["", dirname(page), join(dirname(page), "app")].every(
            (folder) => !existsSync(join(ROOT, folder, path)),
          ),
        )
        .map((path) => `${page}: ${path}`),
    );
    expect(missing).toEqual([]);
  });
});

/** The names in backticks of a page's section, of the tables' first columns only where `isFirst`. */
function variablesOf(page: string, isFirst: boolean): string[] {
  const [, section = ""] = text(page).split("\n## Settings\n");
  const rows = (section.split("\n## ")[0] ?? "").split("\n").filter((row) => row.startsWith("|"));
  const cells = rows.map((row) => (isFirst ? row.split("|")[1] : row) ?? "");
  return cells.flatMap((cell) =>
    [...cell.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name = ""]) => name),
  );
}

describe("an application's page", () => {
  it("has all that the back end reads from its environment, and nothing else", () => {
    const config = text("apps/backend/app/core/config.py");
    const [, fields = ""] =
      /^class Settings\(.*?\n([\s\S]*?)^ {4}@field_validator/m.exec(config) ?? [];
    const read = [...fields.matchAll(/^ {4}([a-z_]+): /gm)].map(([, name = ""]) =>
      name.toUpperCase(),
    );
    expect(read.length).toBeGreaterThan(30);
    // Read by libraries, and before the settings are.
    const others = ["HTTPS_PROXY", "NO_PROXY", "EXTRA_CA_CERTS"];
    const page = "apps/backend/README.md";
    expect(read.filter((name) => !variablesOf(page, false).includes(name))).toEqual([]);
    expect(variablesOf(page, true).filter((name) => ![...read, ...others].includes(name))).toEqual(
      [],
    );
  });

  it("has all that the front end reads from its environment, and nothing else", () => {
    const env = text("apps/frontend/src/lib/server/env.ts");
    const found = [...env.matchAll(/\b(?:optional|required|list)\(\s*source,\s*"([A-Z_]+)"/g)];
    const read = [...found.map(([, name = ""]) => name), "LOG_LEVEL"];
    expect(variablesOf("apps/frontend/README.md", true).sort()).toEqual([...new Set(read)].sort());
  });
});

describe("the decision records", () => {
  const records = PAGES.filter((page) => /^docs\/decisions\/\d{4}-/.test(page));

  it.each(records)("%s has the one form", (page) => {
    const headings = [...text(page).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(text(page)).toMatch(
      /^# \d+\. .+\n\nStatus: (accepted|replaced by).*Date: \d{4}-\d\d-\d\d\.\n/,
    );
    expect(headings).toEqual(["Context", "Decision", "Alternatives", "Consequences"]);
  });

  it("are all in the list, in their order, by their titles", () => {
    const list = text("docs/decisions/README.md");
    const listed = [...list.matchAll(/^\| (\d+) \| \[(.+)\]\((\d{4}-[^)]+)\)/gm)];
    expect(listed.map(([, , , file]) => `docs/decisions/${file}`)).toEqual(records);
    for (const [, number, title, file] of listed)
      expect(text(`docs/decisions/${file}`)).toContain(`# ${number}. ${title}\n`);
  });
});
