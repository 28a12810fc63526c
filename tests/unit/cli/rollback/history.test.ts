import { join } from "node:path";
import { currentVersion, number, previousVersion } from "../../../../cli/rollback/history";
import { table } from "../../../../cli/rollback/table";
import type { KeptDeployment } from "../../../../components/record/deployments";
import { folderWith } from "../../support/folder";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();

/** A deployment of these minutes, the first of which names its folder. */
function kept(minutes: number | number[], tag: string, configFile = ""): KeptDeployment {
  const all = [minutes].flat();
  return {
    ...{ version: "1", values: {}, chart: "", configFile, chartHash: "" },
    tags: { backend: tag, frontend: "f" },
    folder: `at-${all[0]}`,
    times: all.map((minute) => (START + minute * 60_000 - 2000) / 1000),
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

test("a deployment that was returned to is what it was at each of its times", () => {
  const returned = number(
    [entry(1), entry(5), entry(8), entry(9), entry(12)],
    [kept([1, 8], "a"), kept([5, 12], "b")],
  );
  expect(returned.map(({ deployment }) => deployment?.tags.backend)).toEqual([
    ...["a", "b", "a"],
    "a", // changed nothing
    "b",
  ]);
});

describe("back, where no version is named, means", () => {
  const A = kept(1, "a");
  const B = kept(5, "b");
  const [first, second] = [entry(1), entry(5)];
  const back = (later: ReturnType<typeof entry>[], deployments = [A, B]): number | undefined =>
    previousVersion(number([first, second, ...later], deployments))?.number;

  test("the last deployment that differs, never a failed one", () => {
    expect(currentVersion(versions)?.number).toBe(5);
    expect(previousVersion(versions)?.number).toBe(1);
    expect(previousVersion(versions.slice(0, 1))).toBeUndefined();
  });

  test.each<[string, ReturnType<typeof entry>[]]>([
    ["an update failed", [entry(6, "failed")]],
    ["two failed", [entry(6, "failed"), entry(7, "failed")]],
    [
      "one failed, and its Secret was refreshed",
      [entry(6, "failed"), entry(7, "succeeded", "refresh")],
    ],
    ["the stack was destroyed", [entry(6, "succeeded", "destroy")]],
    ["a destroy failed", [entry(6, "failed", "destroy")]],
  ])("the version that serves, or served last, where %s", (_, later) => {
    expect(back(later)).toBe(2);
  });

  test("the one before again, once an update has succeeded, refreshed or not", () => {
    expect(back([entry(6, "failed"), entry(7)])).toBe(1);
    expect(back([entry(6, "succeeded", "refresh")])).toBe(1);
  });

  test("nothing where what serves isn't kept: an earlier one is what nobody asked for", () => {
    expect(back([entry(6, "failed")], [])).toBeUndefined();
    expect(back([entry(6, "failed")], [kept(6, "c")])).toBeUndefined();
  });

  test("to and fro between two deployments", () => {
    expect(back([entry(8)], [kept([1, 8], "a"), B])).toBe(2);
    expect(back([entry(8), entry(9)], [kept([1, 8], "a"), kept([5, 9], "b")])).toBe(3);
  });
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

describe("a secret, which Pulumi's history hides,", () => {
  const folder = folderWith({
    "old.yaml": "config:\n  todo-app:jwtSecret: { secure: v1:old }\n",
    "new.yaml": "config:\n  todo-app:jwtSecret: { secure: v1:new }\n",
  });
  const withSecret = (minute: number, result?: string, kind?: string) => ({
    ...entry(minute, result, kind),
    config: { "todo-app:jwtSecret": { secret: true } },
  });
  const changes = (deployments: KeptDeployment[], entries: ReturnType<typeof withSecret>[]) =>
    number(entries, deployments).map(({ configChanged, secretsUntold }) =>
      secretsUntold ? "untold" : configChanged.join(),
    );
  const [old, same, anew] = [
    kept(1, "a", join(folder, "old.yaml")),
    kept(5, "b", join(folder, "old.yaml")),
    kept(9, "c", join(folder, "new.yaml")),
  ];

  test("has changed where its encrypted text has", () => {
    const entries = [withSecret(1), withSecret(5), withSecret(9), withSecret(10)];
    expect(changes([old, same, anew], entries)).toEqual(["", "", "jwtSecret", ""]);
  });

  test("is compared with the last version that is kept, whatever came between", () => {
    const refresh = withSecret(6, "succeeded", "refresh");
    const entries = [withSecret(1), withSecret(5, "failed"), refresh, withSecret(9)];
    expect(changes([old, anew], entries)).toEqual(["", "untold", "", "jwtSecret"]);
  });

  test("is named as such where it can't be told", () => {
    const lines = table(number([withSecret(1), withSecret(5, "failed")], [old])).split("\n");
    expect(lines[2]).toMatch(/2 .*failed.* secrets\?$/);
    expect(lines[3]).toMatch(/secrets\? can't be told: /);
  });

  test("that is new, or was taken out, is known by its key", () => {
    const [, out, again] = number([withSecret(1), entry(5), withSecret(9, "failed")], [old]);
    for (const version of [out, again])
      expect(version).toMatchObject({ configChanged: ["jwtSecret"], secretsUntold: false });
  });
});
