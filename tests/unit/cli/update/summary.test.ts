import { type PreviewChange, summarize } from "../../../../cli/update/summary";
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
