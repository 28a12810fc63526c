import { currentVersion, previousVersion, recordedIn } from "../../../../cli/rollback/history";
import { table } from "../../../../cli/rollback/table";
import type { State } from "../../../../cli/session/pulumi";
import { TYPES } from "../../../../components/names";

/** A state with attempts at these deployments, in order; those that failed are in brackets. */
function state(attempts: readonly string[], kept: readonly string[]): State {
  const rows = attempts.map((name, index) => ({
    ...{ number: index + 1, identity: name.replace(/[()]/g, ""), version: "1.0.0" },
    ...{ tags: { backend: name.replace(/[()]/g, ""), frontend: "f" }, by: "ann@laptop" },
    // The second is from a machine whose clock is minutes behind.
    time: index === 1 ? "2026-01-01T00:00:00.000Z" : `2026-01-01T00:1${index}:00.000Z`,
    ...{
      commit: index === 0 ? "0123456789ab+" : "",
      configChanged: index === 1 ? ["replicas"] : [],
    },
  }));
  const served = rows
    .filter((_, index) => !attempts[index]?.startsWith("("))
    .map(({ number }) => number);
  const deployments = kept.map((identity) => ({
    ...{ identity, version: "1.0.0", values: {}, chartHash: "c", config: {} },
    tags: { backend: identity, frontend: "f" },
  }));
  return {
    resources: [
      { urn: "a", type: TYPES.attempts, outputs: { rows } },
      {
        urn: "d",
        type: TYPES.deployments,
        outputs: { deployments, served, charts: { c: "packed" } },
      },
    ],
  };
}

const versionsOf = (attempts: readonly string[], kept: readonly string[]) =>
  recordedIn(state(attempts, kept)).versions;

test("versions are numbered as they were made, and know what they deployed, whatever clocks say", () => {
  const versions = versionsOf(["a", "b", "(c)", "a"], ["b", "a"]);
  expect(
    versions.map(({ number, result, deployment }) => [number, result, deployment?.identity]),
  ).toEqual([
    [1, "succeeded", "a"],
    [2, "succeeded", "b"],
    [3, "failed", undefined],
    [4, "succeeded", "a"],
  ]);
  expect(currentVersion(versions)?.number).toBe(4);
});

test("a deployment that isn't kept any more can't come back", () => {
  expect(
    versionsOf(["a", "b", "c"], ["b", "c"]).map(({ deployment }) => deployment?.identity),
  ).toEqual([undefined, "b", "c"]);
});

test.each([
  ["the one before", ["a", "b"], ["a", "b"], 1],
  ["the last that differs", ["a", "b", "a", "b"], ["a", "b"], 3],
  ["the one that serves, after one that failed", ["a", "b", "(c)"], ["a", "b"], 2],
  ["none, where only one was ever deployed", ["a"], ["a"], undefined],
  ["none, where the one before isn't kept", ["a", "b"], ["b"], undefined],
  ["none, where nothing was", [], [], undefined],
])("without a number, the version to go back to is %s", (_, attempts, kept, number) => {
  expect(previousVersion(recordedIn(state(attempts, kept)))?.number).toBe(number);
});

test.each([
  ["todo-backend-dev:0.1.0-abc", "todo-frontend:0.1.0-def", 2],
  ["todo-backend:0.1.0-abc", "registry.example.com/team/todo-frontend-dev:0.1.0-def", 2],
  ["todo-backend:0.1.0-abc", "todo-frontend:0.1.0-def", 1],
])(
  "where %s and %s run, the version to go back to is the last that isn't a dev pod's",
  (backendImage, frontendImage, number) => {
    const { resources = [] } = state(["a", "b"], ["a", "b"]);
    const outputs = { backendImage, frontendImage };
    const stack = { urn: "s", type: TYPES.stack, outputs };
    expect(previousVersion(recordedIn({ resources: [stack, ...resources] }))?.number).toBe(number);
  },
);

test("a state from before there were records has no versions", () => {
  expect(recordedIn({ resources: [{ urn: "x", type: "x" }] })).toEqual({
    versions: [],
    deployments: [],
    charts: {},
    isDeveloped: false,
  });
});

test("the table marks what can come back, and tells who deployed what, when, and what changed", () => {
  expect(table(versionsOf(["a", "b", "(c)"], ["b"])).split("\n")).toEqual([
    "  version  time (UTC)           result     by          commit         backend and frontend tag  config changed",
    "  1        2026-01-01 00:10:00  succeeded  ann@laptop  0123456789ab+  a f                       -",
    "* 2        2026-01-01 00:00:00  succeeded  ann@laptop  -              b f                       replicas",
    "  3        2026-01-01 00:12:00  failed     ann@laptop  -              c f                       -",
  ]);
});
