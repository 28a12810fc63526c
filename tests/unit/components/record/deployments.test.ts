import { cpSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { dynamic } from "@pulumi/pulumi";
import { type AttemptsState, provider as attempts } from "../../../../components/record/attempts";
import { CHART, identityOf } from "../../../../components/record/deployment";
import {
  type DeploymentsState,
  provider as deployments,
} from "../../../../components/record/deployments";
import { restoredDeployment, writeRestored } from "../../../../components/record/restore";
import type { JsonObject } from "../../../../components/runtime/json";
import { folderWith } from "../../support/folder";

const home = process.cwd();
beforeEach(() =>
  process.chdir(
    folderWith({ "chart/Chart.yaml": "name: todo-app\n", "chart/templates/a.yaml": "a: 1\n" }),
  ),
);
afterEach(() => process.chdir(home));

/** A stack's record, as Pulumi would keep it from update to update. */
class Stack {
  attempts: AttemptsState | undefined;
  record: DeploymentsState | undefined;

  /** @param serves whether the rollout becomes ready */
  async up(
    tag: string,
    { keep = 5, serves = true, kept = true, config = {} as JsonObject } = {},
  ): Promise<void> {
    const content = { version: "1.0.0", values: { tag }, tags: { backend: tag, frontend: "f" } };
    const deployment = {
      ...content,
      chartHash: readFileSync("chart/templates/a.yaml", "utf8"),
      config,
    };
    const own = { ...deployment, stack: "dev", identity: identityOf(deployment), kept };
    this.attempts = await next(attempts, this.attempts, own);
    const inputs = { ...own, chart: "chart", keep, attempt: this.attempts.number };
    if (serves) this.record = await next(deployments, this.record, inputs);
  }

  get tags(): string[] {
    return this.record?.deployments.map(({ tags }) => tags.backend) ?? [];
  }

  get rows(): [number, string, boolean][] {
    const served = this.record?.served ?? [];
    return (this.attempts?.rows ?? []).map(({ number, tags }) => [
      number,
      tags.backend,
      served.includes(number),
    ]);
  }
}

/** What Pulumi does with a resource in an update. */
async function next<I, O>(
  provider: dynamic.ResourceProvider<I, O>,
  olds: O | undefined,
  news: I,
): Promise<O> {
  if (olds === undefined) return (await provider.create(news)).outs as O;
  if (!(await provider.diff?.("id", olds, news))?.changes) return olds;
  return (await provider.update?.("id", olds, news))?.outs as O;
}

test("an update without changes adds nothing; a template or a setting alone does", async () => {
  const stack = new Stack();
  await stack.up("one");
  await stack.up("one");
  expect(stack.tags).toEqual(["one"]);
  writeFileSync("chart/templates/a.yaml", "a: 2\n");
  await stack.up("one");
  await stack.up("one", { config: { "todo-app:replicas": "2" } });
  expect(stack.tags).toEqual(["one", "one", "one"]);
  expect(stack.attempts?.rows.map(({ configChanged }) => configChanged)).toEqual([
    [],
    [],
    ["replicas"],
  ]);
});

test("keeps as many earlier deployments as asked, the newest, and no chart that none of them has", async () => {
  const stack = new Stack();
  for (const tag of ["a", "b", "c"]) await stack.up(tag, { keep: 2 });
  writeFileSync("chart/templates/a.yaml", "a: 2\n");
  for (const tag of ["d", "e", "f"]) await stack.up(tag, { keep: 2 });
  expect(stack.tags).toEqual(["d", "e", "f"]);
  expect(Object.keys(stack.record?.charts ?? {})).toEqual(["a: 2\n"]);
});

test("fewer to keep is a change of its own", async () => {
  const stack = new Stack();
  for (const tag of ["a", "b", "c"]) await stack.up(tag);
  await stack.up("c", { keep: 1 });
  expect(stack.tags).toEqual(["b", "c"]);
});

test("what is returned to is kept once, as the newest, and pushes nothing out", async () => {
  const stack = new Stack();
  for (const tag of ["a", "b", "c", "b", "c", "b", "c"]) await stack.up(tag, { keep: 2 });
  expect(stack.tags).toEqual(["a", "b", "c"]);
  expect(stack.rows.map(([number, tag]) => `${number}${tag}`)).toEqual([
    "1a",
    "2b",
    "3c",
    "4b",
    "5c",
    "6b",
    "7c",
  ]);
});

test("an attempt that fails is noted, but never kept; what served is still the newest, and counts again", async () => {
  const stack = new Stack();
  await stack.up("a");
  await stack.up("bad", { serves: false });
  expect([stack.tags, stack.rows]).toEqual([
    ["a"],
    [
      [1, "a", true],
      [2, "bad", false],
    ],
  ]);
  await stack.up("a");
  expect([stack.tags, stack.rows]).toEqual([
    ["a"],
    [
      [1, "a", true],
      [2, "bad", false],
      [3, "a", true],
    ],
  ]);
});

test("what a development loop deploys is neither noted nor kept", async () => {
  const stack = new Stack();
  await stack.up("a");
  await stack.up("dev", { kept: false });
  expect([stack.tags, stack.rows]).toEqual([["a"], [[1, "a", true]]]);
});

test("the chart comes back as it was, from the state alone, to be read by this user only", async () => {
  const stack = new Stack();
  await stack.up("a");
  writeFileSync("chart/templates/a.yaml", "a: 2\n");
  const [kept] = stack.record?.deployments ?? [];
  if (!kept) throw new Error("nothing is kept");
  const folder = writeRestored(kept, stack.record?.charts[kept.chartHash] ?? "");
  expect(folder).toBe(`.state/restored/${kept.identity}`); // the same in every clone
  expect(readFileSync(join(folder, "chart/templates/a.yaml"), "utf8")).toBe("a: 1\n");
  expect(statSync(folder).mode & 0o077).toBe(0);
  expect(restoredDeployment({ TODO_APP_RESTORE: folder })).toEqual({
    ...kept,
    chart: join(folder, "chart"),
  });
  expect(restoredDeployment({})).toBeUndefined();
});

test("a restored chart that the project has anyway is the project's: its path is no change then", async () => {
  cpSync("chart", CHART, { recursive: true });
  const { folderHash } = await import("../../../../components/images/build-context");
  const kept = {
    version: "1",
    values: {},
    config: {},
    tags: { backend: "a", frontend: "f" },
    chartHash: folderHash(CHART),
  };
  const stack = new Stack();
  await stack.up("a");
  const folder = writeRestored(
    { ...kept, identity: "x" },
    Object.values(stack.record?.charts ?? {})[0] ?? "",
  );
  expect(restoredDeployment({ TODO_APP_RESTORE: folder })?.chart).toBe(CHART);
});

describe("the deployments of a version before 0.2", () => {
  const record = (tag: string, times: number[]): string =>
    JSON.stringify({
      version: "0.1.0",
      values: { tag },
      tags: { backend: tag, frontend: "f" },
      chartHash: `c-${tag}`,
      times,
    });

  test("are taken over by the first update, in their order, with their charts and configuration", async () => {
    const at = ".state/stacks/dev/deployments";
    process.chdir(
      folderWith({
        "chart/templates/a.yaml": "a: 1\n",
        [`${at}/1.000/deployment.json`]: record("one", [10, 30]),
        [`${at}/1.000/chart/Chart.yaml`]: "one",
        [`${at}/1.000/config.yaml`]:
          "encryptionsalt: v1:x\nconfig:\n  todo-app:jwtSecret:\n    secure: abc\n",
        [`${at}/2.000/deployment.json`]: record("two", [20]),
        [`${at}/2.000/chart/Chart.yaml`]: "two",
        [`${at}/3.partial/deployment.json`]: record("half", [40]),
      }),
    );
    const stack = new Stack();
    await stack.up("new");
    expect(stack.tags).toEqual(["two", "one", "new"]);
    expect(stack.rows).toEqual([
      [1, "two", true],
      [2, "one", true],
      [3, "new", true],
    ]);
    expect(stack.record?.deployments[1]).toMatchObject({
      salt: "v1:x",
      config: { "todo-app:jwtSecret": { secure: "abc" } },
    });
    const [, one] = stack.record?.deployments ?? [];
    const folder = writeRestored(
      one as NonNullable<typeof one>,
      stack.record?.charts["c-one"] ?? "",
    );
    expect(readFileSync(join(folder, "chart/Chart.yaml"), "utf8")).toBe("one");
  });
});
