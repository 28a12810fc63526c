import type { dynamic } from "@pulumi/pulumi";
import { run } from "../../common/run";
import { type Drift, deviations, project, withDeviations } from "../drift";
import type { Json, JsonObject } from "../json";

type Objects = Record<string, JsonObject>;

interface Inputs {
  kubeContext: string;
  release: string;
  namespace: string;
  /** The release's objects by "Kind/name", as the chart renders them. */
  objects: Objects;
}

interface State extends Inputs {
  /** The same fields as the cluster showed them after the release: what a later look is compared with. */
  deployed: Objects;
}

const ROLLOUT_TIMEOUT = "180s";

/** Compares the release's objects with the cluster, and puts right what someone has changed there. */
export const provider: dynamic.ResourceProvider<Inputs, State> = {
  async diff(_id, olds, news) {
    const known = typeof news.objects === "object";
    const same =
      known &&
      olds.namespace === news.namespace &&
      olds.kubeContext === news.kubeContext &&
      JSON.stringify(sorted(olds.objects)) === JSON.stringify(sorted(news.objects));
    if (!same) return { changes: true };
    return { changes: deviations(olds.deployed, await live(olds)).length > 0 };
  },
  async create(inputs) {
    return {
      id: `${inputs.namespace}/${inputs.release}`,
      outs: { ...own(inputs), deployed: await live(inputs) },
    };
  },
  async update(_id, olds, news) {
    await repair(news, deviations(olds.deployed, await live(news)));
    return { outs: { ...own(news), deployed: await live(news) } };
  },
  async read(id, state) {
    const props = state as State;
    const found = await live(props);
    const drift = deviations(props.deployed, found);
    const objects = withDeviations(props.objects, found, drift) as Objects;
    return { id, props: { ...props, objects } };
  },
  async delete() {
    // The objects go with the Helm release.
  },
};

function own({ kubeContext, release, namespace, objects }: Inputs): Inputs {
  return { kubeContext, release, namespace, objects };
}

/** What the cluster has of the rendered fields; objects that are missing there are left out. */
async function live(inputs: Inputs): Promise<Objects> {
  const { objects } = inputs;
  if (Object.keys(objects).length === 0) return {};
  const names = Object.values(objects).map(resourceName);
  const flags = ["--ignore-not-found", "--output", "json"];
  const output = await kubectl(inputs, ["get", ...names, ...flags]);
  const parsed = (output === "" ? { items: [] } : JSON.parse(output)) as JsonObject;
  const items = (
    parsed.kind === "List" || Array.isArray(parsed.items) ? parsed.items : [parsed]
  ) as JsonObject[];
  const found = new Map(items.map((item) => [keyOf(item), item]));
  return Object.fromEntries(
    Object.entries(objects).flatMap(([key, object]): [string, JsonObject][] => {
      const item = found.get(keyOf(object));
      return item === undefined ? [] : [[key, project(item, object) as JsonObject]];
    }),
  );
}

/** Brings objects back to what the chart renders, and waits until the pods are there. */
async function repair(inputs: Inputs, drift: readonly Drift[]): Promise<void> {
  const keys = [...new Set(drift.map(({ path }) => path[0] ?? ""))].filter(
    (key) => key in inputs.objects,
  );
  for (const key of keys) {
    const object = inputs.objects[key] as JsonObject;
    if (
      drift.some(({ path, kind }) => path.length === 1 && path[0] === key && kind === "removed")
    ) {
      await kubectl(
        inputs,
        ["create", "--filename", "-"],
        JSON.stringify(ownedByHelm(object, inputs)),
      );
    } else {
      const patch = JSON.stringify(object);
      await kubectl(
        inputs,
        ["patch", resourceName(object), "--type", "merge", "--patch-file", "/dev/stdin"],
        patch,
      );
    }
    if (object.kind === "Deployment")
      await kubectl(inputs, [
        "rollout",
        "status",
        resourceName(object),
        "--timeout",
        ROLLOUT_TIMEOUT,
      ]);
  }
}

/** The object with the marks by which Helm knows its own. */
function ownedByHelm(object: JsonObject, { release, namespace }: Inputs): JsonObject {
  const metadata = object.metadata as JsonObject;
  const annotations = {
    ...((metadata.annotations ?? {}) as JsonObject),
    "meta.helm.sh/release-name": release,
    "meta.helm.sh/release-namespace": namespace,
  };
  return { ...object, metadata: { ...metadata, annotations } };
}

function kubectl(inputs: Inputs, args: readonly string[], input?: string): Promise<string> {
  const target = ["--context", inputs.kubeContext, "--namespace", inputs.namespace];
  return run("kubectl", [...target, ...args], input === undefined ? {} : { input });
}

/** "deployment.v1.apps/name", as kubectl takes it. */
function resourceName(object: JsonObject): string {
  const [group, version] = String(object.apiVersion).includes("/")
    ? String(object.apiVersion).split("/")
    : ["", String(object.apiVersion)];
  const type = group ? `${object.kind}.${version}.${group}` : String(object.kind);
  return `${type.toLowerCase()}/${(object.metadata as JsonObject).name}`;
}

function keyOf(object: JsonObject): string {
  return `${object.kind}/${(object.metadata as JsonObject).name}`;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
