import {
  deviations,
  mergePatch,
  project,
  withDeviations,
} from "../../../../components/release/drift";
import type { Json, JsonObject } from "../../../../components/runtime/json";

const RENDERED: JsonObject = {
  kind: "Deployment",
  spec: {
    replicas: 1,
    template: { containers: [{ name: "a", image: "i:1", env: [{ name: "X", value: "1" }] }] },
  },
};
/** As the API server shows it: with defaults, a status, and quantities of its own. */
function live(change: (object: JsonObject) => void = () => undefined): JsonObject {
  const object = structuredClone(RENDERED);
  Object.assign(object, { status: { ready: 1 } });
  Object.assign(object.spec as JsonObject, { revisionHistoryLimit: 10 });
  change(object);
  return object;
}
const deployed = project(live(), RENDERED);

function driftAfter(change: (object: JsonObject) => void): { drift: string[]; shown: Json } {
  const found = project(live(change), RENDERED);
  const drift = deviations(deployed, found);
  return {
    drift: drift.map(({ kind, path }) => `${kind} ${path.join(".")}`),
    shown: withDeviations(RENDERED, found, drift),
  };
}

test("what the API server adds is no drift", () => {
  expect(deployed).toEqual(RENDERED);
  expect(driftAfter((object) => Object.assign(object, { status: { ready: 0 } })).drift).toEqual([]);
});

test("a changed field is named, and shown as it is in the cluster", () => {
  const { drift, shown } = driftAfter((object) =>
    Object.assign(object.spec as JsonObject, { replicas: 3 }),
  );
  expect(drift).toEqual(["changed spec.replicas"]);
  expect(shown).toMatchObject({ spec: { replicas: 3 } });
});

test("a removed field shows as null, not as gone", () => {
  const { drift } = driftAfter((object) => delete (object.spec as JsonObject).replicas);
  expect(drift).toEqual(["changed spec.replicas"]);
});

test("an element added to a list, or taken from it, is drift", () => {
  const env = (object: JsonObject): Json[] =>
    (object.spec as { template: { containers: { env: Json[] }[] } }).template.containers[0]?.env ??
    [];
  const path = "spec.template.containers.0.env";
  expect(driftAfter((object) => env(object).push({ name: "Y", value: "2" }))).toMatchObject({
    drift: [`added ${path}.1`],
    shown: { spec: { template: { containers: [{ env: [{ name: "X" }, { name: "Y" }] }] } } },
  });
  expect(driftAfter((object) => env(object).pop())).toMatchObject({
    drift: [`removed ${path}.0`],
    shown: { spec: { template: { containers: [{ env: [] }] } } },
  });
});

test("a value that the API server writes in its own way is no drift, and is not shown", () => {
  const rendered = { limits: { cpu: "0.5" } };
  const normal = project({ limits: { cpu: "500m" } }, rendered);
  expect(deviations(normal, project({ limits: { cpu: "500m" } }, rendered))).toEqual([]);
  const now = project({ limits: { cpu: "1" } }, rendered);
  expect(withDeviations(rendered, now, deviations(normal, now))).toEqual({ limits: { cpu: "1" } });
});

test("an object that is gone is left out", () => {
  const drift = deviations({ "ConfigMap/a": {}, "Service/b": {} }, { "Service/b": {} });
  expect(drift).toEqual([{ kind: "removed", path: ["ConfigMap/a"] }]);
  expect(
    withDeviations({ "ConfigMap/a": {}, "Service/b": {} }, { "Service/b": {} }, drift),
  ).toEqual({ "Service/b": {} });
});

describe("what only the release writes: data of a ConfigMap, a Deployment's pod", () => {
  const rendered: JsonObject = {
    data: { LOG_LEVEL: "info" },
    spec: { replicas: 1, template: { spec: { containers: [{ name: "a" }] } } },
  };
  /** With what the API server adds by itself. */
  const fresh = (): JsonObject => ({
    data: { LOG_LEVEL: "info" },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 10,
      template: {
        metadata: { annotations: {} },
        spec: { containers: [{ name: "a", terminationMessagePath: "/x" }], dnsPolicy: "First" },
      },
    },
  });
  const before = project(fresh(), rendered);
  const driftOf = (change: (object: JsonObject) => void): ReturnType<typeof deviations> => {
    const object = fresh();
    change(object);
    return deviations(before, project(object, rendered));
  };
  const pod = (object: JsonObject): JsonObject =>
    (object.spec as { template: { spec: JsonObject } }).template.spec;

  test("has defaults that are no drift", () => {
    expect(driftOf(() => undefined)).toEqual([]);
  });

  test("shows a key that somebody has added, and the patch takes it away", () => {
    const drift = driftOf((object) => {
      (object.data as JsonObject).EXTRA = "1";
      pod(object).nodeSelector = { disk: "ssd" };
    });
    expect(drift).toEqual([
      { kind: "added", path: ["data", "EXTRA"] },
      { kind: "added", path: ["spec", "template", "spec", "nodeSelector"] },
    ]);
    expect(mergePatch(rendered, drift)).toMatchObject({
      data: { LOG_LEVEL: "info", EXTRA: null },
      spec: { template: { spec: { nodeSelector: null, containers: [{ name: "a" }] } } },
    });
  });

  test("shows a default that somebody has changed, and the patch makes it the default again", () => {
    const drift = driftOf((object) => {
      pod(object).dnsPolicy = "None";
    });
    expect(drift).toEqual([{ kind: "changed", path: ["spec", "template", "spec", "dnsPolicy"] }]);
    expect(mergePatch(rendered, drift)).toMatchObject({
      spec: { template: { spec: { dnsPolicy: null } } },
    });
    const live = { spec: { template: { spec: { dnsPolicy: "None" } } } };
    expect(withDeviations(rendered, live, drift)).toMatchObject(live);
  });

  test("replaces a list as a whole", () => {
    const drift = driftOf((object) => {
      (pod(object).containers as JsonObject[]).push({ name: "b" });
    });
    expect(mergePatch(rendered, drift)).toEqual(rendered);
  });

  test("is not all of the object: a restart by hand is no drift", () => {
    expect(
      driftOf((object) => {
        (object.spec as { template: JsonObject }).template.metadata = { annotations: { at: "1" } };
      }),
    ).toEqual([]);
  });
});
