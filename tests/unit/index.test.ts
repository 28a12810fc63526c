/** The program's graph as data: what it registers, how it hangs together, and what is secret. */
import { join } from "node:path";
import type * as Pulumi from "@pulumi/pulumi";
import { contentTag } from "../../components/images/build-context";
import { DEV_FILES } from "../../components/settings/dev-mode";
import { SECRET_KEYS } from "../../components/settings/schema";
import { folderWith } from "./support/folder";

// The SDK loads these to serialize closures, which the program does not: a second for each run of it.
jest.mock("typescript", () => ({}));
jest.mock("@npmcli/arborist", () => ({}));
// What the rules say has tests of its own, and their many files would be loaded for each run.
jest.mock("../../blueprints/docker", () => ({ dockerfileRules: [] }));
jest.mock("../../blueprints/helm", () => ({ helmRules: [] }));
jest.mock("../../blueprints/kubernetes", () => ({ kubernetesRules: [] }));

const root = join(__dirname, "../..");
const DATABASE = "postgresql://user:s3cr3t@db.example.com:5432/todo";
const RENDERED = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "todo-app-backend", namespace: "todo-app" },
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "test", annotations: { "helm.sh/hook": "test" } },
  },
];

interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** URN of the parent, and of what it depends on. */
  parent: string;
  dependencies: string[];
  provider: string;
}

interface Program {
  resources: Registered[];
  /** Types of what was registered when the chart was first rendered, and how often it was. */
  registeredBefore: string[];
  renderings: number;
  outputs: Record<string, unknown>;
  find(type: string, name?: string): Registered;
}

/** Runs index.ts with Pulumi's mocks, in a module registry of its own. */
async function program(
  config: Record<string, string>,
  {
    preview = false,
    env = {},
    secretKeys = SECRET_KEYS,
  }: { preview?: boolean; env?: Record<string, string>; secretKeys?: readonly string[] } = {},
): Promise<Program> {
  jest.resetModules();
  const before = { ...process.env };
  process.env.MINIKUBE_HOME = folderWith({
    ".minikube/profiles/minikube/config.json": JSON.stringify({
      Driver: "docker",
      KubernetesConfig: { ContainerRuntime: "containerd" },
      Nodes: [{ IP: "192.168.49.2" }],
    }),
  });
  Object.assign(process.env, env);
  const home = process.cwd();
  process.chdir(root);
  try {
    const pulumi = require("@pulumi/pulumi") as typeof Pulumi;
    const resources: Registered[] = [];
    let registeredBefore: string[] | undefined;
    let renderings = 0;
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs, id }) => {
          resources.push({ type, name, inputs, parent: "", dependencies: [], provider: "" });
          const state = { ...inputs, ...outputsOf(type, name) };
          return { id: id ?? `${name}-id`, state };
        },
        call: ({ token, inputs }) => {
          if (token !== "kubernetes:helm:template") return inputs;
          renderings += 1;
          registeredBefore ??= resources.map(({ type }) => type);
          return { result: RENDERED };
        },
      },
      "todo-app",
      "dev",
      preview,
    );
    noteRequests(pulumi.runtime.getMonitor() as unknown as Monitor, resources);
    pulumi.runtime.setAllConfig(
      Object.fromEntries(Object.entries(config).map(([key, value]) => [`todo-app:${key}`, value])),
      secretKeys.map((key) => `todo-app:${key}`),
    );
    let outputs: Record<string, unknown> = {};
    let failure: unknown;
    await pulumi.runtime.runInPulumiStack(async () => {
      try {
        outputs = require("../../index") as Record<string, unknown>;
      } catch (error) {
        failure = error; // the SDK's own start would end the process
      }
      return outputs;
    });
    await pulumi.runtime.disconnect();
    if (failure) throw failure;
    const known = await Promise.all(
      Object.entries(outputs).map(
        async ([key, value]): Promise<[string, unknown]> => [
          key,
          pulumi.Output.isInstance(value)
            ? await new Promise((resolve) => value.apply(resolve))
            : value,
        ],
      ),
    );
    return {
      resources,
      registeredBefore: registeredBefore ?? [],
      renderings,
      outputs: Object.fromEntries(known),
      find(type, name) {
        const found = resources.filter(
          (one) => one.type.endsWith(type) && (name === undefined || one.name === name),
        );
        if (found.length !== 1)
          throw new Error(`${found.length} resources of type ${type} and name ${name}`);
        return found[0] as Registered;
      },
    };
  } finally {
    process.chdir(home);
    process.env = before;
  }
}

/** What the providers of these types answer. */
function outputsOf(type: string, name: string): object {
  if (type === "random:index/randomPassword:RandomPassword") return { result: `random-${name}` };
  if (type.endsWith(":LocalDatabase")) return { password: "database-password" };
  if (type.endsWith(":Attempts")) return { number: 1 };
  if (type.endsWith(":Deployments")) return { deployments: [] };
  return {};
}

/** What the mocks don't tell of a registration is in its request. */
interface Monitor {
  registerResource(request: Request, callback: unknown): Promise<void>;
}
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getProvider(): string;
}

function noteRequests(monitor: Monitor, resources: readonly Registered[]): void {
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request, callback) => {
    await register(request, callback);
    const resource = resources.find(
      ({ type, name }) => type === request.getType() && name === request.getName(),
    );
    if (!resource) return;
    resource.parent = request.getParent();
    resource.dependencies = request.getDependenciesList();
    resource.provider = request.getProvider();
  };
}

/** "Type name" of a URN. */
function shortUrn(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").pop()?.split(":").pop()} ${name}`;
}

const parentOf = ({ parent }: Registered): string =>
  shortUrn(parent).replace(/^Stack .*/, "the stack");
const dependenciesOf = (resource: Registered): string[] => resource.dependencies.map(shortUrn);

describe("a laptop's stack", () => {
  let dev: Program;
  beforeAll(async () => {
    dev = await program({ databaseUrl: DATABASE });
  });

  test("registers these resources, in these components", () => {
    const graph = dev.resources
      .filter(({ type }) => type !== "pulumi:pulumi:Stack")
      .map((resource) => `${resource.type} ${resource.name} < ${parentOf(resource)}`);
    expect(graph.sort()).toEqual(
      [
        "pulumi:providers:kubernetes cluster < the stack",
        "todo-app:components:AppImage backend < the stack",
        "todo-app:components:AppImage frontend < the stack",
        "docker:index/image:Image backend < AppImage backend",
        "docker:index/image:Image frontend < AppImage frontend",
        "pulumi-nodejs:dynamic/todo-app:MinikubeImage todo-backend-in-minikube < AppImage backend",
        "pulumi-nodejs:dynamic/todo-app:MinikubeImage todo-frontend-in-minikube < AppImage frontend",
        "todo-app:components:DeploymentRecord todo-app < the stack",
        "pulumi-nodejs:dynamic/todo-app:Attempts todo-app < DeploymentRecord todo-app",
        "pulumi-nodejs:dynamic/todo-app:Deployments todo-app < DeploymentRecord todo-app",
        "todo-app:components:AppSecrets todo-app < the stack",
        "random:index/randomPassword:RandomPassword todo-app-jwt-secret < AppSecrets todo-app",
        "random:index/randomPassword:RandomPassword todo-app-better-auth-secret < AppSecrets todo-app",
        "kubernetes:core/v1:Namespace todo-app < AppSecrets todo-app",
        "kubernetes:core/v1:Secret todo-app < AppSecrets todo-app",
        "todo-app:components:AppRelease todo-app < the stack",
        "kubernetes:helm.sh/v3:Release todo-app < AppRelease todo-app",
        "pulumi-nodejs:dynamic/todo-app:DeployedObjects todo-app-objects < AppRelease todo-app",
      ].sort(),
    );
  });

  test("deploys only what is in the cluster, and shows only what is deployed", () => {
    const release = dev.find(":Release");
    expect(dependenciesOf(release)).toEqual(
      expect.arrayContaining([
        "MinikubeImage todo-backend-in-minikube",
        "MinikubeImage todo-frontend-in-minikube",
        "Namespace todo-app",
        "Secret todo-app",
      ]),
    );
    expect(dependenciesOf(dev.find(":DeployedObjects"))).toContain("Release todo-app");
    expect(dependenciesOf(dev.find(":MinikubeImage", "todo-backend-in-minikube"))).toEqual(
      expect.arrayContaining(["Image backend"]),
    );
  });

  test("notes what it is about to deploy before it changes anything, and keeps it once it serves", () => {
    expect(dependenciesOf(dev.find(":AppSecrets"))).toContain("Attempts todo-app");
    expect(dependenciesOf(dev.find(":Deployments"))).toEqual(
      expect.arrayContaining(["Attempts todo-app", "DeployedObjects todo-app-objects"]),
    );
  });

  test("talks to the cluster by its context alone", () => {
    expect(dev.find("pulumi:providers:kubernetes").inputs).toEqual({
      context: "minikube",
      enableSecretMutable: "true",
    });
    for (const type of [":Namespace", ":Secret", ":Release"])
      expect(shortUrn(dev.find(type).provider.replace(/::[^:]*$/, ""))).toBe("kubernetes cluster");
  });

  test("releases the chart atomically, by a relative path, with content tags and the chart's hash", () => {
    const { inputs } = dev.find(":Release");
    expect(inputs).toMatchObject({
      name: "todo-app",
      chart: "helm/todo-app",
      atomic: true,
      timeout: 180,
    });
    expect(inputs.values).toMatchObject({
      global: {
        environment: "development",
        appVersion: "0.1.0",
        chartHash: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
      backend: {
        replicaCount: 1,
        image: {
          repository: "todo-backend",
          tag: expect.stringMatching(/^0\.1\.0-[0-9a-f]{12}$/),
          pullPolicy: "IfNotPresent",
        },
      },
      frontend: {
        publicUrl: "http://192.168.49.2:30000",
        service: { type: "NodePort", nodePort: 30_000 },
      },
      secrets: {
        existingSecret: "todo-app-secrets",
        checksum: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    });
  });

  test("has every secret encrypted, and in one place only", () => {
    const isSecret = (value: unknown): boolean =>
      JSON.stringify(value)?.includes("4dabf18193072939515e22adb298388d") ?? false;
    const { inputs } = dev.find(":Secret");
    const text = JSON.stringify(inputs.stringData);
    expect(text).toContain(DATABASE);
    const elsewhere = dev.resources.filter(
      ({ type }) => !type.endsWith(":Secret") && !type.endsWith(":RandomPassword"),
    );
    expect(JSON.stringify(elsewhere)).not.toMatch(/s3cr3t|random-todo-app/);
    expect(isSecret(dev.outputs)).toBe(false);
    expect(JSON.stringify(dev.outputs)).not.toMatch(/s3cr3t|random-todo-app/);
  });

  test("keeps the objects of the release, without hooks, for the preview", () => {
    expect(dev.find(":DeployedObjects").inputs.objects).toEqual({
      "Deployment/todo-app-backend": RENDERED[0],
    });
  });

  test("builds once per content, names no absolute path, and never pushes", () => {
    const { inputs } = dev.find(":Image", "backend");
    expect(inputs).toMatchObject({
      build: { context: "apps/backend", dockerfile: "apps/backend/Dockerfile" },
      skipPush: true,
    });
    expect(JSON.stringify(dev.resources)).not.toContain(root);
  });

  test("has the outputs that others rely on", () => {
    expect(Object.keys(dev.outputs).sort()).toEqual([
      "appVersion",
      "backendImage",
      "frontendImage",
      "namespace",
      "release",
      "url",
    ]);
    expect(dev.outputs).toMatchObject({
      url: "http://192.168.49.2:30000",
      namespace: "todo-app",
      release: "todo-app",
      appVersion: "0.1.0",
    });
  });

  test("a stack without a database of its own gets one beside the cluster, which its Secret names", async () => {
    const { find } = await program({ localDatabasePort: "55499" });
    const database = find(":LocalDatabase", "database");
    expect(database.inputs).toMatchObject({
      ...{ stack: "dev", name: "todo-app-dev-database", profile: "minikube", port: 55_499 },
    });
    expect(dependenciesOf(database)).toContain("Attempts todo-app");
    const { stringData } = find(":Secret").inputs as {
      stringData: { value: { DATABASE_URL: string } };
    };
    expect(JSON.stringify(stringData)).toContain(
      "postgresql://todo:database-password@todo-app-dev-database:5432/todo",
    );
  });

  test("carries providers that are the same in every clone", () => {
    const code = String(dev.find(":DeployedObjects").inputs.__provider);
    expect(code).toContain('from("providers/deployed-objects.ts").provider');
    expect(code).not.toContain(root);
  });
});

test("a registry takes the place of Minikube everywhere", async () => {
  const { resources, find } = await program({
    databaseUrl: DATABASE,
    imageDelivery: "registry",
    registry: "registry.example.com/team",
    kubeContext: "production",
    publicUrl: "https://todo.example.com",
    serviceType: "ClusterIP",
    platform: "linux/arm64",
  });
  const tag = contentTag("0.1.0-arm64", join(root, "apps/backend"));
  expect(find("docker:index/image:Image", "backend").inputs).toMatchObject({
    imageName: `todo-backend:${tag}`,
    build: { platform: "linux/arm64" },
  });
  expect(find(":RegistryImage", "todo-backend-in-registry").inputs).toMatchObject({
    registry: "registry.example.com/team",
  });
  expect(find(":Release").inputs.values).toMatchObject({
    backend: { image: { repository: "registry.example.com/team/todo-backend", tag } },
    frontend: { publicUrl: "https://todo.example.com" },
  });
  expect(find("pulumi:providers:kubernetes").inputs).toMatchObject({ context: "production" });
  expect(JSON.stringify(resources)).not.toMatch(/minikube/i);
});

test("configured secrets take the place of generated ones, which stay", async () => {
  const jwtSecret = "j".repeat(40);
  const { find, resources } = await program({
    databaseUrl: DATABASE,
    jwtSecret,
    openaiApiKey: "sk-test",
  });
  expect((find(":Secret").inputs.stringData as { value: unknown }).value).toEqual({
    DATABASE_URL: DATABASE,
    JWT_SECRET: jwtSecret,
    BETTER_AUTH_SECRET: "random-todo-app-better-auth-secret",
    OPENAI_API_KEY: "sk-test",
  });
  expect(resources.filter(({ type }) => type.endsWith(":RandomPassword"))).toHaveLength(2);
});

test("a new secret has a new checksum, the same secrets have the same", async () => {
  const checksum = async (config: Record<string, string>): Promise<unknown> =>
    ((await program(config)).find(":Release").inputs.values as { secrets: { checksum: string } })
      .secrets.checksum;
  const first = await checksum({ databaseUrl: DATABASE });
  expect(await checksum({ databaseUrl: DATABASE })).toBe(first);
  expect(await checksum({ databaseUrl: `${DATABASE}2` })).not.toBe(first);
});

test("a setting of the back end alone is a variable of its pods", async () => {
  const { find } = await program({ chatRetentionDays: "90" });
  const { values } = find(":Release").inputs as { values: { backend: Record<string, unknown> } };
  expect(values.backend.extraEnv).toEqual([{ name: "CHAT_RETENTION_DAYS", value: "90" }]);
});

test("a rollback deploys what was kept: chart, values and tags", async () => {
  const folder = folderWith({
    "deployment.json": JSON.stringify({
      version: "0.0.9",
      values: { global: {}, backend: { replicaCount: 7 } },
      tags: { backend: "0.0.9-old", frontend: "0.0.9-old" },
      chartHash: "x",
      time: 1,
    }),
    "chart/Chart.yaml": "name: todo-app\n",
  });
  const { find, outputs } = await program(
    { databaseUrl: DATABASE },
    { env: { TODO_APP_RESTORE: folder } },
  );
  expect(find(":Release").inputs).toMatchObject({
    chart: join(folder, "chart"),
    values: { backend: { replicaCount: 7 } },
  });
  expect(find(":MinikubeImage", "todo-backend-in-minikube").inputs.image).toBe(
    "todo-backend:0.0.9-old",
  );
  expect(outputs).toMatchObject({ appVersion: "0.0.9", frontendImage: "todo-frontend:0.0.9-old" });
});

test("mistakes in the configuration stop the program before it registers anything", async () => {
  await expect(program({ replicas: "x", nodePort: "1" })).rejects.toThrow(
    /2 mistakes[\s\S]*replicas[\s\S]*nodePort|2 mistakes[\s\S]*nodePort[\s\S]*replicas/,
  );
});

test("a secret that was set without --secret stops it too, and is not repeated", async () => {
  const refused = program({ databaseUrl: DATABASE }, { secretKeys: [] });
  await expect(refused).rejects.toThrow(/1 mistake [\s\S]*databaseUrl must be set with --secret/);
  await expect(refused).rejects.not.toThrow(/s3cr3t/);
});

test("a LoadBalancer without a tunnel is refused in an update, not in a preview", async () => {
  const config = {
    databaseUrl: DATABASE,
    serviceType: "LoadBalancer",
    publicUrl: "http://todo.test",
  };
  await expect(program(config)).rejects.toThrow(/minikube tunnel/);
  await expect(program(config, { preview: true })).resolves.toBeDefined();
});

describe("the blueprints look at the objects", () => {
  const LAPTOP = { databaseUrl: DATABASE };

  test("before an update registers anything but the provider that renders them", async () => {
    const { registeredBefore } = await program(LAPTOP);
    expect(registeredBefore).toEqual(["pulumi:pulumi:Stack", "pulumi:providers:kubernetes"]);
  });

  test("while a preview goes on, and renders once", async () => {
    const { renderings } = await program(LAPTOP, { preview: true });
    expect(renderings).toBe(1);
  });
});

describe("npm run dev", () => {
  const inDev = (names: string, config: Record<string, string> = {}): Promise<Program> =>
    program({ databaseUrl: DATABASE, ...config }, { env: { TODO_APP_DEV: names } });

  test("has the named components run synced sources, and no other", async () => {
    const { find } = await inDev("backend");
    const { values } = find(":Release").inputs as { values: Record<string, unknown> };
    expect(values.backend).toMatchObject({ dev: { enabled: true } });
    expect(values.frontend).not.toHaveProperty("dev");
    expect(find(":Image", "frontend").inputs).not.toHaveProperty("build.target");
  });

  test.each([
    ["backend", "dev"],
    ["frontend", "dev"],
  ] as const)(
    "builds the %s's stage %s, under a name that its sources have no part in",
    async (name, stage) => {
      const { find } = await inDev("backend,frontend");
      const { values } = find(":Release").inputs as { values: Record<string, unknown> };
      const repository = `todo-${name}-dev`;
      expect(values[name]).toMatchObject({ dev: { enabled: true }, image: { repository } });
      const { build, imageName } = find(":Image", name).inputs as {
        build: { target?: string };
        imageName: string;
      };
      expect(build.target).toBe(stage);
      const tag = contentTag("0.1.0", join(root, `apps/${name}`), DEV_FILES[name]);
      expect(imageName).toBe(`${repository}:${tag}`);
    },
  );

  test("keeps nothing for a rollback", async () => {
    expect((await inDev("backend")).find(":Deployments").inputs.kept).toBe(false);
    expect((await program({ databaseUrl: DATABASE })).find(":Deployments").inputs.kept).toBe(true);
  });

  test.each(["staging", "production"])("is refused in %s", async (environment) => {
    const allowed = {
      environment,
      llmProvider: "openai",
      openaiApiKey: "sk-test",
      jwtSecret: "j".repeat(40),
      betterAuthSecret: "b".repeat(40),
    };
    await expect(inDev("backend", allowed)).rejects.toThrow(
      `TODO_APP_DEV is for stacks with environment "development", and this one has "${environment}"`,
    );
  });

  test("knows no other component", async () => {
    await expect(inDev("backend,database")).rejects.toThrow('TODO_APP_DEV names "database"');
  });
});
