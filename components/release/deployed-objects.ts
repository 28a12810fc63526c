import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { dynamic } from "@pulumi/pulumi";
import { run } from "../../common/run";
import type { JsonObject } from "../runtime/json";
import { type Drift, deviations, mergePatch, project, valueAt, withDeviations } from "./drift";
import { masked } from "./mask";

type Objects = Record<string, JsonObject>;

interface Inputs {
  kubeContext: string;
  release: string;
  namespace: string;
  /** The release's objects by "Kind/name", as the chart renders them. */
  objects: Objects;
  /** Seconds that pods may take after a repair, as after a release; default 180. */
  timeoutSeconds?: number;
}

interface State extends Inputs {
  /** The objects as they were rendered for the release, whatever a refresh found since. */
  rendered: Objects;
  /** The same fields as the cluster showed them after the release: what a later look is compared with. */
  deployed: Objects;
  /** Key of the masks, a secret; undefined in states that were written before there was one. */
  maskKey?: string;
}

const KEY_BYTES = 32;
const ROLLOUT_SECONDS = 180;

/** Compares the release's objects with the cluster, and puts right what someone has changed there. */
export const provider: dynamic.ResourceProvider<Inputs, State> = {
  async diff(_id, olds, news) {
    const same =
      olds.namespace === news.namespace &&
      olds.kubeContext === news.kubeContext &&
      isDeepStrictEqual(olds.objects, news.objects);
    if (!same || olds.maskKey === undefined) return { changes: true };
    return { changes: (await drift(olds)).length > 0 };
  },
  async create(inputs) {
    return { id: `${inputs.namespace}/${inputs.release}`, outs: await look(inputs, newKey()) };
  },
  async update(_id, olds, news) {
    await repair(news, foreign(await drift(olds), olds, news));
    return { outs: await look(news, olds.maskKey ?? newKey()) };
  },
  async read(id, state) {
    const props = state as State;
    const found = await live({ ...props, objects: props.rendered }, props.maskKey);
    const deployed = deployedIn(props);
    const changes = deviations(deployed, found);
    return {
      id,
      props: {
        ...props,
        deployed,
        objects: withDeviations(props.rendered, found, changes) as Objects,
      },
    };
  },
  async delete() {
    // The objects go with the Helm release.
  },
};

function newKey(): string {
  return randomBytes(KEY_BYTES).toString("base64url");
}

async function look(inputs: Inputs, maskKey: string): Promise<State> {
  const { kubeContext, release, namespace, objects } = inputs;
  const deployed = await live(inputs, maskKey);
  return { kubeContext, release, namespace, objects, rendered: objects, deployed, maskKey };
}

/** What is not in the cluster as it was after the release. */
async function drift(state: State): Promise<Drift[]> {
  return deviations(
    deployedIn(state),
    await live({ ...state, objects: state.rendered }, state.maskKey),
  );
}

/** A state that was written before values were masked has some in clear. */
function deployedIn({ deployed, rendered, maskKey }: State): Objects {
  return masked(deployed, rendered, maskKey) as Objects;
}

/**
 * Of all that differs after a release, what is not its doing. An object that it has changed is new in the
 * cluster too; but Helm leaves there what somebody has added.
 */
function foreign(changes: readonly Drift[], olds: State, { objects }: Inputs): Drift[] {
  return changes.filter(({ path, kind }) => {
    const [key = ""] = path;
    if (isDeepStrictEqual(olds.rendered[key], objects[key])) return true;
    return kind === "added" && valueAt(objects, path) === undefined;
  });
}

/** What the cluster has of the rendered fields, others' values masked; objects that are missing there are left out. */
async function live(inputs: Inputs, maskKey: string | undefined): Promise<Objects> {
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
      if (item === undefined) return [];
      return [[key, masked(project(item, object), object, maskKey) as JsonObject]];
    }),
  );
}

/** Brings objects back to what the chart renders, and waits until the pods are there. */
async function repair(inputs: Inputs, changes: readonly Drift[]): Promise<void> {
  const missing = changes.filter(({ path, kind }) => path.length === 1 && kind === "removed");
  const missingKeys = new Set(missing.map(({ path }) => path[0]));
  for (const key of new Set(changes.map(({ path }) => path[0] ?? ""))) {
    const object = inputs.objects[key];
    const own = changes.filter(({ path }) => path[0] === key);
    if (object === undefined) continue;
    const name = resourceName(object);
    if (missingKeys.has(key)) {
      const text = JSON.stringify(ownedByHelm(object, inputs));
      await kubectl(inputs, ["create", "--filename", "-"], text);
    } else {
      const patch = mergePatch(
        object,
        own.map(({ path, kind }) => ({ kind, path: path.slice(1) })),
      );
      await kubectl(inputs, ["patch", name, "--type", "merge", "--patch", JSON.stringify(patch)]);
    }
    if (object.kind === "Deployment")
      await kubectl(inputs, ["rollout", "status", name, "--timeout", timeoutOf(inputs)]);
  }
}

function timeoutOf({ timeoutSeconds = ROLLOUT_SECONDS }: Inputs): string {
  return `${timeoutSeconds}s`;
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
