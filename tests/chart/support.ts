import { existsSync, readdirSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { type RunResult, tryRun } from "../../common/run";

export const repository = resolve(__dirname, "../..");
export const chart = join(repository, "helm/todo-app");

/** Files of values in the chart's ci/ folder, by the name of the shape they describe. */
export const shapes: readonly string[] = readdirSync(join(chart, "ci"))
  .map((file) => file.replace(/-values\.yaml$/, ""))
  .sort();

/** The values file of a shape. */
export function shapeFile(shape: string): string {
  return join(chart, "ci", `${shape}-values.yaml`);
}

/** Everything that must lint and render: the bare defaults, each environment, each shape. */
export const renderings: readonly { name: string; files: readonly string[] }[] = [
  { name: "no values", files: [] },
  { name: "values-dev.yaml", files: [join(chart, "values-dev.yaml")] },
  { name: "values-staging.yaml", files: [join(chart, "values-staging.yaml")] },
  ...shapes.map((shape) => ({ name: `ci/${shape}`, files: [shapeFile(shape)] })),
];

/** The part of a Kubernetes container that tests look at. */
export interface Container {
  name: string;
  image: string;
  imagePullPolicy: string;
  command?: string[];
  args?: string[];
  env: EnvVar[];
  ports?: { name: string; containerPort: number }[];
  resources: { requests: Record<string, string>; limits: Record<string, string> };
  securityContext: Record<string, unknown> & { capabilities?: { drop?: string[] } };
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
  terminationMessagePolicy?: string;
  volumeMounts?: { name: string; mountPath: string }[];
}

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: {
    configMapKeyRef?: { name: string; key: string };
    secretKeyRef?: { name: string; key: string; optional?: boolean };
    fieldRef?: { fieldPath: string };
  };
}

export interface Probe {
  httpGet: { path: string; port: string };
  tcpSocket?: { port: string };
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

export interface PodSpec {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  securityContext: Record<string, unknown>;
  terminationGracePeriodSeconds?: number;
  initContainers?: Container[];
  containers: Container[];
  volumes?: ({ name: string } & Record<string, unknown>)[];
}

/** A rendered object, as far as tests look at it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };
  type?: string;
  data?: Record<string, string>;
  spec: {
    type?: string;
    replicas?: number;
    strategy?: unknown;
    selector?: unknown;
    ports?: { name: string; port: number; targetPort: string; nodePort?: number }[];
    template: {
      metadata: { labels: Record<string, string>; annotations: Record<string, string> };
      spec: PodSpec;
    };
  };
}

/** What to render and how. */
export interface Rendering {
  /** Values files, in order. */
  files?: readonly string[];
  /** Values as for `--set`. */
  set?: Readonly<Record<string, string>>;
  /** Release name; the chart's by default. */
  release?: string;
  /** Release namespace; `todo-app` by default. */
  namespace?: string;
  /** Further arguments of `helm template`. */
  args?: readonly string[];
  /** Another chart folder than the repository's. */
  chart?: string;
}

/** Runs Helm and reports how it ended. */
export function helm(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<RunResult> {
  return tryRun(process.env.HELM_BIN ?? "helm", args, {
    timeoutMs: 15 * 60_000,
    ...(env && { env: { ...process.env, ...env } }),
  });
}

/** The arguments that carry values. */
export function valueArguments(rendering: Rendering): string[] {
  return [
    ...(rendering.files ?? []).flatMap((file) => ["--values", file]),
    ...Object.entries(rendering.set ?? {}).flatMap(([path, value]) => [
      "--set",
      `${path}=${value}`,
    ]),
  ];
}

/** Runs `helm template`. */
export function template(rendering: Rendering): Promise<RunResult> {
  return helm([
    "template",
    rendering.release ?? "todo-app",
    rendering.chart ?? chart,
    "--namespace",
    rendering.namespace ?? "todo-app",
    ...valueArguments(rendering),
    ...(rendering.args ?? []),
  ]);
}

/** Renders the chart; throws with Helm's message where it fails. */
export async function render(rendering: Rendering = {}): Promise<KubernetesObject[]> {
  const result = await template(rendering);
  if (result.code !== 0) throw new Error(`helm template failed: ${result.stderr}`);
  return parseObjects(result.stdout);
}

/** The objects of a YAML stream; throws where it is not YAML. */
export function parseObjects(yaml: string): KubernetesObject[] {
  return parseAllDocuments(yaml, { uniqueKeys: true }).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.contents === null ? [] : [document.toJS() as KubernetesObject];
  });
}

/** The one object of a kind with a name; throws where there is none. */
export function object(
  objects: readonly KubernetesObject[],
  kind: string,
  name: string,
): KubernetesObject {
  const found = objects.filter((item) => item.kind === kind && item.metadata.name === name);
  const [only] = found;
  if (found.length !== 1 || only === undefined) {
    const all = objects.map((item) => `${item.kind}/${item.metadata.name}`).join(", ");
    throw new Error(`${found.length} objects ${kind}/${name} among ${all}`);
  }
  return only;
}

/** The pods of a rendering, wherever they are described: Deployments' templates and bare pods. */
export function pods(objects: readonly KubernetesObject[]): { name: string; spec: PodSpec }[] {
  return objects.flatMap((item) => {
    if (item.kind === "Deployment") {
      return [{ name: `Deployment/${item.metadata.name}`, spec: item.spec.template.spec }];
    }
    if (item.kind === "Pod") {
      return [{ name: `Pod/${item.metadata.name}`, spec: item.spec as unknown as PodSpec }];
    }
    return [];
  });
}

/** Every container of a pod, init containers first. */
export function containers(spec: PodSpec): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** The application's container of a Deployment. */
export function mainContainer(deployment: KubernetesObject): Container {
  const [container] = deployment.spec.template.spec.containers;
  if (!container) throw new Error(`${deployment.metadata.name} has no container`);
  return container;
}

/** An executable named by an environment variable, else by one of the names on PATH. */
export function findExecutable(variable: string, ...names: string[]): string | undefined {
  const given = process.env[variable];
  if (given) return given;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of names) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

/** The description that stands above each value of values.yaml; throws where a leaf has none. */
export function describedPaths(source: string): Map<string, string> {
  const described = new Map<string, string>();
  const parents: { indent: number; name: string; covered: boolean }[] = [];
  let description: string | undefined;
  for (const line of source.split("\n")) {
    const comment = /^\s*# -- (.*)$/.exec(line);
    if (comment) {
      description = comment[1];
      continue;
    }
    const entry = /^(\s*)([A-Za-z][\w-]*):(.*)$/.exec(line);
    if (!entry) continue;
    const indent = (entry[1] ?? "").length;
    while (parents.length > 0 && (parents.at(-1)?.indent ?? 0) >= indent) parents.pop();
    const parent = parents.at(-1);
    const path = [...parents.map((item) => item.name), entry[2]].join(".");
    const leaf = (entry[3] ?? "").trim() !== "";
    const covered = parent?.covered === true || description !== undefined;
    if (description !== undefined) described.set(path, description);
    else if (leaf && !covered && !/\.resources\.(requests|limits)\./.test(path)) {
      throw new Error(`values.yaml: ${path} has no description`);
    }
    parents.push({ indent, name: entry[2] ?? "", covered });
    description = undefined;
  }
  return described;
}
