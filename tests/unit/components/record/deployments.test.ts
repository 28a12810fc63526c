import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  loadedImages,
  noteLoaded,
  noteRemoved,
  unusedImages,
} from "../../../../components/images/loaded-images";
import {
  CHART,
  imagesOf,
  keepDeployment,
  keptDeployments,
  restoredDeployment,
} from "../../../../components/record/deployments";
import { folderWith } from "../../support/folder";

const home = process.cwd();
let now = 1_800_000_000_000;

beforeEach(() => {
  process.chdir(
    folderWith({
      "chart/Chart.yaml": "name: todo-app\n",
      "chart/templates/a.yaml": "a: 1\n",
      "Pulumi.dev.yaml": "config: {}\n",
    }),
  );
  jest.spyOn(Date, "now").mockImplementation(() => now);
});
afterEach(() => {
  process.chdir(home);
  jest.restoreAllMocks();
});

function deploy(tag: string, keep = 5, stack = "dev"): void {
  now += 60_000;
  keepDeployment(
    stack,
    {
      version: "1.0.0",
      values: { backend: { image: { tag } } },
      tags: { backend: tag, frontend: "f" },
      chart: "chart",
      configFile: "Pulumi.dev.yaml",
    },
    keep,
  );
}

const tags = (): string[] => keptDeployments("dev").map((kept) => kept.tags.backend);

test("keeps the chart, the values, the tags and the configuration as they were", () => {
  deploy("one");
  writeFileSync("chart/templates/a.yaml", "a: 2\n");
  writeFileSync("Pulumi.dev.yaml", "config: { changed: true }\n");
  const [kept] = keptDeployments("dev");
  expect(kept).toMatchObject({ version: "1.0.0", values: { backend: { image: { tag: "one" } } } });
  expect(readFileSync(join(kept?.chart ?? "", "templates/a.yaml"), "utf8")).toBe("a: 1\n");
  expect(readFileSync(kept?.configFile ?? "", "utf8")).toBe("config: {}\n");
  expect(statSync(kept?.folder ?? "").mode & 0o077).toBe(0);
});

test("an update without changes adds nothing; a template or a setting alone does", () => {
  deploy("one");
  deploy("one");
  expect(tags()).toEqual(["one"]);
  writeFileSync("chart/templates/a.yaml", "a: 2\n");
  deploy("one");
  writeFileSync("Pulumi.dev.yaml", "config: { changed: true }\n");
  deploy("one");
  expect(tags()).toEqual(["one", "one", "one"]);
});

test("keeps as many earlier deployments as asked, the newest", () => {
  for (const tag of ["a", "b", "c", "d"]) deploy(tag, 2);
  expect(tags()).toEqual(["b", "c", "d"]);
});

test("keeps a deployment that is returned to once, as the newest", () => {
  for (const tag of ["a", "b", "a", "b", "a", "a"]) deploy(tag);
  const [b, a] = keptDeployments("dev");
  expect(tags()).toEqual(["b", "a"]);
  expect([a?.times, b?.times].map((times) => times?.length)).toEqual([3, 2]);
  expect(a?.times).toEqual([...(a?.times ?? [])].sort());
});

test("to and fro between two deployments pushes no other one out", () => {
  for (const tag of ["a", "b", "c", "b", "c", "b", "c"]) deploy(tag, 2);
  expect(tags()).toEqual(["a", "b", "c"]);
});

test("what is kept doesn't tell of times before one that isn't any more", () => {
  for (const tag of ["a", "dropped", "a", "b"]) deploy(tag, 1);
  const [a, b] = keptDeployments("dev");
  expect(tags()).toEqual(["a", "b"]);
  expect([a?.times, b?.times]).toEqual([[now / 1000 - 60], [now / 1000]]);
});

test("a record of its first time alone is read as well", () => {
  deploy("one");
  const [kept] = keptDeployments("dev");
  const { folder = "", times: [time] = [] } = kept ?? {};
  const record = { version: "1.0.0", values: {}, tags: kept?.tags, chartHash: "x", time };
  writeFileSync(join(folder, "deployment.json"), JSON.stringify(record));
  expect(keptDeployments("dev")[0]?.times).toEqual([time]);
});

test("is read back by the variable that rollback sets", () => {
  deploy("one");
  const [kept] = keptDeployments("dev");
  expect(restoredDeployment({ TODO_APP_RESTORE: kept?.folder ?? "" })).toEqual(kept);
  expect(restoredDeployment({})).toBeUndefined();

  // Where the project has that very chart, it is the project's: its path is no change then.
  cpSync("chart", CHART, { recursive: true });
  expect(restoredDeployment({ TODO_APP_RESTORE: kept?.folder ?? "" })?.chart).toBe(CHART);
  writeFileSync(join(CHART, "templates/a.yaml"), "a: 2\n");
  expect(restoredDeployment({ TODO_APP_RESTORE: kept?.folder ?? "" })?.chart).toBe(kept?.chart);
});

test("a record that was cut short is no record", () => {
  deploy("one");
  const [kept] = keptDeployments("dev");
  writeFileSync(join(kept?.folder ?? "", "..", "2.partial"), "");
  expect(existsSync(join(kept?.folder ?? "", "..", "2.partial"))).toBe(true);
  expect(tags()).toEqual(["one"]);
});

describe("images", () => {
  test("are unused once no kept deployment, and no other stack, needs them", () => {
    for (const tag of ["a", "b", "c"]) {
      noteLoaded("dev", `todo-backend:${tag}`);
      deploy(tag, 1);
    }
    noteLoaded("dev", "todo-backend:never-deployed");
    expect(unusedImages("dev")).toEqual(["todo-backend:a", "todo-backend:never-deployed"]);
    noteLoaded("staging", "todo-backend:a");
    expect(unusedImages("dev")).toEqual(["todo-backend:never-deployed"]);
  });

  test("are noted once, and forgotten when removed", () => {
    noteLoaded("dev", "x:1");
    noteLoaded("dev", "x:1");
    noteLoaded("dev", "x:2");
    noteRemoved("dev", ["x:1"]);
    expect(loadedImages("dev")).toEqual(["x:2"]);
  });

  test("of a deployment are both", () => {
    const tagsOf = { backend: "1", frontend: "2" };
    expect(imagesOf({ version: "", values: {}, tags: tagsOf })).toEqual([
      "todo-backend:1",
      "todo-frontend:2",
    ]);
  });
});
