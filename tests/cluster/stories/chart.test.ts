/**
 * Story 3: the chart by Helm alone, in namespaces of the tests' own.
 *
 * - CHART_TEST_SHAPES     comma-separated shapes of helm/todo-app/ci; all by default
 * - CHART_TEST_BASE_REF   git revision to upgrade from; by default the one before the chart's last change
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { run, tryRun } from "../../../common/run";
import {
  shapes as allShapes,
  chart as currentChart,
  type KubernetesObject,
  repository,
  template,
} from "../../chart/support";
import { TESTS_PROFILE } from "../../support/profile";
import { ChartRelease, RELEASE, type Values } from "../support/chart-release";
import { figure, timed } from "../support/figures";
import { eventually, type Namespace } from "../support/namespace";
import { required } from "../support/required";

const shapes = process.env.CHART_TEST_SHAPES?.split(",") ?? allShapes;
const NODE_PORT = 30_990;
const MINUTES = 60_000;
const KINDS =
  "deployments,replicasets,pods,services,configmaps,secrets,serviceaccounts,poddisruptionbudgets,jobs";

jest.setTimeout(8 * MINUTES);

let work: string;
let baseChart: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "chart-base-"));
  baseChart = await checkOutBase();
});
afterAll(() => rmSync(work, { recursive: true }));

describe.each(shapes)("the chart in the shape %s", (shape) => {
  const name = `chart-test-${shape}`;
  const target = shape === "namespace" ? `${name}-owned` : name;
  let release: ChartRelease;

  beforeAll(async () => {
    release = new ChartRelease(name, target);
    await release.create();
  });
  afterAll(() => release.remove());

  const filesOf = (chart: string): string[] => [
    join(chart, "ci", `${shape}-values.yaml`),
    release.values(
      {
        ...(shape === "namespace" && {
          global: { namespace: { create: true, name: target } },
        }),
        ...(shape === "nodeport" && { frontend: { service: { nodePort: NODE_PORT } } }),
      },
      shape !== "existing-secret",
    ),
  ];

  it("is accepted by a strict server-side dry run (FR-055)", async () => {
    const rendered = await template({
      files: filesOf(currentChart),
      namespace: name,
      args: ["--no-hooks"],
      // Nothing can be tried in a namespace that does not exist yet: its objects are tried in this one.
      ...(shape === "namespace" && {
        set: { "global.namespace.create": "false", "global.namespace.name": "" },
      }),
    });
    expect(rendered.stderr).toBe("");
    await expectAccepted(rendered.stdout, release.namespace);
  });

  it("installs from the chart before, upgrades, passes helm test, rolls back and leaves nothing (FR-036, FR-046, FR-047, FR-048, FR-049, SC-004, SC-005, story 3.1, story 3.2)", async () => {
    if (shape === "existing-secret") await createSecret(release);
    const hasShape = existsSync(join(baseChart, "ci", `${shape}-values.yaml`));
    const base = hasShape ? baseChart : currentChart;
    const wait = ["--wait", "--timeout=4m"];
    const install = ["install", RELEASE, base, ...values(filesOf(base)), ...wait];
    const installed = await timed(() => release.succeed(install));
    expect(installed.result).toMatch(/NOTES:\n[\s\S]*service\/todo-(app-)?frontend/);
    figure("SC-004", "helm install to healthy", installed.seconds, "s");
    expect(installed.seconds).toBeLessThan(120);
    const listed = JSON.parse(await release.succeed(["list", "--output", "json"])) as unknown;
    const { version } = parse(readFileSync(join(base, "Chart.yaml"), "utf8")) as {
      version: string;
    };
    expect(listed).toMatchObject([
      { name: RELEASE, status: "deployed", chart: `todo-app-${version}`, app_version: "0.1.0" },
    ]);

    const upgrade = ["upgrade", RELEASE, currentChart, ...values(filesOf(currentChart)), ...wait];
    await release.succeed([...upgrade, "--atomic"]);
    const upgraded = await release.deployments();
    expect(upgraded).toHaveLength(2);
    await release.succeed([...upgrade, "--atomic"]);
    expect(generations(await release.deployments())).toEqual(generations(upgraded));

    // The test pods want the ServiceAccount, so they are tried once it is there.
    await expectAccepted(await release.succeed(["get", "hooks", RELEASE]), release.objects);
    const tested = await release.helm(["test", RELEASE, "--timeout", "3m"]);
    expect(tested.code === 0 ? "" : tested.stdout + tested.stderr).toBe("");
    await expectNoSecretsShown(release, shape === "existing-secret");

    const back = await timed(() => release.succeed(["rollback", RELEASE, "1", ...wait]));
    figure("SC-005", "helm rollback", back.seconds, "s");
    expect(back.seconds).toBeLessThan(60);
    const history = await release.history();
    expect(history.map(({ status }) => status)).toEqual([
      ...["superseded", "superseded", "superseded"],
      "deployed",
    ]);

    await release.succeed(["uninstall", RELEASE, "--wait", "--timeout=2m"]);
    if (target !== name) {
      await release.objects.kubectl([
        "wait",
        "--for=delete",
        `namespace/${target}`,
        "--timeout=60s",
      ]);
    }
    expect(await leftovers(release.namespace)).toEqual([]);
  });
});

describe("values for environments (FR-043)", () => {
  let release: ChartRelease;
  beforeAll(async () => {
    release = new ChartRelease("chart-test-environments");
    await release.create();
  });
  afterAll(() => release.remove());

  it.each(["values-dev.yaml", "values-staging.yaml"])(
    "%s is accepted by a strict server-side dry run",
    async (file) => {
      const nodePort =
        file === "values-dev.yaml" ? { "frontend.service.nodePort": `${NODE_PORT}` } : {};
      const rendered = await template({
        files: [join(currentChart, file)],
        namespace: release.name,
        args: ["--no-hooks"],
        set: { ...nodePort, "secrets.existingSecret": "todo-app-credentials" },
      });
      await expectAccepted(rendered.stdout, release.namespace);
    },
  );

  it("values-staging.yaml gives two pods of each service, with its own limits (story 3.4)", async () => {
    const staging = join(currentChart, "values-staging.yaml");
    // The file's limits as they are; smaller requests and no address from outside, for this node.
    const files = [
      staging,
      release.values({
        secrets: { existingSecret: "" },
        frontend: { publicUrl: "http://todo.test" },
      }),
    ];
    await release.deploy("install", { files });
    const rendered = await template({ files, namespace: release.name });
    expect(rendered.code).toBe(0);
    for (const component of ["backend", "frontend"]) {
      const pods = await release.namespace.pods(component);
      expect(pods).toHaveLength(2);
      for (const { spec } of pods) {
        expect(spec.containers[0]?.resources.limits).toEqual({ cpu: "1", memory: "768Mi" });
      }
    }
  });
});

describe("a release by Helm alone", () => {
  let release: ChartRelease;
  let namespace: Namespace;
  let good: KubernetesObject[];

  beforeAll(async () => {
    release = new ChartRelease("chart-test-failures");
    namespace = release.namespace;
    await release.create();
    await release.deploy("install");
    good = await release.deployments();
  });
  afterAll(() => release.remove());

  it("has one pod of each service with the default limits (story 3.3, FR-016, FR-017, FR-018)", async () => {
    for (const component of ["backend", "frontend"]) {
      const pods = await namespace.pods(component);
      expect(pods).toHaveLength(1);
      expect(pods[0]?.spec.containers[0]?.resources.limits).toEqual({
        cpu: "500m",
        memory: "512Mi",
      });
    }
  });

  it("refuses an install without secrets before anything is made", async () => {
    const result = await release.helm(["install", "bare", currentChart]);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain("secrets.databaseUrl is required");
    expect((await release.helm(["history", "bare"])).code).not.toBe(0);
  });

  it("goes back as a whole where one service upgrades and the other can't (edge case: partial upgrade failure, story 5.2, FR-048)", async () => {
    const before = await namespace.podNames("backend");
    const result = await release.helm(
      release.deployArguments("upgrade", {
        values: {
          backend: { image: { tag: "missing", pullPolicy: "Never" } },
          frontend: { podAnnotations: { "test/change": "good" } },
        },
        flags: ["--atomic", "--timeout=40s"],
      }),
    );
    expect(result.code).not.toBe(0);
    const after = await release.deployments();
    expect(images(after)).toEqual(images(good));
    expect(JSON.stringify(after)).not.toContain("test/change");
    const [failed, back] = (await release.history()).slice(-2);
    expect([failed?.status, back?.status]).toEqual(["failed", "deployed"]);
    expect(await namespace.podNames("backend")).toEqual(before);
  });

  it("goes back to the first revision from a broken image, within 60 s (story 5.1, SC-005)", async () => {
    const broken = { backend: { image: { tag: "missing", pullPolicy: "Never" } } };
    await release.succeed(release.deployArguments("upgrade", { values: broken }));
    const reason = await eventually(30, async () => {
      const pods = await namespace.pods("backend");
      return pods
        .flatMap(({ status }) => [
          ...(status.initContainerStatuses ?? []),
          ...(status.containerStatuses ?? []),
        ])
        .find(({ state }) => state.waiting?.reason === "ErrImageNeverPull")?.state.waiting?.message;
    });
    expect(reason).toContain("missing");
    const back = await timed(() =>
      release.succeed(["rollback", RELEASE, "1", "--wait", "--timeout=60s"]),
    );
    figure("SC-005", "helm rollback from a broken image", back.seconds, "s");
    expect(back.seconds).toBeLessThan(60);
    expect(images(await release.deployments())).toEqual(images(good));
    expect(await namespace.readyAddresses()).toMatchObject({ [`${RELEASE}-backend`]: 1 });
  });

  it("lists each revision with chart, application version, status and time (story 5.5)", async () => {
    const history = await release.history();
    expect(history.length).toBeGreaterThanOrEqual(3);
    for (const revision of history) {
      expect(revision.chart).toMatch(/^todo-app-\d+\.\d+\.\d+$/);
      expect(revision.app_version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(revision.status).toMatch(/^(superseded|failed|deployed)$/);
      expect(Date.now() - Date.parse(revision.updated)).toBeLessThan(30 * MINUTES);
    }
  });

  it("keeps the old pods where the migration waits for a database that is away, whose log says why (edge case: database unreachable)", async () => {
    const before = await namespace.podNames();
    const nowhere = "postgresql://todo:hunter2hunter2@127.0.0.1:9/todo";
    const upgrade = release.helm(
      release.deployArguments("upgrade", {
        values: { secrets: { databaseUrl: nowhere } },
        flags: ["--atomic", "--timeout=60s"],
      }),
    );
    try {
      const reason = await eventually(60, () => migrationTrouble(namespace));
      expect(reason).toMatch(/refused/i);
      expect(reason).not.toContain("hunter2");
      expect(await namespace.readyPods()).toEqual(before);
    } finally {
      expect((await upgrade).code).not.toBe(0);
    }
    expect(await namespace.podNames()).toEqual(before);
  });

  it("rolls the pods to another image tag, two of each where there was one, with a ready one behind each Service throughout (story 3.5, SC-013, FR-019, FR-040, FR-041)", async () => {
    const before = await namespace.podNames();
    const tag = `retagged-${Date.now()}`;
    const services = Object.fromEntries(
      await Promise.all(
        ["backend", "frontend"].map(async (component) => [
          component,
          { replicaCount: 2, image: { tag: await retag(component, tag) } },
        ]),
      ),
    ) as Values;
    let rolling = true;
    const upgrade = release.deploy("upgrade", { values: services }).finally(() => {
      rolling = false;
    });
    const seen: Record<string, number>[] = [];
    while (rolling) {
      seen.push(await namespace.readyAddresses());
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await upgrade;
    expect(seen.length).toBeGreaterThan(5);
    for (const service of [`${RELEASE}-backend`, `${RELEASE}-frontend`]) {
      expect(Math.min(...seen.map((ready) => ready[service] ?? 0))).toBeGreaterThanOrEqual(1);
    }
    const after = await eventually(30, async () => {
      const pods = await namespace.pods();
      return pods.length === 2 * before.length && pods;
    });
    for (const { metadata, spec } of after) {
      expect(before).not.toContain(metadata.name);
      expect(spec.containers[0]?.image).toMatch(new RegExp(`:${tag}$`));
    }
    await release.deploy("upgrade"); // back to one of each, with the image as it was
  });

  it("of two upgrades at once refuses one, with the reason (edge case: concurrent operations)", async () => {
    const upgrade = (level: string) =>
      release.helm(
        release.deployArguments("upgrade", {
          values: { global: { logLevel: level } },
          flags: ["--wait", "--timeout=2m"],
        }),
      );
    const first = upgrade("warning"); // pods have to be replaced, which takes its time
    await eventually(
      30,
      async () => (await release.history()).at(-1)?.status === "pending-upgrade",
    );
    const second = await upgrade("error");
    expect(second.code).not.toBe(0);
    expect(second.stderr).toMatch(/another operation .* is in progress/);
    expect((await first).code).toBe(0);
    const config = await namespace.get<{ data: Record<string, string> }>(
      "configmap",
      "todo-app-config",
    );
    expect(config.data.LOG_LEVEL).toBe("warning");
  });

  it("starts on a schema newer than the image, as a rollback across a migration does (FR-047)", async () => {
    const known = await query(namespace, "SELECT version_num FROM alembic_version");
    await query(namespace, "UPDATE alembic_version SET version_num = '9999' RETURNING 1");
    try {
      await namespace.kubectl(["rollout", "restart", `deployment/${RELEASE}-backend`]);
      await namespace.rolledOut(`${RELEASE}-backend`, 60);
    } finally {
      await query(namespace, `UPDATE alembic_version SET version_num = '${known}' RETURNING 1`);
    }
  });

  it("keeps a pod from starting without a key of the Secret, and says which (edge case: Secret misconfiguration)", async () => {
    const patch = '[{"op":"remove","path":"/data/JWT_SECRET"}]';
    await namespace.kubectl([
      "patch",
      "secret",
      `${RELEASE}-secrets`,
      "--type=json",
      "--patch",
      patch,
    ]);
    await namespace.kubectl(["rollout", "restart", `deployment/${RELEASE}-backend`]);
    const stuck = await eventually(60, async () => {
      const pods = await namespace.pods("backend");
      return pods.find(({ status }) =>
        [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].some(
          ({ state }) => state.waiting?.reason === "CreateContainerConfigError",
        ),
      );
    });
    const events = await namespace.events(stuck.metadata.name);
    expect(events.join("\n")).toMatch(/couldn't find key JWT_SECRET in Secret/);
    // The pod before it goes on serving.
    expect(await namespace.readyAddresses()).toMatchObject({ [`${RELEASE}-backend`]: 1 });
  });
});

/** Gives a component's image on the node a further tag, as a build of the same content would. */
async function retag(component: string, tag: string): Promise<string> {
  const image = required(`CHART_TEST_${component.toUpperCase()}_IMAGE`);
  const name = (text: string): string => `docker.io/library/${text}`;
  const other = `${image.slice(0, image.lastIndexOf(":"))}:${tag}`;
  const ctr = ["exec", TESTS_PROFILE, "ctr", "--namespace", "k8s.io", "images", "tag"];
  await run("docker", [...ctr, "--force", name(image), name(other)]);
  return tag;
}

function values(files: readonly string[]): string[] {
  return files.flatMap((file) => ["--values", file]);
}

/** A dry run says no word of refusal, Pod Security or deprecation. */
async function expectAccepted(manifests: string, namespace: Namespace): Promise<void> {
  expect(manifests).toContain("kind: ");
  const strict = ["--dry-run=server", "--validate=strict", "--filename", "-"];
  const result = await namespace.try(["create", ...strict], manifests);
  expect(result.stderr.trim()).toBe("");
  expect(result.code).toBe(0);
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

async function createSecret({ namespace, secrets }: ChartRelease): Promise<void> {
  const manifest = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "todo-app-credentials" },
    stringData: {
      DATABASE_URL: secrets.databaseUrl,
      JWT_SECRET: secrets.jwtSecret,
      BETTER_AUTH_SECRET: secrets.betterAuthSecret,
    },
  };
  await namespace.kubectl(["create", "--filename", "-"], JSON.stringify(manifest));
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

/** Asks the release's database one thing, from inside a pod of the back end. */
function query(namespace: Namespace, statement: string): Promise<string> {
  const program = [
    "import os, re, sys, psycopg",
    "url = re.sub(r'^[^:]+', 'postgresql', os.environ['DATABASE_URL'])",
    "with psycopg.connect(url, autocommit=True) as connection:",
    "    print(connection.execute(sys.argv[1]).fetchone()[0])",
  ].join("\n");
  const pod = ["exec", `deployment/${RELEASE}-backend`, "--container=backend"];
  return namespace.kubectl([...pod, "--", "python", "-c", program, statement]);
}

/** What a migration that waits for its database says of it, in its pod's log; undefined while none does. */
async function migrationTrouble(namespace: Namespace): Promise<string | undefined> {
  const waiting = (await namespace.pods()).find(({ status }) =>
    status.initContainerStatuses?.some(({ name, state }) => name === "migrate" && state.running),
  );
  if (!waiting) return undefined;
  const log = await namespace.kubectl(["logs", waiting.metadata.name, "--container=migrate"]);
  return log.split("\n").find((line) => line.includes("migrate.retry"));
}

/** What a namespace holds beside what every namespace does, and a Secret of the tests' own. */
async function leftovers(namespace: Namespace): Promise<string[]> {
  const kept = /configmap\/kube-root-ca\.crt|serviceaccount\/default|secret\/todo-app-credentials/;
  let left: string[] = [];
  // Pods that finish their requests may outlast the uninstall by their grace period.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const lines = (await namespace.kubectl(["get", KINDS, "--output", "name"])).split("\n");
    left = lines.filter((line) => line !== "" && !kept.test(line));
    if (left.length === 0) return left;
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
  return left;
}

async function expectNoSecretsShown(release: ChartRelease, existing: boolean): Promise<void> {
  const { objects, secrets } = release;
  const all = `--selector=app.kubernetes.io/instance=${RELEASE}`;
  const shown = [
    await objects.kubectl(["get", "events", "--output", "json"]),
    await objects.kubectl(["get", "pods,deployments,configmaps", "--output", "json"]),
    await objects.kubectl(["logs", all, "--all-containers", "--tail=-1"]),
  ];
  if (existing) {
    for (const what of ["values", "manifest", "notes", "hooks"]) {
      shown.push(await release.succeed(["get", what, RELEASE]));
    }
  }
  const { password } = new URL(secrets.databaseUrl);
  expect(password.length).toBeGreaterThanOrEqual(8);
  const hidden = [secrets.jwtSecret, secrets.betterAuthSecret, secrets.databaseUrl, password];
  for (const text of shown) {
    for (const secret of hidden) {
      expect(text.includes(secret)).toBe(false);
      expect(text.includes(Buffer.from(secret).toString("base64"))).toBe(false);
    }
  }
}
