import { type PreviewChange, summarize } from "../../../../cli/update/summary";
import { TYPES } from "../../../../components/names";
import type { JsonObject } from "../../../../components/runtime/json";

const OBJECTS = "pulumi-nodejs:dynamic/todo-app:DeployedObjects";
const deployment = (image: string, replicas = 1): JsonObject => ({
  spec: { replicas, template: { spec: { containers: [{ image }] } } },
});

function change(op: string, type: string, before?: JsonObject, after?: JsonObject): PreviewChange {
  return {
    op,
    urn: `urn:pulumi:dev::todo-app::${type}::todo-app`,
    ...(before ? { oldState: { type, inputs: before, outputs: before } } : {}),
    ...(after ? { newState: { type, inputs: after } } : {}),
  };
}

test("nothing to do is said so", () => {
  expect(summarize([change("same", OBJECTS, {}, {}), change("refresh", OBJECTS, {}, {})])).toEqual({
    lines: ["no changes"],
    changes: false,
  });
});

test("objects are told to the field, with what restarts", () => {
  const before = {
    objects: {
      "Deployment/a": deployment("i:1"),
      "Deployment/b": deployment("i:1"),
      "ConfigMap/c": { data: { A: "1" } },
      "Service/gone": {},
    },
  };
  const after = {
    objects: {
      "Deployment/a": deployment("i:2"),
      "Deployment/b": deployment("i:1", 3),
      "ConfigMap/c": { data: { B: "2" } },
      "Service/new": {},
    },
  };
  expect(summarize([change("update", OBJECTS, before, after)]).lines).toEqual([
    "objects:",
    '  - ConfigMap/c  data.A: "1"',
    '  + ConfigMap/c  data.B: "2"',
    '  ~ Deployment/a  spec.template.spec.containers.0.image: "i:1" => "i:2"',
    "  ~ Deployment/b  spec.replicas: 1 => 3",
    "  - Service/gone",
    "  + Service/new",
    "restarts:",
    "  Deployment/a",
  ]);
});

test("a first deployment lists its objects", () => {
  expect(
    summarize([change("create", OBJECTS, undefined, { objects: { "Service/a": {} } })]).lines,
  ).toEqual(["objects:", "  + Service/a"]);
});

test("drift without new inputs is told, with the way to see more", () => {
  const same = { objects: { "Service/a": {} } };
  expect(summarize([change("update", OBJECTS, same, same)]).lines[1]).toMatch(
    /changed in the cluster.*--refresh/,
  );
});

test("an image whose content is the same is no change, whatever the file modes of the checkout", () => {
  const [mine, theirs] = ["a", "b"].map((contextDigest) => ({
    ...{ imageName: "todo-backend:1.0.0-0123456789ab", build: { contextDigest } },
  }));
  const steps = [change("update", "docker:index/image:Image", theirs, mine)];
  expect(summarize(steps)).toEqual({ lines: ["no changes"], changes: false });
});

test("images are built and delivered; the release and components say nothing of their own", () => {
  const lines = summarize([
    change("update", "docker:index/image:Image", { imageName: "x:1" }, { imageName: "x:2" }),
    change(
      "update",
      "pulumi-nodejs:dynamic/todo-app:MinikubeImage",
      { image: "x:2" },
      { image: "x:2" },
    ),
    change("update", "kubernetes:helm.sh/v3:Release", {}, {}),
    change("create", "todo-app:components:AppImage", undefined, {}),
  ]).lines;
  expect(lines).toEqual(["images:", "  ~ build x:1 => x:2", "  ~ deliver x:2 again"]);
});

test("a Secret's keys are named, its values never", () => {
  // As Pulumi says it: the data is one secret, and only the provider tells which of its keys differ.
  const step = change(
    "update",
    "kubernetes:core/v1:Secret",
    { data: "[secret]" },
    { data: "[secret]" },
  );
  const detailedDiff = {
    "data.JWT_SECRET": { kind: "update" },
    "data.OPENAI_API_KEY": { kind: "add" },
    "data.OLD": { kind: "delete" },
  };
  expect(summarize([{ ...step, detailedDiff }]).lines).toEqual([
    "other:",
    "  ~ Secret todo-app (values masked): ~ JWT_SECRET, + OPENAI_API_KEY, - OLD",
  ]);
  expect(summarize([{ ...step, detailedDiff: null }]).lines).toEqual([
    "other:",
    "  ~ Secret todo-app",
  ]);
});

test("a long list is cut to one screen", () => {
  const many = (value: string): JsonObject => ({
    objects: {
      "ConfigMap/c": {
        data: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`K${i}`, value])),
      },
    },
  });
  const { lines } = summarize([change("update", OBJECTS, many("1"), many("2"))]);
  expect(lines.length).toBeLessThan(40);
  expect(lines.at(-1)).toMatch(/170 more/);
});

const DOCKER = "docker:index/image:Image";
const DELIVERED = "pulumi-nodejs:dynamic/todo-app:RegistryImage";
const lines = (...steps: PreviewChange[]): string[] => summarize(steps).lines;

describe("an image", () => {
  const image = (op: string, before?: string, after?: string, type = DOCKER) => {
    const named = (name?: string) => (name === undefined ? undefined : { imageName: name });
    return lines(change(op, type, named(before), named(after)))[1];
  };

  test.each([
    ["create", undefined, "x:1", "  + build x:1"],
    ["delete", "x:1", undefined, "  - x:1"],
    ["replace", "x:1", "x:2", "  ~ build x:1 => x:2"],
    ["replace", "x:1", "x:1", "  ~ build x:1 again"],
  ])("that is to %s from %s to %s is told", (op, before, after, line) => {
    expect(image(op, before, after)).toBe(line);
  });

  test("is delivered by what isn't Docker's; one that had no name before is new", () => {
    expect(image("create", undefined, "x:1", DELIVERED)).toBe("  + deliver x:1");
    expect(lines(change("update", DELIVERED, {}, { image: "x:2" }))[1]).toBe("  + deliver x:2");
  });

  test("without a name is a change, whatever it was", () => {
    expect(summarize([change("update", DOCKER, {}, {})]).changes).toBe(true);
    expect(
      summarize([change("update", DELIVERED, { imageName: "a" }, { imageName: "a" })]).changes,
    ).toBe(true);
  });
});

describe("a field", () => {
  const fields = (before: JsonObject, after: JsonObject, key = "ConfigMap/c") =>
    lines(change("update", OBJECTS, { objects: { [key]: before } }, { objects: { [key]: after } }));

  test("of more than sixty characters is cut", () => {
    expect(fields({ a: "x".repeat(58) }, { a: 1 })[1]).toBe(
      `  ~ ConfigMap/c  a: "${"x".repeat(58)}" => 1`,
    );
    expect(fields({ a: "x".repeat(59) }, { a: 1 })[1]).toBe(
      `  ~ ConfigMap/c  a: "${"x".repeat(59)}… => 1`,
    );
  });

  test("may become a list, or lose one of its members", () => {
    expect(fields({ a: { "0": 1 } }, { a: [1] })[1]).toBe('  ~ ConfigMap/c  a: {"0":1} => [1]');
    expect(fields({ a: [1, 2] }, { a: [1] })[1]).toBe("  - ConfigMap/c  a.1: 2");
    expect(fields({ a: null }, { a: { b: 1 } })[1]).toBe('  ~ ConfigMap/c  a: null => {"b":1}');
  });

  test("restarts the pods of a Deployment where it is of their template, each named once", () => {
    const spec = (value: number) => ({ spec: { template: { a: value, b: value } } });
    expect(fields(spec(1), spec(2), "Deployment/web").slice(-2)).toEqual([
      "restarts:",
      "  Deployment/web",
    ]);
    expect(fields(spec(1), spec(2), "Job/web")).not.toContain("restarts:");
    const other = (value: number) => ({ template: { spec: value }, spec: { strategy: value } });
    expect(fields(other(1), other(2), "Deployment/web")).not.toContain("restarts:");
  });

  test("is one of thirty that are shown, and what is left out is counted", () => {
    const many = (count: number, value: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`K${i}`, value]));
    expect(fields(many(30, 1), many(30, 2))).toHaveLength(31);
    expect(fields(many(31, 1), many(31, 2)).slice(-2)).toEqual([
      ...["  ~ ConfigMap/c  K29: 1 => 2", "  … 1 more (--diff shows all)"],
    ]);
  });
});

describe("what is there already", () => {
  test("doesn't count for objects that are made anew, and is taken from what was found at last", () => {
    const objects = { objects: { "Service/a": {} } };
    expect(lines(change("create", OBJECTS, objects, objects))).toEqual([
      "objects:",
      "  + Service/a",
    ]);
    const step = change("update", OBJECTS, { objects: {} }, objects);
    const found = {
      ...step,
      oldState: { type: OBJECTS, inputs: objects, outputs: { objects: {} } },
    };
    expect(lines(found)).toEqual(["objects:", "  + Service/a"]);
    const { outputs: _, ...unseen } = found.oldState;
    expect(lines({ ...found, oldState: unseen })[1]).toMatch(/changed in the cluster/);
  });

  test("and is taken away is told; no objects at all are nothing to tell", () => {
    expect(lines(change("delete", OBJECTS, { objects: { "Service/a": {} } }))).toEqual([
      ...["objects:", "  - Service/a"],
    ]);
    expect(lines(change("delete", OBJECTS, {}))).toEqual(["1 change outside the cluster"]);
  });
});

test("what else changes is named by its last word, with how", () => {
  const made = change("create", "random:index/randomPassword:RandomPassword", undefined, {});
  const gone = change("delete", "kubernetes:core/v1:Secret", {});
  const again = change("replace", "kubernetes:core/v1:Namespace", {}, {});
  expect(lines(made, gone, again, change("read", "kubernetes:core/v1:Pod", {}, {}))).toEqual([
    "other:",
    ...["  + RandomPassword todo-app", "  - Secret todo-app", "  ~ Namespace todo-app"],
  ]);
});

test("what only keeps the record is outside the cluster", () => {
  const steps = [
    change("update", "pulumi:pulumi:Stack", {}, {}),
    change("update", TYPES.attempts, {}, {}),
    change("update", TYPES.deployments, {}, {}),
  ];
  expect(summarize(steps)).toEqual({ lines: ["3 changes outside the cluster"], changes: true });
});
