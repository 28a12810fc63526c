/** Story 2: both services on Minikube, as a user and an engineer see them. */
import { tryRun } from "../../../common/run";
import { TESTS_PROFILE } from "../../support/profile";
import { answer, type Client, newUser } from "../support/client";
import { figure } from "../support/figures";
import { isReady } from "../support/namespace";
import { baseUrl, kubectl, NAMESPACE, namespace } from "../support/stack";
import { usageOf } from "../support/usage";

jest.setTimeout(3 * 60_000);

const NODE_TOOLS = ["node", "-p"];

test("the back end's pod runs and its log tells of a successful start (story 2.1, SC-002, FR-058)", async () => {
  const [pod] = await namespace.pods("backend");
  expect(pod?.status.phase).toBe("Running");
  expect(pod && isReady(pod)).toBe(true);
  const log = await kubectl("logs", pod?.metadata.name ?? "", "--container=backend");
  expect(log).toMatch(/"event": ?"app\.started"/);
  const startedAt = Date.parse(pod?.status.containerStatuses?.[0]?.state.running?.startedAt ?? "");
  const ready = pod?.status.conditions?.find(({ type }) => type === "Ready") as
    | { lastTransitionTime: string }
    | undefined;
  const seconds = (Date.parse(ready?.lastTransitionTime ?? "") - startedAt) / 1000;
  figure("SC-002", "back end's container created to ready", seconds, "s");
  expect(seconds).toBeLessThan(30);
});

test("the front end's pod runs and reaches the back end by its Service's name (story 2.2, FR-021)", async () => {
  const [pod] = await namespace.pods("frontend");
  expect(pod && isReady(pod)).toBe(true);
  const ask = `fetch(process.env.BACKEND_URL + "/ready").then(async (r) => console.log(r.status, await r.text()))`;
  const said = await kubectl("exec", pod?.metadata.name ?? "", "--", "node", "-e", ask);
  expect(said).toMatch(/^200 .*"database":"ok"/);
  expect(await environmentOf("frontend", "BACKEND_URL")).toMatch(/^http:\/\/todo-app-backend[.:]/);
});

test("the front end answers this machine, the back end only the cluster (story 2.3, FR-020, FR-021)", async () => {
  const response = await fetch(`${baseUrl}/api/health`);
  expect([response.status, await response.json()]).toMatchObject([
    200,
    { status: expect.any(String) },
  ]);
  const services = await namespace.list<{
    metadata: { name: string };
    spec: { type: string; ports: { nodePort?: number }[] };
  }>("services");
  expect(
    services
      .map(({ metadata, spec }) => [metadata.name, spec.type, spec.ports[0]?.nodePort])
      .sort(),
  ).toEqual([
    ["todo-app-backend", "ClusterIP", undefined],
    ["todo-app-frontend", "NodePort", 30100],
  ]);
});

test("pods read their settings from the ConfigMap (story 2.4, SC-003, FR-022, FR-024)", async () => {
  const { data } = await namespace.get<{ data: Record<string, string> }>(
    "configmap",
    "todo-app-config",
  );
  expect(data).toMatchObject({ LOG_LEVEL: "info", ENVIRONMENT: "development" });
  for (const key of ["LOG_LEVEL", "ENVIRONMENT"]) {
    expect(await environmentOf("frontend", key)).toBe(data[key]);
  }
  const program = "import os; print(os.environ['LOG_LEVEL'], os.environ['ENVIRONMENT'])";
  expect(
    await kubectl(
      "exec",
      "deployment/todo-app-backend",
      "--container=backend",
      "--",
      "python",
      "-c",
      program,
    ),
  ).toBe(`${data.LOG_LEVEL} ${data.ENVIRONMENT}`);
  // Nothing is written into the pods themselves.
  for (const component of ["backend", "frontend"]) {
    const text = await kubectl("get", "deployment", `todo-app-${component}`, "--output", "json");
    const { spec } = JSON.parse(text) as {
      spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
    };
    const literal = spec.template.spec.containers.flatMap(({ env }) =>
      env.filter(({ value }) => value !== undefined),
    );
    expect(literal.map(({ name }) => name)).toEqual([]);
  }
});

test("pods read secrets from the Secret, which shows neither in their specs nor in their logs (story 2.5, SC-012, FR-023, FR-057)", async () => {
  const { data } = await namespace.get<{ data: Record<string, string> }>(
    "secret",
    "todo-app-secrets",
  );
  expect(Object.keys(data)).toEqual(
    expect.arrayContaining(["DATABASE_URL", "JWT_SECRET", "BETTER_AUTH_SECRET"]),
  );
  const values = Object.values(data)
    .map((value) => Buffer.from(value, "base64").toString())
    .filter((value) => value.length > 7);
  const digest = (text: string): string =>
    `require("crypto").createHash("sha256").update(${text}).digest("hex")`;
  const seen = await kubectl(
    "exec",
    "deployment/todo-app-frontend",
    "--",
    ...NODE_TOOLS,
    digest("process.env.BETTER_AUTH_SECRET"),
  );
  const expected = await import("node:crypto").then(({ createHash }) =>
    createHash("sha256")
      .update(Buffer.from(data.BETTER_AUTH_SECRET ?? "", "base64"))
      .digest("hex"),
  );
  expect(seen).toBe(expected);
  await namespace.settled();
  const shown =
    (await kubectl("get", "pods,deployments,replicasets", "--output", "json")) +
    (await kubectl("describe", "pods")) +
    (await kubectl("logs", "--selector=app=todo-app", "--all-containers", "--tail=-1"));
  for (const value of values) expect(shown.includes(value)).toBe(false);
});

test("pods stay within requests and limits, both together under 2 GB and 2 CPUs (story 2.6, SC-008, SC-014, FR-018)", async () => {
  const pods = [...(await namespace.pods("backend")), ...(await namespace.pods("frontend"))];
  expect(pods).toHaveLength(2);
  for (const { spec } of pods) {
    // Requests are the tests' own; the chart's tests and its staging values have the others.
    expect(spec.containers[0]?.resources).toEqual({
      requests: { cpu: "50m", memory: "128Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
    });
  }
  const used = Object.values(await usageOf(namespace)).map(({ megabytes }) => megabytes);
  expect(used).toHaveLength(2);
  for (const megabytes of used) expect(megabytes).toBeLessThan(512);
  const total = used.reduce((sum, megabytes) => sum + megabytes, 0);
  figure("SC-014", "memory of both services in use", total, "MB");
  expect(total).toBeLessThan(400);
});

describe("a user of the deployed application", () => {
  let user: Client;

  beforeAll(async () => {
    user = await newUser(baseUrl);
  });

  it("asks the chat for a task, and finds it in the list (story 2.7, story 1.5, FR-056)", async () => {
    const events = await user.chat("add buy milk");
    expect(answer(events)).toMatch(/milk/i);
    expect((await user.tasks()).map(({ title }) => title.toLowerCase())).toEqual(["buy milk"]);
  });

  it("finds it there again after signing in anew", async () => {
    await user.signIn();
    expect(await user.tasks()).toHaveLength(1);
  });

  it("never sees another user's tasks", async () => {
    const other = await newUser(baseUrl);
    expect(await other.tasks()).toEqual([]);
    const [task] = await user.tasks();
    expect((await other.request(`/api/backend/api/tasks/${task?.id}`)).status).toBe(404);
  });
});

test("everything is in the stack's own namespace (story 2.9, FR-029)", async () => {
  const kinds = "pods,services,configmaps,secrets,deployments";
  const everywhere = JSON.parse(
    await kubectl(
      "get",
      kinds,
      "--all-namespaces",
      "--selector=app.kubernetes.io/instance=todo-app",
      "--output",
      "json",
    ),
  ) as { items: { kind: string; metadata: { name: string; namespace: string } }[] };
  const here = everywhere.items.filter(({ metadata }) => metadata.namespace === NAMESPACE);
  expect(here.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(
    expect.arrayContaining([
      "ConfigMap/todo-app-config",
      "Deployment/todo-app-backend",
      "Deployment/todo-app-frontend",
      "Service/todo-app-backend",
      "Service/todo-app-frontend",
    ]),
  );
  // Nowhere else but in the namespaces of other stacks and tests.
  const elsewhere = everywhere.items.filter(({ metadata }) =>
    /^(default|kube-)/.test(metadata.namespace),
  );
  expect(elsewhere).toEqual([]);
  expect(await kubectl("get", "secret", "todo-app-secrets", "--output=name")).toBe(
    "secret/todo-app-secrets",
  );
});

test("the node has the images, and nothing is pulled (FR-031, FR-032)", async () => {
  for (const component of ["backend", "frontend"]) {
    for (const { metadata, spec } of await namespace.pods(component)) {
      const image = spec.containers[0]?.image ?? "";
      const listed = await tryRun("docker", [
        "exec",
        TESTS_PROFILE,
        "crictl",
        "images",
        "--output",
        "json",
      ]);
      expect(listed.stdout).toContain(`docker.io/library/${image}`);
      const events = await namespace.events(metadata.name);
      expect(events.filter((event) => event.startsWith("Pulling"))).toEqual([]);
    }
  }
});

/** A variable as the running container of a component has it. */
function environmentOf(component: string, name: string): Promise<string> {
  return kubectl(
    "exec",
    `deployment/todo-app-${component}`,
    "--",
    ...NODE_TOOLS,
    `process.env.${name}`,
  );
}
