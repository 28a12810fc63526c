import type { KeptDeployment } from "../../../components/deployments";
import { currentVersion, number, previousVersion } from "../../../scripts/history";
import { table } from "../../../scripts/rollback-table";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();

function kept(minute: number, tag: string): KeptDeployment {
  return {
    ...{ version: "1", values: {}, chart: "", configFile: "", chartHash: "" },
    tags: { backend: tag, frontend: "f" },
    folder: `at-${minute}`,
    time: (START + minute * 60_000 - 2000) / 1000,
  };
}

function entry(
  minute: number,
  result = "succeeded",
  kind = "update",
  config: Record<string, string> = {},
) {
  return {
    ...{ kind, result },
    startTime: at(minute - 1),
    endTime: at(minute),
    environment: { "git.head": "0123456789abcdef", "git.dirty": minute === 1 ? "true" : "false" },
    config: Object.fromEntries(
      Object.entries(config).map(([key, value]) => [`todo-app:${key}`, { value }]),
    ),
    resourceChanges: { same: 3, update: 1 },
  };
}

const versions = number(
  [
    entry(1),
    entry(5, "succeeded", "update", { replicas: "2" }),
    entry(6, "failed", "update", { replicas: "3" }),
    entry(7, "succeeded", "refresh", { replicas: "3" }),
    entry(8, "succeeded", "update", { replicas: "2" }),
  ],
  [kept(1, "a"), kept(5, "b")],
);

test("versions are numbered from the first, and know what they deployed", () => {
  expect(versions.map((version) => [version.number, version.deployment?.tags.backend])).toEqual([
    [1, "a"],
    [2, "b"],
    [3, undefined], // failed
    [4, undefined], // a refresh deploys nothing
    [5, "b"], // changed nothing, so it shows what the one before deployed
  ]);
});

test("a dirty tree is marked, and changed keys are named", () => {
  expect(versions.map(({ commit }) => commit)).toEqual([
    "0123456789ab+",
    ...Array(4).fill("0123456789ab"),
  ]);
  expect(versions.map(({ configChanged }) => configChanged.join())).toEqual([
    "",
    "replicas",
    "replicas",
    "",
    "replicas",
  ]);
});

test("back means the last deployment that differs, never a failed one", () => {
  expect(currentVersion(versions)?.number).toBe(5);
  expect(previousVersion(versions)?.number).toBe(1);
  expect(previousVersion(versions.slice(0, 1))).toBeUndefined();
});

test("a deployment that was pruned can't come back", () => {
  expect(
    number([entry(1), entry(5)], [kept(5, "b")]).map(({ deployment }) => deployment?.folder),
  ).toEqual([undefined, "at-5"]);
});

test("the table marks what can come back", () => {
  const lines = table(versions).split("\n");
  expect(lines).toHaveLength(6);
  expect(lines.slice(1).map((line) => line.startsWith("*"))).toEqual([
    true,
    true,
    false,
    false,
    true,
  ]);
  expect(lines[3]).toMatch(/3 .*failed.*replicas/);
});
