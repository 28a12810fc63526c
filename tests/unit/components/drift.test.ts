import { deviations, project, withDeviations } from "../../../components/drift";
import type { Json, JsonObject } from "../../../components/json";

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
