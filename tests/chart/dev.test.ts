/** Pods under development: the production pod with one more volume and another command. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kubernetesRules } from "../../blueprints/kubernetes";
import { type KubernetesObject, Objects } from "../../blueprints/kubernetes/objects";
import { check } from "../../blueprints/rule";
import { chart, containers, mainContainer, object, render, template } from "./support";

jest.setTimeout(120_000);

const DEV = { "backend.dev.enabled": "true", "frontend.dev.enabled": "true" };
const FILES = { backend: "backend.py", frontend: "frontend.mjs" } as const;

const PROGRAM = { name: "dev-program", mountPath: "/opt/dev", readOnly: true };
const PODS = {
  backend: {
    ...{ file: "backend.py", room: "64Mi", port: 7860 },
    mounts: [{ name: "dev", mountPath: "/overlay" }, PROGRAM],
    run: { command: ["python", "/opt/dev/backend.py", "serve", "7861"], workingDir: "/overlay" },
  },
  frontend: {
    ...{ file: "frontend.mjs", room: "2Gi", port: 3000 },
    mounts: [
      { name: "dev", mountPath: "/overlay" },
      { name: "dev", mountPath: "/app/src", subPath: "src" },
      { name: "dev", mountPath: "/app/.next", subPath: "next" },
      PROGRAM,
    ],
    run: { command: ["node", "/opt/dev/frontend.mjs", "serve", "3001"] },
  },
} as const;

describe.each(["backend", "frontend"] as const)("%s", (name) => {
  const deployment = async (set: Record<string, string>) =>
    object(await render({ set }), "Deployment", `todo-app-${name}`);

  it("runs as Pod Security restricted asks, with a read-only root", async () => {
    const { spec } = (await deployment(DEV)).spec.template;
    const production = (await deployment({})).spec.template.spec;
    expect(spec.securityContext).toEqual(production.securityContext);
    expect(spec.automountServiceAccountToken).toBe(false);
    for (const container of containers(spec))
      expect(container.securityContext).toEqual(production.containers[0]?.securityContext);
    for (const volume of spec.volumes ?? []) {
      const types = Object.keys(volume).filter((key) => key !== "name");
      expect(["emptyDir", "configMap"]).toEqual(expect.arrayContaining(types));
      if (volume.emptyDir) expect(volume.emptyDir).toHaveProperty("sizeLimit");
    }
  });

  it("is marked, so that rules and people see it", async () => {
    expect((await deployment(DEV)).spec.template.metadata.labels["todo-app/dev"]).toBe("true");
    const production = (await deployment({})).spec.template.metadata.labels;
    expect(production).not.toHaveProperty("todo-app/dev");
  });

  it("is one pod, with the production pod's variables and image", async () => {
    const item = await deployment({ ...DEV, [`${name}.replicaCount`]: "3" });
    const production = await deployment({});
    expect(item.spec.replicas).toBe(1);
    expect(mainContainer(item).env).toEqual(mainContainer(production).env);
    expect(mainContainer(item).image).toBe(mainContainer(production).image);
    const objects = await render({ set: { ...DEV, [`${name}.replicaCount`]: "3" } });
    expect(objects.filter(({ kind }) => kind === "PodDisruptionBudget")).toEqual([]);
  });

  it("is restarted where nobody holds its port, and by no wrong edit", async () => {
    const container = mainContainer(await deployment(DEV));
    const production = mainContainer(await deployment({}));
    for (const probe of ["startupProbe", "livenessProbe"] as const) {
      const { httpGet: _, ...times } = production[probe] ?? {};
      expect(container[probe]).toEqual({ ...times, tcpSocket: { port: "http" } });
    }
  });

  it("is ready from the first answer on, whatever an edit or a busy moment does to the application", async () => {
    const container = mainContainer(await deployment(DEV));
    const { httpGet: _, ...times } = mainContainer(await deployment({})).readinessProbe ?? {};
    expect(container.readinessProbe).toEqual({ ...times, tcpSocket: { port: "served" } });
    const port = container.ports?.find((each) => each.name === "served")?.containerPort;
    expect(container.command?.slice(-2)).toEqual(["serve", String(port)]);
  });

  it("has the supervisor from a read-only ConfigMap, and rolls with it", async () => {
    const objects = await render({ set: DEV });
    const file = FILES[name];
    const text = readFileSync(join(chart, "files/dev", file), "utf8");
    expect(object(objects, "ConfigMap", "todo-app-dev").data?.[file]?.trim()).toBe(text.trim());
    const item = object(objects, "Deployment", `todo-app-${name}`);
    expect(mainContainer(item).command).toContain(`/opt/dev/${file}`);
    expect(mainContainer(item).volumeMounts).toContainEqual({
      name: "dev-program",
      mountPath: "/opt/dev",
      readOnly: true,
    });
    expect(item.spec.template.metadata.annotations["checksum/dev"]).toMatch(/^[0-9a-f]{64}$/);
  });

  it("has its sources and its supervisor where they run, and no more room than it needs", async () => {
    const { spec } = (await deployment(DEV)).spec.template;
    const [container] = spec.containers;
    const { file, room, mounts, run, port } = PODS[name];
    expect(spec.volumes).toEqual([
      { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
      { name: "dev", emptyDir: { sizeLimit: room } },
      {
        name: "dev-program",
        configMap: { name: "todo-app-dev", items: [{ key: file, path: file }] },
      },
    ]);
    expect(container?.volumeMounts).toEqual([{ name: "tmp", mountPath: "/tmp" }, ...mounts]);
    expect(container).toMatchObject(run);
    expect(container?.ports).toEqual([
      { name: "http", containerPort: port, protocol: "TCP" },
      { name: "served", containerPort: port + 1, protocol: "TCP" },
    ]);
    expect(container?.terminationMessagePolicy).toBe("FallbackToLogsOnError");
  });

  it("has the ConfigMap of its supervisor alone where it alone is developed", async () => {
    const objects = await render({ set: { [`${name}.dev.enabled`]: "true" } });
    const map = object(objects, "ConfigMap", "todo-app-dev");
    expect(map.metadata.namespace).toBe("todo-app");
    expect(Object.keys(map.data ?? {})).toEqual([FILES[name]]);
  });

  it("leaves the other component as it is", async () => {
    const other = name === "backend" ? "frontend" : "backend";
    const set = { [`${name}.dev.enabled`]: "true" };
    const objects = await render({ set });
    const production = await render();
    const key = `todo-app-${other}`;
    expect(object(objects, "Deployment", key)).toEqual(object(production, "Deployment", key));
  });

  it.each(["staging", "production"])("is refused in %s", async (environment) => {
    const set = { [`${name}.dev.enabled`]: "true", "global.environment": environment };
    const result = await template({ set });
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain(
      `${name}.dev.enabled is for global.environment=development only`,
    );
  });
});

it("breaks no blueprint", async () => {
  const broken = async (set: Record<string, string>): Promise<Set<string>> => {
    const objects = new Objects((await render({ set })) as unknown as KubernetesObject[]);
    const findings = check(kubernetesRules, objects);
    return new Set(findings.map(({ rule, object }) => `${rule.id} ${object}`));
  };
  expect(await broken(DEV)).toEqual(await broken({}));
});

it("migrates in the back end's supervisor, not in a process before it", async () => {
  const item = object(await render({ set: DEV }), "Deployment", "todo-app-backend");
  expect(item.spec.template.spec.initContainers).toBeUndefined();
});

it("leaves no trace where nothing is developed", async () => {
  const objects = await render();
  expect(objects.filter(({ metadata }) => metadata.name === "todo-app-dev")).toEqual([]);
  expect(JSON.stringify(objects)).not.toMatch(/overlay|opt\/dev|checksum\/dev/);
});
