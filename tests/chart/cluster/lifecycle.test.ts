/**
 * The chart on a real cluster. Runs where CHART_TEST_CONTEXT is set:
 *
 * - CHART_TEST_CONTEXT         kube context (KUBECONFIG as usual)
 * - CHART_TEST_BACKEND_IMAGE   image the nodes have, as `repository:tag`
 * - CHART_TEST_FRONTEND_IMAGE  likewise
 * - CHART_TEST_DATABASE_URL    PostgreSQL as pods reach it; a database of the tests' own
 * - CHART_TEST_BASE_REF        git revision to upgrade from; by default the one before the last
 *                              change of the chart
 * - CHART_TEST_NAMESPACE       prefix of the namespaces, made and removed here; `chart-test`
 * - CHART_TEST_SHAPES          comma-separated shapes; all of ci/ by default
 * - CHART_TEST_NODE_PORT       free node port; 30990
 * - CHART_TEST_CAN_PULL        set where nodes can pull the images: pull policies stay as they are
 *
 * CPU requests are lowered to fit on a small node, limits never.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, tryRun } from "../../../common/run";
import {
  shapes as allShapes,
  chart as currentChart,
  type KubernetesObject,
  repository,
  helm as runHelm,
  template,
} from "../support";

const context = process.env.CHART_TEST_CONTEXT;
const prefix = process.env.CHART_TEST_NAMESPACE ?? "chart-test";
const shapes = process.env.CHART_TEST_SHAPES?.split(",") ?? allShapes;
const RELEASE = "todo-app";
const NODE_PORT = process.env.CHART_TEST_NODE_PORT ?? "30990";
const MINUTES = 60_000;

jest.setTimeout(8 * MINUTES);

/** A file of the release's secrets. One for a database, as keys in it depend on Better Auth's. */
interface Secrets {
  databaseUrl: string;
  jwtSecret: string;
  betterAuthSecret: string;
}

let work: string;
let baseChart: string;
let secrets: Secrets;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "chart-cluster-"));
  if (!context) return;
  const databaseUrl = required("CHART_TEST_DATABASE_URL");
  const derive = (use: string) =>
    createHash("sha256").update(`${use}:${databaseUrl}`).digest("hex");
  secrets = { databaseUrl, jwtSecret: derive("jwt"), betterAuthSecret: derive("better-auth") };
  baseChart = await checkOutBase();
});

afterAll(() => rmSync(work, { recursive: true }));

(context ? describe : describe.skip)("on a cluster", () => {
  describe.each(shapes)("%s", (shape) => {
    const namespace = `${prefix}-${shape}`;
    const target = shape === "namespace" ? `${namespace}-owned` : namespace;

    beforeAll(() => createNamespace(namespace));
    afterAll(() => removeNamespaces(namespace, target));

    it("is accepted by a strict server-side dry run", async () => {
      await withDiagnosis(target, async () => {
        const rendered = await template({
          files: await valuesFor(shape, currentChart, namespace),
          namespace,
          args: ["--no-hooks"],
          // Nothing can be tried in a namespace that does not exist yet: its objects are tried in this one.
          ...(shape === "namespace" && {
            set: { "global.namespace.create": "false", "global.namespace.name": "" },
          }),
        });
        expect(rendered.stderr).toBe("");
        await expectAccepted(rendered.stdout, namespace);
      });
    });

    it("installs from the chart before, upgrades, passes helm test, rolls back and leaves nothing", async () => {
      await withDiagnosis(target, async () => {
        if (shape === "existing-secret") await createSecret(namespace);

        const base = existsSync(join(baseChart, "ci", `${shape}-values.yaml`))
          ? baseChart
          : currentChart;
        await release("install", namespace, await valuesFor(shape, base, namespace), base);

        const files = await valuesFor(shape, currentChart, namespace);
        await release("upgrade", namespace, files, currentChart, "--atomic");
        const upgraded = await deployments(target);
        expect(upgraded).toHaveLength(2);

        await release("upgrade", namespace, files, currentChart, "--atomic");
        expect(generations(await deployments(target))).toEqual(generations(upgraded));

        // The test pods want the ServiceAccount, so they are tried once it is there.
        const hooks = await succeed(["get", "hooks", RELEASE, "--namespace", namespace]);
        await expectAccepted(hooks, target);
        const tested = await helm(["test", RELEASE, "--namespace", namespace, "--timeout", "3m"]);
        expect(tested.code === 0 ? "" : tested.stdout + tested.stderr).toBe("");

        await expectNoSecretsShown(namespace, target, shape === "existing-secret");

        const started = Date.now();
        await succeed([
          "rollback",
          RELEASE,
          "1",
          "--namespace",
          namespace,
          "--wait",
          "--timeout",
          "2m",
        ]);
        expect(Date.now() - started).toBeLessThan(60_000);
        expect(await historyOf(namespace)).toEqual([
          "superseded",
          "superseded",
          "superseded",
          "deployed",
        ]);

        await succeed([
          "uninstall",
          RELEASE,
          "--namespace",
          namespace,
          "--wait",
          "--timeout",
          "2m",
        ]);
        expect(await leftovers(namespace)).toEqual([]);
        if (target !== namespace) {
          const gone = await kubectl([
            "wait",
            "--for=delete",
            `namespace/${target}`,
            "--timeout=60s",
          ]);
          expect(gone.code === 0 ? "" : gone.stderr).toBe("");
        }
      });
    });
  });

  describe("values for environments", () => {
    const namespace = `${prefix}-environments`;
    beforeAll(() => createNamespace(namespace));
    afterAll(() => removeNamespaces(namespace));

    it.each(["values-dev.yaml", "values-staging.yaml"])(
      "%s is accepted by a strict server-side dry run",
      async (file) => {
        const nodePort =
          file === "values-dev.yaml" ? { "frontend.service.nodePort": NODE_PORT } : {};
        const rendered = await template({
          files: [join(currentChart, file)],
          namespace,
          args: ["--no-hooks"],
          set: { ...nodePort, "secrets.existingSecret": "todo-app-credentials" },
        });
        await expectAccepted(rendered.stdout, namespace);
      },
    );
  });

  describe("when things go wrong", () => {
    const namespace = `${prefix}-failures`;
    let files: string[];
    let good: KubernetesObject[];

    beforeAll(async () => {
      await createNamespace(namespace);
      files = await valuesFor("defaults", currentChart, namespace);
      await release("install", namespace, files, currentChart);
      good = await deployments(namespace);
    });
    afterAll(() => removeNamespaces(namespace));

    it("refuses an install without secrets before anything is made", async () => {
      const result = await helm(["install", "bare", currentChart, "--namespace", namespace]);
      expect(result.code).not.toBe(0);
      expect(result.stderr).toContain("secrets.databaseUrl is required");
      expect(await historyOf(namespace, "bare")).toEqual([]);
    });

    it("rolls back by itself from an image that is not there, and the old pods stay", async () => {
      const before = await podNames(namespace);
      const result = await helm([
        ...releaseArguments("upgrade", namespace, files, currentChart),
        "--set=backend.image.tag=missing,backend.image.pullPolicy=Never",
        "--atomic",
        "--timeout=30s",
      ]);
      expect(result.code).not.toBe(0);
      expect(images(await deployments(namespace))).toEqual(images(good));
      expect((await historyOf(namespace)).slice(-2)).toEqual(["failed", "deployed"]);
      expect(await podNames(namespace)).toEqual(before);
    });

    it("keeps the old pods and the reason where the migration fails", async () => {
      const before = await podNames(namespace);
      const upgrade = helm([
        ...releaseArguments("upgrade", namespace, files, currentChart),
        "--set-string=secrets.databaseUrl=postgresql://todo:hunter2hunter2@127.0.0.1:9/todo",
        "--atomic",
        "--timeout=75s",
      ]);
      try {
        const reason = await eventually(60_000, () => migrationFailure(namespace));
        expect(reason).toMatch(/refused.*migrate\.failed/i);
        expect(reason).not.toContain("hunter2");
        expect(await readyPods(namespace)).toEqual(before);
      } finally {
        expect((await upgrade).code).not.toBe(0);
      }
      expect(await podNames(namespace)).toEqual(before);
    });

    it("rolls the pods on a changed setting, with a ready one behind each Service throughout", async () => {
      const before = await podNames(namespace);
      let rolling = true;
      const upgrade = succeed([
        ...releaseArguments("upgrade", namespace, files, currentChart),
        "--set=global.logLevel=warning",
        "--wait",
        "--timeout=2m",
      ]).finally(() => {
        rolling = false;
      });
      const seen: Record<string, number>[] = [];
      while (rolling) {
        seen.push(await readyAddresses(namespace));
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      await upgrade;
      expect(seen.length).toBeGreaterThan(5);
      for (const service of [`${RELEASE}-backend`, `${RELEASE}-frontend`]) {
        expect(Math.min(...seen.map((ready) => ready[service] ?? 0))).toBeGreaterThanOrEqual(1);
      }
      const after = await eventually(30_000, async () => {
        const names = await podNames(namespace);
        return names.length === before.length ? names : undefined;
      });
      expect(after.filter((name) => before.includes(name))).toEqual([]);
    });

    it("starts on a schema newer than the image, as a rollback across a migration does", async () => {
      const known = await query(namespace, "SELECT version_num FROM alembic_version");
      await query(namespace, "UPDATE alembic_version SET version_num = '9999' RETURNING 1");
      try {
        const backend = `deployment/${RELEASE}-backend`;
        await succeedKubectl(["rollout", "restart", backend, "--namespace", namespace]);
        const rollout = ["rollout", "status", backend, "--namespace", namespace, "--timeout=60s"];
        const result = await kubectl(rollout);
        expect(result.code === 0 ? "" : await migrationFailure(namespace)).toBe("");
      } finally {
        await query(namespace, `UPDATE alembic_version SET version_num = '${known}' RETURNING 1`);
      }
    });

    it("keeps a pod from starting without a key of the Secret, and says which", async () => {
      const name = `${RELEASE}-secrets`;
      await succeedKubectl([
        "patch",
        "secret",
        name,
        "--namespace",
        namespace,
        "--type=json",
        "--patch",
        '[{"op":"remove","path":"/data/JWT_SECRET"}]',
      ]);
      await succeedKubectl([
        "rollout",
        "restart",
        `deployment/${RELEASE}-backend`,
        "--namespace",
        namespace,
      ]);
      const message = await eventually(60_000, async () => {
        const events = await succeedKubectl([
          "get",
          "events",
          "--namespace",
          namespace,
          "--output",
          "jsonpath={.items[*].message}",
        ]);
        return /couldn't find key JWT_SECRET in Secret/.exec(events)?.[0];
      });
      expect(message).toBeDefined();
    });
  });
});

/** A dry run says no word of refusal, Pod Security or deprecation. */
async function expectAccepted(manifests: string, namespace: string): Promise<void> {
  expect(manifests).toContain("kind: ");
  const strict = ["--dry-run=server", "--validate=strict", "--filename", "-"];
  const result = await kubectl(["create", ...strict, "--namespace", namespace], manifests);
  expect(result.stderr.trim()).toBe("");
  expect(result.code).toBe(0);
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; see the head of this file`);
  return value;
}

/** Unpacks the chart as it was before its last change; the current one where there is none. */
async function checkOutBase(): Promise<string> {
  const git = (...args: string[]) => tryRun("git", args, { cwd: repository });
  let ref = process.env.CHART_TEST_BASE_REF;
  if (!ref) {
    const dirty = (await git("status", "--porcelain", "--", "helm/todo-app")).stdout.trim() !== "";
    const last = await git("log", "--format=%H", "--max-count=1", "--", "helm/todo-app");
    ref = dirty ? "HEAD" : `${last.stdout.trim()}~1`;
  }
  const listed = await git("ls-tree", "--name-only", ref, "helm/todo-app/Chart.yaml");
  if (listed.code !== 0 || listed.stdout.trim() === "") return currentChart;
  const archive = join(work, "base.tar");
  await run("git", ["archive", "--output", archive, ref, "helm/todo-app"], { cwd: repository });
  await run("tar", ["--extract", "--file", archive, "--directory", work]);
  return join(work, "helm/todo-app");
}

/** The shape's values, and over them what this cluster needs. */
async function valuesFor(shape: string, chart: string, namespace: string): Promise<string[]> {
  const image = (variable: string) => {
    const [, repositoryName, tag] = /^(.+):([^:/]+)$/.exec(required(variable)) ?? [];
    return {
      repository: repositoryName,
      tag,
      ...(process.env.CHART_TEST_CAN_PULL === undefined && { pullPolicy: "IfNotPresent" }),
    };
  };
  const requests = { cpu: "25m", memory: "64Mi" };
  const overlay = {
    global: {
      ...(shape === "namespace" && { namespace: { create: true, name: `${namespace}-owned` } }),
    },
    backend: { image: image("CHART_TEST_BACKEND_IMAGE"), resources: { requests } },
    frontend: {
      image: image("CHART_TEST_FRONTEND_IMAGE"),
      resources: { requests },
      ...(shape === "nodeport" && {
        service: { nodePort: Number(NODE_PORT) },
      }),
    },
    ...(shape !== "existing-secret" && { secrets }),
  };
  const file = join(work, `${shape}.json`);
  writeFileSync(file, JSON.stringify(overlay));
  return [join(chart, "ci", `${shape}-values.yaml`), file];
}

async function helm(args: readonly string[]) {
  const serving = serveLoadBalancers(args);
  try {
    return await runHelm([...args, "--kube-context", context ?? ""]);
  } finally {
    await serving();
  }
}

async function succeed(args: readonly string[]): Promise<string> {
  const result = await helm(args);
  if (result.code !== 0)
    throw new Error(`helm ${args[0]} failed:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

function kubectl(args: readonly string[], input?: string) {
  return tryRun("kubectl", ["--context", context ?? "", ...args], {
    timeoutMs: 3 * MINUTES,
    ...(input !== undefined && { input }),
  });
}

async function succeedKubectl(args: readonly string[], input?: string): Promise<string> {
  const result = await kubectl(args, input);
  if (result.code !== 0) throw new Error(`kubectl ${args.slice(0, 3).join(" ")}: ${result.stderr}`);
  return result.stdout;
}

async function getJson<T>(namespace: string, kind: string): Promise<T> {
  return JSON.parse(
    await succeedKubectl(["get", kind, "--namespace", namespace, "--output", "json"]),
  ) as T;
}

function releaseArguments(
  verb: "install" | "upgrade",
  namespace: string,
  files: readonly string[],
  chart: string,
): string[] {
  const values = files.flatMap((file) => ["--values", file]);
  return [verb, RELEASE, chart, "--namespace", namespace, ...values];
}

async function release(
  verb: "install" | "upgrade",
  namespace: string,
  files: readonly string[],
  chart: string,
  ...more: string[]
): Promise<void> {
  await succeed([
    ...releaseArguments(verb, namespace, files, chart),
    "--wait",
    "--timeout",
    "4m",
    ...more,
  ]);
}

/**
 * Gives pending LoadBalancers an address while Helm waits for one, as a tunnel or a cloud would.
 * Returns the way to stop.
 */
function serveLoadBalancers(args: readonly string[]): () => Promise<void> {
  const namespace = args[args.indexOf("--namespace") + 1];
  if (!args.some((arg) => arg === "--wait" || arg === "--atomic") || namespace === undefined) {
    return async () => undefined;
  }
  let running = true;
  const loop = (async () => {
    while (running) {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      for (const place of [namespace, `${namespace}-owned`]) {
        const listed = await kubectl(["get", "services", "--namespace", place, "--output", "json"]);
        if (listed.code !== 0) continue;
        const { items } = JSON.parse(listed.stdout) as ServiceList;
        for (const item of items) {
          if (item.spec.type !== "LoadBalancer" || item.status.loadBalancer?.ingress) continue;
          const status = { loadBalancer: { ingress: [{ ip: item.spec.clusterIP }] } };
          await kubectl([
            "patch",
            "service",
            item.metadata.name,
            "--namespace",
            place,
            "--subresource=status",
            "--type=merge",
            "--patch",
            JSON.stringify({ status }),
          ]);
        }
      }
    }
  })();
  return async () => {
    running = false;
    await loop;
  };
}

async function createNamespace(name: string): Promise<void> {
  await removeNamespaces(name, `${name}-owned`);
  await succeedKubectl(["create", "namespace", name]);
  await succeedKubectl([
    "label",
    "namespace",
    name,
    "pod-security.kubernetes.io/enforce=restricted",
    "pod-security.kubernetes.io/warn=restricted",
  ]);
}

async function removeNamespaces(...names: string[]): Promise<void> {
  for (const name of new Set(names)) {
    await succeedKubectl(["delete", "namespace", name, "--ignore-not-found", "--wait"]);
  }
}

async function createSecret(namespace: string): Promise<void> {
  const manifest = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "todo-app-credentials", namespace },
    stringData: {
      DATABASE_URL: secrets.databaseUrl,
      JWT_SECRET: secrets.jwtSecret,
      BETTER_AUTH_SECRET: secrets.betterAuthSecret,
    },
  };
  await succeedKubectl(["create", "--filename", "-"], JSON.stringify(manifest));
}

async function deployments(namespace: string): Promise<KubernetesObject[]> {
  return (await getJson<{ items: KubernetesObject[] }>(namespace, "deployments")).items;
}

function generations(objects: readonly KubernetesObject[]): unknown[] {
  return objects.map((item) => {
    const { name, generation } = item.metadata as { name: string; generation?: number };
    return { name, generation };
  });
}

function images(objects: readonly KubernetesObject[]): string[] {
  return objects.flatMap((item) => item.spec.template.spec.containers.map((each) => each.image));
}

/** Pods that are there to stay, by name. */
async function podNames(namespace: string): Promise<string[]> {
  const { items } = await getJson<PodList>(namespace, "pods");
  return items
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => pod.metadata.name)
    .sort();
}

/** Number of addresses that each Service sends new connections to. */
async function readyAddresses(namespace: string): Promise<Record<string, number>> {
  const { items } = await getJson<EndpointSliceList>(namespace, "endpointslices");
  const ready: Record<string, number> = {};
  for (const slice of items) {
    const service = slice.metadata.labels["kubernetes.io/service-name"] ?? "";
    const count = (slice.endpoints ?? []).filter((item) => item.conditions.ready).length;
    ready[service] = (ready[service] ?? 0) + count;
  }
  return ready;
}

async function readyPods(namespace: string): Promise<string[]> {
  const { items } = await getJson<PodList>(namespace, "pods");
  return items
    .filter((pod) =>
      pod.status.conditions?.some((item) => item.type === "Ready" && item.status === "True"),
    )
    .map((pod) => pod.metadata.name)
    .sort();
}

/** Asks the release's database one thing, from inside a pod of the back end. */
async function query(namespace: string, statement: string): Promise<string> {
  const program = [
    "import os, re, sys, psycopg",
    "url = re.sub(r'^[^:]+', 'postgresql', os.environ['DATABASE_URL'])",
    "with psycopg.connect(url, autocommit=True) as connection:",
    "    print(connection.execute(sys.argv[1]).fetchone()[0])",
  ].join("\n");
  const pod = ["exec", `deployment/${RELEASE}-backend`, "--container=backend"];
  const command = ["--namespace", namespace, "--", "python", "-c", program, statement];
  return (await succeedKubectl([...pod, ...command])).trim();
}

/** Why a migration ended, as it stands in its pod's status; undefined while none failed. */
async function migrationFailure(namespace: string): Promise<string | undefined> {
  const { items } = await getJson<PodList>(namespace, "pods");
  const statuses = items.flatMap((pod) => pod.status.initContainerStatuses ?? []);
  return statuses
    .flatMap((status) => [status.state?.terminated, status.lastState?.terminated])
    .find((ended) => ended !== undefined && ended.exitCode !== 0)?.message;
}

async function historyOf(namespace: string, name = RELEASE): Promise<string[]> {
  const result = await helm(["history", name, "--namespace", namespace, "--output", "json"]);
  if (result.code !== 0) return [];
  const revisions = JSON.parse(result.stdout) as {
    status: string;
    chart: string;
    app_version: string;
    updated: string;
  }[];
  for (const revision of revisions) {
    expect(revision.chart).toMatch(/^todo-app-\d+\.\d+\.\d+$/);
    expect(revision.app_version).not.toBe("");
    expect(Date.parse(revision.updated)).not.toBeNaN();
  }
  return revisions.map((revision) => revision.status);
}

/** What a namespace holds beside what every namespace does, and a Secret of the tests' own. */
async function leftovers(namespace: string): Promise<string[]> {
  const kinds =
    "deployments,replicasets,pods,services,configmaps,secrets,serviceaccounts,poddisruptionbudgets,jobs";
  const listing = () =>
    succeedKubectl(["get", kinds, "--namespace", namespace, "--output", "name"]);
  const kept = /configmap\/kube-root-ca\.crt|serviceaccount\/default|secret\/todo-app-credentials/;
  let left: string[] = [];
  // Pods that finish their requests may outlast the uninstall by their grace period.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    left = (await listing()).split("\n").filter((line) => line !== "" && !kept.test(line));
    if (left.length === 0) return left;
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
  return left;
}

async function expectNoSecretsShown(
  namespace: string,
  target: string,
  existing: boolean,
): Promise<void> {
  const shown = [
    await succeedKubectl(["get", "events", "--namespace", target, "--output", "json"]),
    await succeedKubectl([
      "get",
      "pods,deployments,configmaps",
      "--namespace",
      target,
      "--output",
      "json",
    ]),
    await succeedKubectl([
      "logs",
      "--namespace",
      target,
      "--selector",
      `app.kubernetes.io/instance=${RELEASE}`,
      "--all-containers",
      "--tail=-1",
    ]),
  ];
  if (existing) {
    for (const what of ["values", "manifest", "notes", "hooks"]) {
      shown.push(await succeed(["get", what, RELEASE, "--namespace", namespace]));
    }
  }
  const password = new URL(secrets.databaseUrl).password;
  const hidden = [secrets.jwtSecret, secrets.betterAuthSecret, secrets.databaseUrl];
  if (password.length >= 8) hidden.push(password);
  for (const text of shown) {
    for (const secret of hidden) {
      expect(text.includes(secret)).toBe(false);
      expect(text.includes(Buffer.from(secret).toString("base64"))).toBe(false);
    }
  }
}

/** Asks until there is an answer; throws when the time is over. */
async function eventually<T>(limitMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`no answer within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Adds the namespace's state to a failure: without it, a failed rollout is a riddle. */
async function withDiagnosis(namespace: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const parts = [
      ["get", "all", "--output", "wide"],
      ["get", "events", "--sort-by=.lastTimestamp"],
      [
        "logs",
        "--selector",
        `app.kubernetes.io/instance=${RELEASE}`,
        "--all-containers",
        "--tail=20",
        "--prefix",
      ],
    ];
    for (const part of parts) {
      const result = await kubectl([...part, "--namespace", namespace]);
      process.stderr.write(`--- kubectl ${part.join(" ")}\n${result.stdout}${result.stderr}\n`);
    }
    throw error;
  }
}

interface ServiceList {
  items: {
    metadata: { name: string };
    spec: { type: string; clusterIP: string };
    status: { loadBalancer?: { ingress?: unknown[] } };
  }[];
}

interface EndpointSliceList {
  items: {
    metadata: { labels: Record<string, string> };
    endpoints?: { conditions: { ready?: boolean } }[];
  }[];
}

interface Terminated {
  exitCode: number;
  message?: string;
}

interface PodList {
  items: {
    metadata: { name: string; deletionTimestamp?: string };
    status: {
      conditions?: { type: string; status: string }[];
      initContainerStatuses?: {
        state?: { terminated?: Terminated };
        lastState?: { terminated?: Terminated };
      }[];
    };
  }[];
}
