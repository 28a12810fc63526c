import { type RunOptions, run } from "../../../../common/run";
import { provider } from "../../../../components/release/deployed-objects";
import type { JsonObject } from "../../../../components/runtime/json";

jest.mock("../../../../common/run", () => ({ run: jest.fn() }));

const deployment = (image: string, replicas = 1): JsonObject => ({
  ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } },
  spec: { replicas, template: { spec: { containers: [{ name: "web", image }] } } },
});
const settings = (level: string): JsonObject => ({
  ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" } },
  data: { LEVEL: level },
});
const inputs = (image = "web:1", level = "info") => ({
  ...{ kubeContext: "far", release: "shop-app", namespace: "shop" },
  objects: { "Deployment/web": deployment(image), "ConfigMap/settings": settings(level) },
});
type Inputs = ReturnType<typeof inputs>;

/** What the cluster has, and what kubectl was called with. */
let cluster: JsonObject[];
let calls: { line: string; input: unknown }[];
const target = "kubectl --context far --namespace shop";
const changing = () => calls.filter(({ line }) => !line.startsWith(`${target} get `));

beforeEach(() => {
  cluster = [deployment("web:1"), settings("info")];
  calls = [];
  jest.mocked(run).mockImplementation(async (command, args, options?: RunOptions) => {
    const { input } = options ?? {};
    calls.push({
      line: [command, ...args].join(" "),
      input: typeof input === "string" ? JSON.parse(input) : undefined,
    });
    if (!args.includes("get")) return "";
    if (cluster.length === 0) return "";
    return JSON.stringify(cluster.length === 1 ? cluster[0] : { kind: "List", items: cluster });
  });
});

async function released(of: Inputs = inputs()) {
  const { id, outs } = await provider.create(of);
  if (!outs) throw new Error("nothing was made");
  calls = [];
  return { id, state: outs };
}
const update = (state: Awaited<ReturnType<typeof released>>["state"], to: Inputs = inputs()) => {
  if (!provider.update) throw new Error("it can't be updated");
  return provider.update("shop/shop-app", state, to);
};
const isChanged = async (
  state: Awaited<ReturnType<typeof released>>["state"],
  to: Inputs = inputs(),
) => (await provider.diff?.("shop/shop-app", state, to))?.changes;

describe("after a release", () => {
  test("what the cluster has of its objects is kept, asked for in the stack's context and namespace", async () => {
    const { id, outs } = await provider.create(inputs());
    expect(id).toBe("shop/shop-app");
    expect(calls.map(({ line }) => line)).toEqual([
      `${target} get deployment.v1.apps/web configmap/settings --ignore-not-found --output json`,
    ]);
    expect(outs).toMatchObject({
      ...inputs(),
      rendered: inputs().objects,
      deployed: { "ConfigMap/settings": { data: { LEVEL: "info" } } },
      maskKey: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test("two stacks never have the same key of masks", async () => {
    const [one, other] = [await released(), await released()];
    expect(one.state.maskKey).not.toBe(other.state.maskKey);
  });

  test("a release without objects asks nobody", async () => {
    await provider.create({ ...inputs(), objects: {} as never });
    expect(calls).toEqual([]);
  });
});

describe("what makes an update", () => {
  test("is nothing where all is as it was", async () => {
    expect(await isChanged((await released()).state)).toBe(false);
  });

  test.each([
    ["another object", inputs("web:2")],
    ["another namespace", { ...inputs(), namespace: "other" }],
    ["another cluster", { ...inputs(), kubeContext: "near" }],
  ])("is %s", async (_, to) => {
    const { state } = await released();
    expect(await isChanged(state, to)).toBe(true);
    expect(calls).toEqual([]);
  });

  test("is what somebody has changed in the cluster, or taken away", async () => {
    const { state } = await released();
    cluster = [deployment("web:1"), settings("debug")];
    expect(await isChanged(state)).toBe(true);
    cluster = [deployment("web:1")];
    expect(await isChanged(state)).toBe(true);
    cluster = [];
    expect(await isChanged(state)).toBe(true);
  });

  test("is a state that was written before masks had a key", async () => {
    const { maskKey: _, ...state } = (await released()).state;
    expect(await isChanged(state as never)).toBe(true);
  });
});

describe("an update", () => {
  test("touches nothing where nobody has changed anything, and keeps the key", async () => {
    const { state } = await released();
    const { outs } = await update(state);
    expect(changing()).toEqual([]);
    expect(outs?.maskKey).toBe(state.maskKey);
  });

  test("brings back an object that somebody has changed, and waits until its pods are there", async () => {
    const { state } = await released();
    cluster = [deployment("web:1", 0), settings("info")];
    await update(state);
    expect(changing().map(({ line }) => line)).toEqual([
      expect.stringContaining(`${target} patch deployment.v1.apps/web --type merge --patch {`),
      `${target} rollout status deployment.v1.apps/web --timeout 180s`,
    ]);
    const patch = JSON.parse(changing()[0]?.line.split("--patch ")[1] ?? "");
    expect(patch.spec.replicas).toBe(1);
  });

  test("waits for repaired pods as long as for released ones", async () => {
    const { state } = await released();
    cluster = [deployment("web:1", 0), settings("info")];
    await update(state, { ...inputs(), timeoutSeconds: 600 } as Inputs);
    expect(changing().at(-1)?.line).toMatch(/ --timeout 600s$/);
  });

  test("takes away what somebody has added", async () => {
    const { state } = await released();
    cluster = [deployment("web:1"), { ...settings("info"), data: { LEVEL: "info", EXTRA: "1" } }];
    await update(state);
    const [{ line } = { line: "" }, ...more] = changing();
    expect(line).toContain("patch configmap/settings --type merge");
    expect(JSON.parse(line.split("--patch ")[1] ?? "").data).toEqual({
      LEVEL: "info",
      EXTRA: null,
    });
    // No pods to wait for.
    expect(more).toEqual([]);
  });

  test("makes again what is gone, as Helm's own", async () => {
    const { state } = await released();
    cluster = [deployment("web:1")];
    await update(state);
    expect(changing()).toEqual([
      {
        line: `${target} create --filename -`,
        input: {
          ...settings("info"),
          metadata: {
            name: "settings",
            annotations: {
              "meta.helm.sh/release-name": "shop-app",
              "meta.helm.sh/release-namespace": "shop",
            },
          },
        },
      },
    ]);
  });

  test("leaves alone what the release itself has just changed", async () => {
    const { state } = await released();
    cluster = [deployment("web:2"), settings("info")];
    await update(state, inputs("web:2"));
    expect(changing()).toEqual([]);
  });

  test("takes away what somebody has added to an object that the release has changed: Helm leaves it", async () => {
    const { state } = await released();
    cluster = [deployment("web:1"), { ...settings("debug"), data: { LEVEL: "debug", EXTRA: "1" } }];
    await update(state, inputs("web:1", "debug"));
    expect(changing().map(({ line }) => line)).toEqual([
      expect.stringContaining("patch configmap/settings"),
    ]);
  });

  test("forgets what the release doesn't have any more", async () => {
    const { state } = await released();
    cluster = [deployment("web:1")];
    const { "ConfigMap/settings": _, ...objects } = inputs().objects;
    await update(state, { ...inputs(), objects: objects as never });
    expect(changing()).toEqual([]);
  });
});

describe("a refresh", () => {
  test("shows what somebody has changed, and keeps what was deployed to compare with", async () => {
    const { id, state } = await released();
    cluster = [deployment("web:1"), settings("debug")];
    const { props } = (await provider.read?.(id, state)) ?? {};
    expect(props?.objects).toMatchObject({ "ConfigMap/settings": { data: { LEVEL: "debug" } } });
    expect(props?.rendered).toEqual(inputs().objects);
    expect(props?.deployed).toEqual(state.deployed);
  });

  test("shows nothing where all is as it was", async () => {
    const { id, state } = await released();
    const { props } = (await provider.read?.(id, state)) ?? {};
    expect(props).toEqual(state);
  });
});

test("the values that others have put into variables are never in the state", async () => {
  const secret = deployment("web:1");
  const [container] = (
    secret as never as { spec: { template: { spec: { containers: object[] } } } }
  ).spec.template.spec.containers;
  Object.assign(container ?? {}, { env: [{ name: "TOKEN", value: "hunter2" }] });
  cluster = [secret, settings("info")];
  const { state } = await released();
  expect(JSON.stringify(state)).not.toContain("hunter2");
  expect(JSON.stringify(state.deployed)).toContain("[masked ");
});
