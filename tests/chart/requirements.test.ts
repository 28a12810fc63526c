/** FR-016 to FR-063 over what the chart renders; what needs a cluster is in ../cluster. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import {
  type Container,
  chart,
  containers,
  describedPaths,
  type EnvVar,
  type KubernetesObject,
  mainContainer,
  object,
  pods,
  render,
  renderings,
  repository,
  shapeFile,
  shapes,
} from "./support";

// Each rendering starts a process; a busy machine takes its time.
jest.setTimeout(120_000);

const COMPONENTS = ["backend", "frontend"] as const;
const COMPONENT = "app.kubernetes.io/component";
const CONSTITUTION = {
  requests: { cpu: "250m", memory: "256Mi" },
  limits: { cpu: "500m", memory: "512Mi" },
};

let defaults: KubernetesObject[];
const every = new Map<string, KubernetesObject[]>();

beforeAll(async () => {
  for (const { name, files } of renderings) every.set(name, await render({ files }));
  defaults = every.get("ci/defaults") ?? [];
});

/** The notes as text: a dry run that prints them needs a cluster under Helm 3, an object doesn't. */
async function renderNotes(set: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "notes-"));
  try {
    cpSync(chart, folder, { recursive: true });
    writeFileSync(
      join(folder, "templates/notes.yaml"),
      `apiVersion: v1
kind: ConfigMap
metadata:
  name: notes
data:
  text: {{ include (print .Template.BasePath "/NOTES.txt") . | quote }}
`,
    );
    const objects = await render({ chart: folder, set });
    return object(objects, "ConfigMap", "notes").data?.text ?? "";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const deployment = (component: string, objects = defaults) =>
  object(objects, "Deployment", `todo-app-${component}`);
const service = (component: string, objects = defaults) =>
  object(objects, "Service", `todo-app-${component}`);
const configMap = (objects = defaults) => object(objects, "ConfigMap", "todo-app-config");
const values = () => parse(readFileSync(join(chart, "values.yaml"), "utf8"));
const chartFile = () =>
  parse(readFileSync(join(chart, "Chart.yaml"), "utf8")) as Record<string, string>;

describe.each([
  ["FR-016", "backend"],
  ["FR-017", "frontend"],
])("%s: a Deployment of the %s", (_, component) => {
  it("has 1 replica unless told otherwise", async () => {
    expect(deployment(component).spec.replicas).toBe(1);
    const scaled = await render({ set: { [`${component}.replicaCount`]: "4" } });
    expect(deployment(component, scaled).spec.replicas).toBe(4);
    const other = component === "backend" ? "frontend" : "backend";
    expect(deployment(other, scaled).spec.replicas).toBe(1);
  });
});

test("FR-018: requests 250m and 256Mi, limits 500m and 512Mi, init containers too", () => {
  for (const component of COMPONENTS) {
    for (const container of containers(deployment(component).spec.template.spec)) {
      expect(container.resources).toEqual(CONSTITUTION);
    }
  }
  for (const objects of every.values()) {
    for (const container of pods(objects).flatMap(({ spec }) => containers(spec))) {
      for (const bound of [container.resources.requests, container.resources.limits]) {
        expect(Object.keys(bound).sort()).toEqual(["cpu", "memory"]);
      }
    }
  }
});

test("FR-019: rolling updates with maxUnavailable 0 and maxSurge 1, in every shape", () => {
  for (const objects of every.values()) {
    const deployments = objects.filter((item) => item.kind === "Deployment");
    expect(deployments).toHaveLength(2);
    for (const item of deployments) {
      expect(item.spec.strategy).toEqual({
        type: "RollingUpdate",
        rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
      });
    }
  }
});

test("FR-020: the front end's Service is a LoadBalancer on port 3000", () => {
  expect(service("frontend").spec.type).toBe("LoadBalancer");
  expect(service("frontend").spec.ports?.[0]).toMatchObject({ port: 3000, targetPort: "http" });
});

test("FR-021: the back end's Service is a ClusterIP on port 7860", () => {
  expect(service("backend").spec.type).toBe("ClusterIP");
  expect(service("backend").spec.ports?.[0]).toMatchObject({ port: 7860, targetPort: "http" });
});

test("FR-020, FR-021: each Service selects the pods of its own Deployment alone", () => {
  for (const objects of every.values()) {
    const templates = objects.filter((item) => item.kind === "Deployment");
    const labelled = [
      ...templates.map((item) => item.spec.template.metadata.labels),
      ...objects.filter((item) => item.kind === "Pod").map((item) => item.metadata.labels),
    ];
    for (const item of objects.filter((candidate) => candidate.kind === "Service")) {
      const selector = Object.entries(item.spec.selector as Record<string, string>);
      const selected = labelled.filter((labels) => selector.every(([k, v]) => labels[k] === v));
      expect(selected).toHaveLength(1);
      expect(selected[0]?.component).toBe(item.metadata.labels.component);
    }
  }
});

test("FR-022: the ConfigMap has the back end's URL, log level, environment and public URL", async () => {
  const data = configMap(
    await render({ set: { "frontend.publicUrl": "https://todo.example.com" } }),
  ).data;
  expect(data).toMatchObject({
    BACKEND_URL: "http://todo-app-backend:7860",
    LOG_LEVEL: "info",
    ENVIRONMENT: "development",
    BETTER_AUTH_URL: "https://todo.example.com",
  });
});

test("FR-023: the Secret has the database URL, the JWT key, the API key and Better Auth's key", () => {
  const objects = every.get("ci/own-secret") ?? [];
  const data = object(objects, "Secret", "todo-app-secrets").data ?? {};
  expect(Object.keys(data).sort()).toEqual([
    "BETTER_AUTH_SECRET",
    "DATABASE_URL",
    "JWT_SECRET",
    "OPENAI_API_KEY",
  ]);
});

describe("FR-024: configuration by environment variables from ConfigMap and Secret", () => {
  it("has no literal value in any container of the two services", () => {
    for (const component of COMPONENTS) {
      const all = containers(deployment(component).spec.template.spec).flatMap((item) => item.env);
      expect(all.length).toBeGreaterThan(5);
      expect(all.filter((variable) => variable.value !== undefined)).toEqual([]);
    }
  });

  // Variable → key of the ConfigMap. What a pod isn't told, it takes its own default for.
  const READ = {
    backend: [
      ...["ALLOWED_HOSTS", "APP_VERSION", "BACKEND_URL", "BETTER_AUTH_URL", "CORS_ORIGINS"],
      ...["DB_POOL_SIZE", "ENVIRONMENT", "FRONTEND_URL", "LLM_MODEL", "LLM_PROVIDER"],
      ...["LOG_LEVEL", "OPENAI_BASE_URL", "PORT=BACKEND_PORT"],
    ],
    frontend: [
      ...["APP_VERSION", "BACKEND_URL", "BETTER_AUTH_URL", "CHATKIT_DOMAIN_KEY", "DB_POOL_SIZE"],
      ...["ENVIRONMENT", "LOG_LEVEL", "PORT=FRONTEND_PORT", "TRUSTED_ORIGINS"],
    ],
  } as const;
  const TRUSTED = {
    backend: ["DATABASE_URL", "JWT_SECRET", "OPENAI_API_KEY?"],
    frontend: ["BETTER_AUTH_SECRET", "DATABASE_URL"],
  } as const;

  /** What a container reads, as "VARIABLE" or "VARIABLE=KEY", and "?" where it starts without. */
  function read(env: readonly EnvVar[], from: "configMapKeyRef" | "secretKeyRef"): string[] {
    return env.flatMap(({ name, valueFrom }) => {
      const reference = valueFrom?.[from];
      if (!reference) return [];
      const optional = "optional" in reference && reference.optional === true ? "?" : "";
      return [(reference.key === name ? name : `${name}=${reference.key}`) + optional];
    });
  }

  it.each(COMPONENTS)("gives the %s what it reads, and no more", (component) => {
    for (const { env } of containers(deployment(component).spec.template.spec)) {
      expect(read(env, "configMapKeyRef").sort()).toEqual(READ[component]);
      expect(read(env, "secretKeyRef").sort()).toEqual(TRUSTED[component]);
    }
  });

  it.each([
    ["openai", "OPENAI_API_KEY"],
    ["openrouter", "OPENAI_API_KEY"],
    ["ollama", "OPENAI_API_KEY?"],
    ["offline", "OPENAI_API_KEY?"],
  ])("with %s the back end reads %s", async (provider, key) => {
    const baseUrl = "http://model.example.com/v1";
    const set = { "backend.llm.provider": provider, "backend.llm.baseUrl": baseUrl };
    const { env } = mainContainer(deployment("backend", await render({ set })));
    expect(read(env, "secretKeyRef")).toContain(key);
  });

  it("tells the back end the port of its metrics where it has one", async () => {
    const objects = await render({ set: { "backend.metricsPort": "9464" } });
    const { env } = mainContainer(deployment("backend", objects));
    expect(read(env, "configMapKeyRef")).toContain("METRICS_PORT");
    expect(configMap(objects).data?.METRICS_PORT).toBe("9464");
  });

  it("tells the front end the proxies in front of it where there are any", async () => {
    const set = { "frontend.trustedProxies[0]": "10.0.0.0/8", "frontend.trustedProxies[1]": "::1" };
    const objects = await render({ set });
    const { env } = mainContainer(deployment("frontend", objects));
    expect(read(env, "configMapKeyRef")).toContain("TRUSTED_PROXIES");
    expect(configMap(objects).data?.TRUSTED_PROXIES).toBe("10.0.0.0/8,::1");
  });

  it("has every setting's value in the ConfigMap", async () => {
    expect(configMap().data).toEqual({
      ...{ ENVIRONMENT: "development", LOG_LEVEL: "info", APP_VERSION: chartFile().appVersion },
      ...{ DB_POOL_SIZE: "5", LLM_PROVIDER: "offline", LLM_MODEL: "", OPENAI_BASE_URL: "" },
      ...{ BACKEND_PORT: "7860", BACKEND_URL: "http://todo-app-backend:7860" },
      ...{ FRONTEND_PORT: "3000", FRONTEND_URL: "http://todo-app-frontend:3000" },
      ...{ BETTER_AUTH_URL: "http://localhost:3000", CHATKIT_DOMAIN_KEY: "" },
      ...{ TRUSTED_ORIGINS: "", ALLOWED_HOSTS: "", CORS_ORIGINS: "" },
    });
    const set = {
      "backend.llm.provider": "openai-compatible",
      "backend.llm.model": "small",
      "backend.llm.baseUrl": "http://model.example.com/v1",
      "backend.containerPort": "8000",
      "frontend.containerPort": "8080",
      "frontend.service.port": "80",
      "frontend.chatkitDomainKey": "domain_pk_1",
      "backend.allowedHosts[0]": "a.example.com",
      "backend.allowedHosts[1]": "b.example.com",
      "frontend.trustedOrigins[0]": "https://a.example.com",
    };
    expect(configMap(await render({ set })).data).toMatchObject({
      ...{ LLM_PROVIDER: "openai-compatible", LLM_MODEL: "small" },
      ...{ OPENAI_BASE_URL: "http://model.example.com/v1", CHATKIT_DOMAIN_KEY: "domain_pk_1" },
      ...{ BACKEND_PORT: "8000", FRONTEND_PORT: "8080" },
      ...{ FRONTEND_URL: "http://todo-app-frontend:80", BETTER_AUTH_URL: "http://localhost:80" },
      ...{ ALLOWED_HOSTS: "a.example.com,b.example.com", TRUSTED_ORIGINS: "https://a.example.com" },
    });
  });

  it("refers to keys that exist, in every shape", () => {
    for (const [name, objects] of every) {
      const config = objects.find((item) => item.kind === "ConfigMap");
      const secret = objects.find((item) => item.kind === "Secret");
      for (const variable of pods(objects).flatMap(({ spec }) => spec.containers[0]?.env ?? [])) {
        const configKey = variable.valueFrom?.configMapKeyRef;
        if (configKey) {
          expect(configKey.name).toBe(config?.metadata.name);
          expect(Object.keys(config?.data ?? {})).toContain(configKey.key);
        }
        const secretKey = variable.valueFrom?.secretKeyRef;
        if (!secretKey) continue;
        expect(secretKey.name).toBe(secret?.metadata.name ?? "todo-app-credentials");
        // Bare defaults and environments have no secrets until they are installed.
        if (secret && secretKey.optional !== true && name.startsWith("ci/")) {
          expect(Object.keys(secret.data ?? {})).toContain(secretKey.key);
        }
      }
    }
  });

  it("keeps non-secrets out of the Secret and secrets out of the ConfigMap", () => {
    const objects = every.get("ci/own-secret") ?? [];
    const secret = object(objects, "Secret", "todo-app-secrets").data ?? {};
    const config = JSON.stringify(configMap(objects).data);
    for (const encoded of Object.values(secret)) {
      expect(config).not.toContain(Buffer.from(encoded, "base64").toString());
    }
    expect(Object.keys(configMap(objects).data ?? {}).join()).not.toMatch(
      /PASSWORD|TOKEN|API_KEY|DATABASE_URL|_SECRET/,
    );
  });

  it("rolls the pods that read a changed setting, and no others", async () => {
    const checksums = async (set: Record<string, string>) => {
      const objects = await render({ files: [shapeFile("defaults")], set });
      return COMPONENTS.map((component) => deployment(component, objects).spec.template);
    };
    const before = await checksums({});
    const changes: [set: Record<string, string>, backend: boolean, frontend: boolean][] = [
      [{}, false, false],
      [{ "global.logLevel": "debug" }, true, true],
      [{ "frontend.publicUrl": "https://todo.example.com" }, true, true],
      [{ "database.poolSize": "6" }, true, true],
      [{ "backend.corsOrigins[0]": "https://a.example.com" }, true, false],
      [{ "frontend.trustedOrigins[0]": "https://a.example.com" }, false, true],
      [{ "frontend.trustedProxies[0]": "10.0.0.0/8" }, false, true],
      [{ "frontend.service.externalTrafficPolicy": "Local" }, false, false],
      [{ "secrets.databaseUrl": "postgresql://todo@b.example.com/todo" }, true, true],
      [{ "secrets.jwtSecret": "another0another0another0another0" }, true, false],
      [{ "secrets.betterAuthSecret": "another0another0another0another0" }, false, true],
      [{ "backend.image.tag": "0.1.1" }, true, false],
      [{ "frontend.replicaCount": "2" }, false, true],
      [{ "global.chartHash": "abc" }, false, false],
      [{ "frontend.service.type": "ClusterIP" }, false, false],
    ];
    for (const [set, ...rolls] of changes) {
      const after = await checksums(set);
      const rolled = after.map(
        (item, index) => JSON.stringify(item) !== JSON.stringify(before[index]),
      );
      expect({ set, rolled }).toEqual({ set, rolled: rolls });
    }
  });
});

test("FR-025: back end liveness over HTTP, every 10 s, 3 failures", () => {
  expect(mainContainer(deployment("backend")).livenessProbe).toMatchObject({
    httpGet: { path: "/health", port: "http" },
    periodSeconds: 10,
    failureThreshold: 3,
  });
});

test("FR-026: back end readiness with the database, every 5 s, gone within 10 s", () => {
  const probe = mainContainer(deployment("backend")).readinessProbe;
  expect(probe).toMatchObject({ httpGet: { path: "/ready", port: "http" }, periodSeconds: 5 });
  if (!probe) throw new Error("no readiness probe");
  expect(probe.periodSeconds * probe.failureThreshold + probe.timeoutSeconds).toBeLessThanOrEqual(
    10,
  );
});

test("FR-027: back end startup within 30 s", () => {
  const probe = mainContainer(deployment("backend")).startupProbe;
  if (!probe) throw new Error("no startup probe");
  expect(probe.httpGet.path).toBe("/health");
  expect(probe.periodSeconds * probe.failureThreshold).toBe(30);
});

test("FR-028: front end liveness over HTTP, every 10 s", () => {
  expect(mainContainer(deployment("frontend")).livenessProbe).toMatchObject({
    httpGet: { path: "/api/health", port: "http" },
    periodSeconds: 10,
  });
});

test("FR-029: every object stands in the release's namespace, or in the one that is named", async () => {
  for (const [name, objects] of every) {
    const expected = name === "ci/namespace" ? "todo-app-owned" : "todo-app";
    for (const item of objects.filter((candidate) => candidate.kind !== "Namespace")) {
      expect(item.metadata.namespace).toBe(expected);
    }
  }
});

test("FR-030: a Namespace manifest with Pod Security restricted, where it is asked for", async () => {
  expect(defaults.filter((item) => item.kind === "Namespace")).toEqual([]);
  const created = await render({ set: { "global.namespace.create": "true" } });
  const namespace = object(created, "Namespace", "todo-app");
  expect(namespace.metadata.labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
  // Helm creates it first whatever its place in the stream, but readers expect it first too.
  expect(created[0]?.kind).toBe("Namespace");
});

test("FR-031: images by name and tag, so that the ones loaded into the node are found", () => {
  for (const objects of every.values()) {
    for (const container of pods(objects).flatMap(({ spec }) => containers(spec))) {
      expect(container.image).toMatch(/^[a-z0-9./-]+:[A-Za-z0-9._-]+$/);
      expect(container.image).not.toMatch(/:latest$/);
    }
  }
});

test("FR-032: IfNotPresent, or Always where it is asked for", () => {
  const policies = (objects: KubernetesObject[]) =>
    new Set(
      pods(objects)
        .flatMap(({ spec }) => containers(spec))
        .map((container) => container.imagePullPolicy),
    );
  expect(policies(defaults)).toEqual(new Set(["IfNotPresent"]));
  expect(policies(every.get("ci/always-pull") ?? [])).toEqual(new Set(["Always"]));
});

test("FR-033: pods are labelled app, component and version", async () => {
  const objects = await render({ set: { "global.appVersion": "1.2.3+build.7" } });
  for (const component of COMPONENTS) {
    expect(deployment(component, objects).spec.template.metadata.labels).toMatchObject({
      app: "todo-app",
      component,
      version: "1.2.3_build.7",
      "app.kubernetes.io/name": "todo-app",
      "app.kubernetes.io/component": component,
    });
    const selector = deployment(component, objects).spec.selector as {
      matchLabels: Record<string, string>;
    };
    expect(Object.keys(selector.matchLabels)).not.toContain("version");
  }
});

test("FR-025 to FR-028: a slow moment is no failure, and a failure is soon told", () => {
  const timesOf = (component: string) => {
    const container = mainContainer(deployment(component));
    return [container.startupProbe, container.livenessProbe, container.readinessProbe].map(
      (probe) => [probe?.periodSeconds, probe?.timeoutSeconds, probe?.failureThreshold],
    );
  };
  expect(timesOf("backend")).toEqual([
    [1, 2, 30],
    [10, 5, 3],
    [5, 3, 1],
  ]);
  // The front end starts before the database has its tables, and waits for them.
  expect(timesOf("frontend")).toEqual([
    [1, 2, 600],
    [10, 5, 3],
    [5, 3, 1],
  ]);
});

test("a pod writes into its own bounded folders alone", () => {
  const volume = (name: string, sizeLimit: string) => ({ name, emptyDir: { sizeLimit } });
  const written = (component: string) => {
    const { spec } = deployment(component).spec.template;
    const mounts = containers(spec).map(({ volumeMounts }) => volumeMounts);
    return { volumes: spec.volumes, mounts };
  };
  const tmp = { name: "tmp", mountPath: "/tmp" };
  expect(written("backend")).toEqual({
    volumes: [volume("tmp", "64Mi")],
    mounts: [[tmp], [tmp]],
  });
  expect(written("frontend")).toEqual({
    volumes: [volume("tmp", "64Mi"), volume("next-cache", "128Mi")],
    mounts: [[tmp, { name: "next-cache", mountPath: "/app/.next/cache" }]],
  });
});

test("every pod has the release's own account, without a token and without other Services' addresses", async () => {
  const spec = (objects: KubernetesObject[]) =>
    pods(objects).map(({ spec }) => [
      spec.serviceAccountName,
      spec.automountServiceAccountToken,
      (spec as unknown as { enableServiceLinks?: boolean }).enableServiceLinks,
    ]);
  expect(new Set(spec(defaults).map(String))).toEqual(new Set(["todo-app,false,false"]));
  const account = object(defaults, "ServiceAccount", "todo-app");
  expect(account).toMatchObject({ automountServiceAccountToken: false });
  const others = await render({ set: { "serviceAccount.create": "false" } });
  expect(new Set(spec(others).map(String))).toEqual(new Set(["default,false,false"]));
  expect(others.filter(({ kind }) => kind === "ServiceAccount")).toEqual([]);
});

test("FR-034: at least 10 s of grace, longer than the preStop sleep and the drain", () => {
  for (const objects of every.values()) {
    for (const item of objects.filter((candidate) => candidate.kind === "Deployment")) {
      const grace = item.spec.template.spec.terminationGracePeriodSeconds ?? 0;
      const sleep = mainContainer(item).lifecycle?.preStop?.sleep?.seconds ?? 0;
      expect(grace).toBeGreaterThanOrEqual(10);
      expect(sleep).toBeGreaterThan(0);
      expect(grace).toBeGreaterThan(sleep + 5);
    }
  }
});

test("FR-035: one manifest stream that any tool can read and apply", async () => {
  const objects = await render({ files: [shapeFile("defaults")], args: ["--no-hooks"] });
  for (const item of objects) {
    expect(item.apiVersion).toMatch(/^(v1|apps\/v1|policy\/v1)$/);
    expect(item.metadata.annotations?.["helm.sh/hook"]).toBeUndefined();
  }
});

test("FR-036: one chart, without dependencies, for both services", () => {
  expect(chartFile().type).toBe("application");
  expect(chartFile().dependencies).toBeUndefined();
  expect(existsSync(join(chart, "charts"))).toBe(false);
  expect(readdirSync(join(chart, ".."))).toEqual(["todo-app"]);
  expect(defaults.filter((item) => item.kind === "Deployment")).toHaveLength(2);
});

test("FR-037, story 3.6: name, version, description, and the application's version", () => {
  const release = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    version: string;
  };
  expect(chartFile()).toMatchObject({
    apiVersion: "v2",
    name: "todo-app",
    appVersion: release.version,
  });
  expect(chartFile().description?.length).toBeGreaterThan(20);
});

test("FR-038, story 3.7: every value has a comment", () => {
  const described = describedPaths(readFileSync(join(chart, "values.yaml"), "utf8"));
  expect([...described.values()].filter((text) => text.length < 15)).toEqual([]);
});

test("FR-039: values are grouped in global, backend, frontend and database", () => {
  expect(Object.keys(values())).toEqual(
    expect.arrayContaining(["global", "backend", "frontend", "database", "secrets"]),
  );
  expect(Object.values(values()).filter((value) => typeof value === "number")).toEqual([]);
});

test("FR-040: replicas per service", async () => {
  const objects = await render({
    set: { "backend.replicaCount": "2", "frontend.replicaCount": "3" },
  });
  expect(COMPONENTS.map((name) => deployment(name, objects).spec.replicas)).toEqual([2, 3]);
});

test("FR-041: image repository and tag per service", async () => {
  const objects = await render({
    set: {
      "backend.image.repository": "registry.example.com/api",
      "backend.image.tag": "v4.0.0",
      "frontend.image.repository": "registry.example.com/web",
      "frontend.image.tag": "0a1b2c3",
    },
  });
  expect(COMPONENTS.map((name) => mainContainer(deployment(name, objects)).image)).toEqual([
    "registry.example.com/api:v4.0.0",
    "registry.example.com/web:0a1b2c3",
  ]);
});

test("FR-042: resources per service", async () => {
  const objects = await render({
    set: { "backend.resources.limits.memory": "1Gi", "frontend.resources.requests.cpu": "50m" },
  });
  const resources = (name: string): Container["resources"] =>
    mainContainer(deployment(name, objects)).resources;
  expect(resources("backend")).toEqual({
    ...CONSTITUTION,
    limits: { cpu: "500m", memory: "1Gi" },
  });
  expect(resources("frontend")).toEqual({
    ...CONSTITUTION,
    requests: { cpu: "50m", memory: "256Mi" },
  });
});

test("FR-043: values for development and staging", () => {
  const dev = every.get("values-dev.yaml") ?? [];
  expect(deployment("backend", dev).spec.replicas).toBe(1);
  expect(configMap(dev).data).toMatchObject({ ENVIRONMENT: "development", LOG_LEVEL: "debug" });
  expect(service("frontend", dev).spec).toMatchObject({
    type: "NodePort",
    ports: [{ nodePort: 30000 }],
  });
  const staging = every.get("values-staging.yaml") ?? [];
  expect(configMap(staging).data?.ENVIRONMENT).toBe("staging");
  for (const component of COMPONENTS) {
    expect(deployment(component, staging).spec.replicas).toBe(2);
    expect(mainContainer(deployment(component, staging)).resources.limits).not.toEqual(
      CONSTITUTION.limits,
    );
    object(staging, "PodDisruptionBudget", `todo-app-${component}`);
  }
});

test("FR-044: templates for Namespace, Deployments, Services, ConfigMap and Secret", async () => {
  const objects = await render({
    files: [shapeFile("own-secret")],
    set: { "global.namespace.create": "true" },
  });
  const made = objects.map((item) => `${item.kind}/${item.metadata.name}`);
  expect(made.sort()).toEqual([
    "ConfigMap/todo-app-config",
    "Deployment/todo-app-backend",
    "Deployment/todo-app-frontend",
    "Namespace/todo-app",
    "Pod/todo-app-health",
    "Pod/todo-app-journey",
    "Secret/todo-app-secrets",
    "Service/todo-app-backend",
    "Service/todo-app-frontend",
    "ServiceAccount/todo-app",
  ]);
});

test("FR-045: names come from todo-app.fullname", async () => {
  const named = async (release: string, set: Record<string, string> = {}) =>
    (await render({ release, set })).map((item) => item.metadata.name);
  for (const name of await named("todo-app")) expect(name).toMatch(/^todo-app(-|$)/);
  for (const name of await named("blue")) expect(name).toMatch(/^blue-todo-app(-|$)/);
  for (const name of await named("x", { fullnameOverride: "mine" })) {
    expect(name).toMatch(/^mine(-|$)/);
  }
  for (const name of await named("a".repeat(53))) expect(name.length).toBeLessThanOrEqual(63);
  const helpers = readFileSync(join(chart, "templates/_helpers.tpl"), "utf8");
  for (const helper of ["backend.fullname", "frontend.fullname", "configMapName", "secretName"]) {
    const body = helpers.slice(helpers.indexOf(`define "todo-app.${helper}"`)).split("end -}}")[0];
    expect(body).toContain('include "todo-app.fullname"');
  }
});

test("FR-046: installing and upgrading end in the same state", async () => {
  for (const shape of shapes) {
    const files = [shapeFile(shape)];
    const installed = await render({ files });
    expect(await render({ files, args: ["--is-upgrade"] })).toEqual(installed);
  }
});

test("FR-047, FR-048: no hook takes part in install, upgrade or rollback", () => {
  for (const objects of every.values()) {
    const hooks = objects.map((item) => item.metadata.annotations?.["helm.sh/hook"] ?? "test");
    expect(new Set(hooks)).toEqual(new Set(["test"]));
  }
});

describe.each([
  ["health", "0"],
  ["journey", "1"],
])("helm test: the pod %s", (name, weight) => {
  const pod = () => object(defaults, "Pod", `todo-app-${name}`);

  it("comes in its turn, stays for its log where it has failed, and prints it", () => {
    expect(pod().metadata.annotations).toEqual({
      "helm.sh/hook": "test",
      "helm.sh/hook-weight": weight,
      "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
      "helm.sh/hook-output-log-policy": "hook-succeeded,hook-failed",
    });
  });

  it("is one attempt of two minutes at most, with little of the node", () => {
    expect(pod().spec).toMatchObject({ restartPolicy: "Never", activeDeadlineSeconds: 120 });
    const [container] = pods([pod()]).flatMap(({ spec }) => containers(spec));
    expect(container?.resources).toEqual({
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { cpu: "250m", memory: "128Mi" },
    });
    expect(container?.command).toEqual(["python", "-c"]);
    expect(container?.args?.at(-1)).toBe(name);
  });

  it("is told where everything is, and is trusted with the key of its account alone", () => {
    const [container] = pods([pod()]).flatMap(({ spec }) => containers(spec));
    const variables = (container?.env ?? []).map(({ name: variable, value, valueFrom }) => [
      ...[variable, value ?? valueFrom?.configMapKeyRef?.key ?? valueFrom?.secretKeyRef?.key],
    ]);
    expect(variables).toEqual([
      ...["APP_VERSION", "BACKEND_URL", "FRONTEND_URL", "BETTER_AUTH_URL"].map((one) => [one, one]),
      ["BACKEND_HEALTH_PATH", "/health"],
      ["BACKEND_READY_PATH", "/ready"],
      ["FRONTEND_HEALTH_PATH", "/api/health"],
      ...(name === "journey" ? [["BETTER_AUTH_SECRET", "BETTER_AUTH_SECRET"]] : []),
    ]);
  });

  it("is none of a Service's pods, and is known to the network's rules", () => {
    expect(pod().metadata.labels).toMatchObject({ component: "test", [COMPONENT]: "test" });
    expect(pod().metadata.namespace).toBe("todo-app");
  });
});

test("FR-048: a rollout that makes no progress is reported as failed", () => {
  for (const component of COMPONENTS) {
    const { progressDeadlineSeconds } = deployment(component).spec as {
      progressDeadlineSeconds?: number;
    };
    expect(progressDeadlineSeconds).toBeLessThanOrEqual(300);
  }
});

test.each([
  ["LoadBalancer", /minikube tunnel/],
  ["NodePort", /minikube service todo-app-frontend/],
  ["ClusterIP", /inside the cluster only/],
])("FR-049: the notes say how to reach a %s", async (type, expected) => {
  const notes = await renderNotes({ "frontend.service.type": type });
  expect(notes).toMatch(expected);
  expect(notes).toContain("kubectl port-forward service/todo-app-frontend 3000:3000");
});

test("FR-050: helpers for fullname, labels and selectors, each used by the templates", () => {
  const source = readdirSync(join(chart, "templates"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ya?ml|tpl|txt)$/.test(file))
    .map((file) => readFileSync(join(chart, "templates", file), "utf8"))
    .join("\n");
  const defined = [...source.matchAll(/define "([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(defined).toEqual(
    expect.arrayContaining([
      "todo-app.fullname",
      "todo-app.labels",
      "todo-app.component.selectorLabels",
    ]),
  );
  for (const name of defined) {
    if (name.endsWith(".sources")) expect(source).toContain('printf "todo-app.%s.sources"');
    else expect(source).toContain(`include "${name}"`);
  }
});

test.each([
  "ImagePullBackOff",
  "port is already allocated",
  "address already in use",
  "0/1",
  "OOMKilled",
  "Insufficient cpu",
  "CreateContainerConfigError",
  "rollout restart",
  "--atomic",
  "another operation (install/upgrade/rollback) is in progress",
  "The tag was used before",
  "kube-dns",
  "Startup probe failed",
  "minikube tunnel",
  "Init:CrashLoopBackOff",
  "INVALID_ORIGIN",
])("FR-051: the README's troubleshooting knows %j", (symptom) => {
  const readme = readFileSync(join(chart, "README.md"), "utf8");
  const rows = readme.split("## Troubleshooting")[1]?.split("\n## ")[0]?.split("\n") ?? [];
  const row = rows.find((line) => line.startsWith("| ") && line.includes(symptom));
  expect(row ?? `no row with ${symptom}`).toMatch(/`[^`]+`/);
});

test("FR-051: the README documents install, upgrade, rollback and removal", () => {
  const readme = readFileSync(join(chart, "README.md"), "utf8");
  for (const command of [
    "helm install",
    "helm upgrade",
    "helm rollback",
    "helm uninstall",
    "helm test",
  ]) {
    expect(readme).toContain(`${command} todo-app`);
  }
});

test("FR-052: secrets by value or --set, encoded by the template", async () => {
  const url = "postgresql://todo:p%40ss,word@db.example.com:5432/todo";
  const objects = await render({
    set: { "secrets.databaseUrl": url.replace(",", "\\,") },
  });
  const data = object(objects, "Secret", "todo-app-secrets").data ?? {};
  expect(Buffer.from(data.DATABASE_URL ?? "", "base64").toString()).toBe(url);
  const existing = every.get("ci/existing-secret") ?? [];
  expect(existing.filter((item) => item.kind === "Secret")).toEqual([]);
});

test("FR-053: probe paths default to the endpoints, and follow their values", async () => {
  const paths = (objects: KubernetesObject[]) =>
    COMPONENTS.map((name) => {
      const { startupProbe, livenessProbe, readinessProbe } = mainContainer(
        deployment(name, objects),
      );
      return [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet.path);
    });
  expect(paths(defaults)).toEqual([
    ["/health", "/health", "/ready"],
    ["/api/auth/jwks", "/api/health", "/api/health"],
  ]);
  const set: Record<string, string> = {};
  for (const name of COMPONENTS) {
    for (const probe of ["startup", "liveness", "readiness"]) {
      set[`${name}.probes.${probe}.path`] = `/${name}/${probe}`;
    }
  }
  expect(paths(await render({ set }))).toEqual(
    COMPONENTS.map((name) =>
      ["startup", "liveness", "readiness"].map((probe) => `/${name}/${probe}`),
    ),
  );
});

test("FR-054: a semantic version from 0.1.0 on", () => {
  const version = /^(\d+)\.(\d+)\.(\d+)$/.exec(chartFile().version ?? "");
  expect(version).not.toBeNull();
  expect(Number(version?.[1]) > 0 || Number(version?.[2]) >= 1).toBe(true);
});

test("FR-056: the database is none of the chart's objects", () => {
  for (const objects of every.values()) {
    const kinds = objects.map((item) => item.kind);
    expect(kinds.filter((kind) => /StatefulSet|PersistentVolume/.test(kind))).toEqual([]);
    const images = pods(objects).flatMap(({ spec }) => containers(spec).map(({ image }) => image));
    expect(images.filter((image) => !/todo-(backend|frontend):/.test(image))).toEqual([]);
  }
});

test("FR-057: the database's URL comes from the Secret, to the back end and its migration", () => {
  const source = { secretKeyRef: { name: "todo-app-secrets", key: "DATABASE_URL" } };
  const objects = every.get("ci/own-secret") ?? [];
  expect(Object.keys(object(objects, "Secret", "todo-app-secrets").data ?? {})).toContain(
    "DATABASE_URL",
  );
  const backend = containers(deployment("backend", objects).spec.template.spec);
  expect(backend.map(({ name }) => name)).toEqual(["migrate", "backend"]);
  for (const { env } of backend) {
    expect(env).toContainEqual({ name: "DATABASE_URL", valueFrom: source });
  }
});

test("FR-059: the size of the pool is 5, and the environment's", async () => {
  expect(configMap().data?.DB_POOL_SIZE).toBe("5");
  const chosen = configMap(await render({ set: { "database.poolSize": "12" } }));
  expect(chosen.data?.DB_POOL_SIZE).toBe("12");
  expect(mainContainer(deployment("backend")).env).toContainEqual({
    name: "DB_POOL_SIZE",
    valueFrom: { configMapKeyRef: { name: "todo-app-config", key: "DB_POOL_SIZE" } },
  });
});

test("FR-061: an init container migrates the database before each back end starts", async () => {
  for (const objects of every.values()) {
    const backends = objects.filter(
      (item) => item.kind === "Deployment" && item.metadata.labels[COMPONENT] === "backend",
    );
    expect(backends).toHaveLength(1);
    for (const item of backends) {
      const [migrate, ...others] = item.spec.template.spec.initContainers ?? [];
      expect(others).toEqual([]);
      expect(migrate?.command).toEqual(["python", "-m", "app.migrate_if_needed"]);
      expect(migrate?.image).toBe(mainContainer(item).image);
      expect(migrate?.env).toEqual(mainContainer(item).env);
    }
  }
});

test("FR-063: each environment has the database's URL that its values say", async () => {
  const urls = ["development", "staging", "production"].map(
    (environment) => `postgresql://todo@${environment}.example.com/todo`,
  );
  const environments = ["values-dev.yaml", "values-staging.yaml", undefined];
  for (const [index, file] of environments.entries()) {
    const objects = await render({
      files: file === undefined ? [] : [join(chart, file)],
      set: {
        "secrets.databaseUrl": urls[index] ?? "",
        ...(file === undefined && { "global.environment": "production" }),
      },
    });
    const { DATABASE_URL = "" } = object(objects, "Secret", "todo-app-secrets").data ?? {};
    expect(Buffer.from(DATABASE_URL, "base64").toString()).toBe(urls[index]);
    expect(urls[index]).toContain(configMap(objects).data?.ENVIRONMENT);
  }
});

test("SC-014: the limits of both services stay under 2 GiB and 2 CPUs, during a rollout too", () => {
  const pods = COMPONENTS.map((name) => deployment(name).spec.template.spec);
  const total = (read: (container: Container) => number) =>
    pods
      .flatMap((spec) => spec.containers)
      .map(read)
      .reduce((sum, each) => sum + each, 0);
  const milliCpu = total(({ resources }) =>
    Number(/^(\d+)m$/.exec(resources.limits.cpu ?? "")?.[1]),
  );
  const mebibytes = total(({ resources }) =>
    Number(/^(\d+)Mi$/.exec(resources.limits.memory ?? "")?.[1]),
  );
  // maxSurge 1 of 1 replica: twice the pods for a moment.
  expect(2 * milliCpu).toBeLessThanOrEqual(2000);
  expect(2 * mebibytes).toBeLessThanOrEqual(2048);
});

// FR-055 is the whole of validation.test.ts.

describe("the shapes", () => {
  it("nodeport: names, ports, CORS and requests of a two-chart layout", () => {
    const objects = every.get("ci/nodeport") ?? [];
    expect(object(objects, "Service", "todo-backend").spec).toMatchObject({
      type: "ClusterIP",
      ports: [{ port: 8000 }],
    });
    expect(object(objects, "Service", "todo-frontend").spec).toMatchObject({
      type: "NodePort",
      ports: [{ port: 3000, nodePort: 30000 }],
    });
    const backend = mainContainer(object(objects, "Deployment", "todo-backend"));
    expect(backend.ports?.[0]?.containerPort).toBe(8000);
    expect(backend.resources.requests).toEqual({ cpu: "100m", memory: "256Mi" });
    expect(configMap(objects).data).toMatchObject({
      BACKEND_URL: "http://todo-backend:8000",
      BACKEND_PORT: "8000",
      CORS_ORIGINS: "http://todo-frontend:3000",
    });
  });

  it("replicas: three pods each, spread and guarded", () => {
    const objects = every.get("ci/replicas") ?? [];
    for (const component of COMPONENTS) {
      expect(deployment(component, objects).spec.replicas).toBe(3);
      object(objects, "PodDisruptionBudget", `todo-app-${component}`);
      const spec = deployment(component, objects).spec.template.spec as unknown as {
        topologySpreadConstraints: { topologyKey: string }[];
      };
      expect(spec.topologySpreadConstraints.map((item) => item.topologyKey)).toEqual([
        "kubernetes.io/hostname",
      ]);
    }
    expect(defaults.filter((item) => item.kind === "PodDisruptionBudget")).toEqual([]);
  });

  it("two releases share a namespace without a common name", async () => {
    const name = (item: KubernetesObject) => `${item.kind}/${item.metadata.name}`;
    const blue = (await render({ release: "blue" })).map(name);
    const green = (await render({ release: "green" })).map(name);
    expect(blue.filter((item) => green.includes(item))).toEqual([]);
  });
});
