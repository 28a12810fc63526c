/**
 * Kubernetes objects as rules look at them. They come from templates: whatever a rule reads may be
 * missing, so that everything is optional here.
 */

/** A rendered object. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: Metadata;
  type?: string;
  /** Content of a ConfigMap, or of a Secret in base64. */
  data?: Record<string, string>;
  /** Of a ConfigMap, in base64. */
  binaryData?: Record<string, string>;
  stringData?: Record<string, string>;
  /** Rules of a Role. */
  rules?: AccessRule[];
  /** What a ClusterRole takes over from others. */
  aggregationRule?: object;
  /** Whom a binding binds. */
  subjects?: Subject[];
  roleRef?: { kind?: string; name?: string };
  automountServiceAccountToken?: boolean;
  spec?: Spec;
}

export interface Metadata {
  name?: string;
  generateName?: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** The parts of the specs of all kinds that rules look at. */
export interface Spec extends PodSpec {
  /** Type of a Service. */
  type?: string;
  replicas?: number;
  strategy?: {
    type?: string;
    rollingUpdate?: { maxUnavailable?: number | string; maxSurge?: number | string };
  };
  /** Labels of a Service's pods; of other kinds, with matchLabels. */
  selector?: Record<string, unknown> | null;
  ports?: ServicePort[];
  /** Addresses at which nodes answer for a Service, whatever its type. */
  externalIPs?: string[];
  /** Of a PersistentVolume on a node. */
  hostPath?: object;
  local?: object;
  template?: PodTemplate;
  jobTemplate?: { spec?: Spec };
  minAvailable?: number | string;
  maxUnavailable?: number | string;
  unhealthyPodEvictionPolicy?: string;
  backoffLimit?: number;
}

export interface PodTemplate {
  metadata?: Metadata;
  spec?: PodSpec;
}

export interface ServicePort {
  name?: string;
  port?: number;
  targetPort?: number | string;
  nodePort?: number;
}

export interface AccessRule {
  apiGroups?: string[];
  resources?: string[];
  verbs?: string[];
  nonResourceURLs?: string[];
}

export interface Subject {
  kind?: string;
  name?: string;
  namespace?: string;
}

export interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  enableServiceLinks?: boolean;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  securityContext?: SecurityContext;
  terminationGracePeriodSeconds?: number;
  activeDeadlineSeconds?: number;
  restartPolicy?: string;
  initContainers?: Container[];
  containers?: Container[];
  ephemeralContainers?: Container[];
  volumes?: Volume[];
  topologySpreadConstraints?: { topologyKey?: string }[];
  affinity?: { podAntiAffinity?: object };
}

export interface SecurityContext {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  runAsGroup?: number;
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  procMount?: string;
  capabilities?: { add?: string[]; drop?: string[] };
  seccompProfile?: { type?: string };
  appArmorProfile?: { type?: string };
  seLinuxOptions?: { type?: string; user?: string; role?: string };
  windowsOptions?: { hostProcess?: boolean };
  sysctls?: { name?: string }[];
}

export interface Container {
  name?: string;
  image?: string;
  imagePullPolicy?: string;
  command?: string[];
  args?: string[];
  env?: EnvVar[];
  envFrom?: { configMapRef?: NamedRef; secretRef?: NamedRef }[];
  ports?: { name?: string; containerPort?: number; hostPort?: number }[];
  resources?: { requests?: Quantities; limits?: Quantities };
  securityContext?: SecurityContext;
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop?: Handler; postStart?: Handler };
  terminationMessagePolicy?: string;
  volumeMounts?: { name?: string; mountPath?: string }[];
  /** "Always" makes an init container a sidecar. */
  restartPolicy?: string;
}

export type Quantities = Record<string, string | number>;

export interface NamedRef {
  name?: string;
  optional?: boolean;
}

export interface EnvVar {
  name?: string;
  value?: string;
  valueFrom?: {
    configMapKeyRef?: NamedRef & { key?: string };
    secretKeyRef?: NamedRef & { key?: string };
  };
}

export interface Handler {
  httpGet?: {
    path?: string;
    port?: number | string;
    host?: string;
    httpHeaders?: { name?: string; value?: string }[];
  };
  tcpSocket?: { port?: number | string; host?: string };
  grpc?: { port?: number };
  exec?: { command?: string[] };
  sleep?: { seconds?: number };
}

export interface Probe extends Handler {
  periodSeconds?: number;
  timeoutSeconds?: number;
  failureThreshold?: number;
  initialDelaySeconds?: number;
}

export interface Volume {
  name?: string;
  emptyDir?: { sizeLimit?: string | number; medium?: string };
  configMap?: NamedRef;
  secret?: { secretName?: string; optional?: boolean };
  projected?: { sources?: Record<string, unknown>[] };
  [type: string]: unknown;
}

/** A pod, wherever it is described: in a workload's template, or as an object of its own. */
export interface Pod {
  /** The object that describes it. */
  owner: KubernetesObject;
  /** That object's id, such as "Deployment/web". */
  object: string;
  /** Path of the pod's spec in it. */
  path: string;
  metadata: Metadata;
  spec: PodSpec;
}

/** A container of a pod. */
export interface PodContainer {
  pod: Pod;
  container: Container;
  /** That object's id, such as "Deployment/web". */
  object: string;
  /** Path of the container in it, by its name. */
  path: string;
  /** Whether it runs beside others for as long as the pod does; not an init container, unless a sidecar. */
  stays: boolean;
}

/** The objects of a release, hooks included and lists taken apart, with what most rules ask of them. */
export class Objects {
  readonly pods: readonly Pod[];
  readonly containers: readonly PodContainer[];

  readonly all: readonly KubernetesObject[];

  constructor(objects: readonly KubernetesObject[]) {
    this.all = objects.flatMap((each) => single(withoutNulls(each)));
    this.pods = this.all.flatMap(podOf);
    this.containers = this.pods.flatMap(containersOf);
  }

  /** The objects of some kinds. */
  of(...kinds: string[]): KubernetesObject[] {
    return this.all.filter(({ kind }) => kind !== undefined && kinds.includes(kind));
  }

  /** The object of a kind with a name, if the release has one. */
  find(kind: string, name: string | undefined): KubernetesObject | undefined {
    return this.all.find((object) => object.kind === kind && object.metadata?.name === name);
  }

  /** The pods of workloads, without those of hooks. */
  get workloads(): Pod[] {
    return this.pods.filter(({ owner }) => !isHook(owner));
  }

  /** The pods that have all of these labels; none where there are no labels. */
  selected(labels: Readonly<Record<string, unknown>>): Pod[] {
    const wanted = Object.entries(labels);
    if (wanted.length === 0) return [];
    return this.workloads.filter(({ metadata }) =>
      wanted.every(([key, value]) => metadata.labels?.[key] === value),
    );
  }
}

/** The objects in a List, in lists of it too; else the object itself. */
function single(object: KubernetesObject & { items?: KubernetesObject[] }): KubernetesObject[] {
  const isList = object.kind?.endsWith("List") && Array.isArray(object.items);
  return isList ? (object.items ?? []).flatMap(single) : [object];
}

/** A field without a value is one that isn't there: so does Kubernetes read it. */
function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== null);
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutNulls(part)])) as T;
}

/** How an object is called in findings and exceptions. */
export function idOf({ kind, metadata }: KubernetesObject): string {
  return `${kind ?? "(no kind)"}/${metadata?.name ?? metadata?.generateName ?? "(no name)"}`;
}

/** Whether Helm runs the object at a moment of its own, instead of keeping it. */
export function isHook({ metadata }: KubernetesObject): boolean {
  return metadata?.annotations?.["helm.sh/hook"] !== undefined;
}

/** What a volume says of the emptyDir that it is; undefined where it is another. One of no type is an emptyDir too. */
export function emptyDirOf(volume: Volume): { sizeLimit?: string | number } | undefined {
  const { name: _, emptyDir, ...others } = volume;
  return emptyDir ?? (Object.keys(others).length === 0 ? {} : undefined);
}

/** The labels by which a workload or a budget finds its pods. */
export function matchLabels({ spec }: KubernetesObject): Record<string, unknown> {
  return (spec?.selector?.matchLabels ?? {}) as Record<string, unknown>;
}

/** A quantity as a number, in cores or bytes; undefined where it is none. */
export function amount(quantity: string | number | undefined): number | undefined {
  const [, number, unit = ""] = /^([\d.]+(?:e\d+)?)([a-zA-Z]*)$/.exec(String(quantity ?? "")) ?? [];
  const factor = UNITS[unit];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function podOf(owner: KubernetesObject): Pod[] {
  const object = idOf(owner);
  const { spec } = owner;
  if (owner.kind === "Pod")
    return [{ owner, object, path: "spec", metadata: owner.metadata ?? {}, spec: spec ?? {} }];
  const [template, path] =
    owner.kind === "CronJob"
      ? [spec?.jobTemplate?.spec?.template, "spec.jobTemplate.spec.template.spec"]
      : [spec?.template, "spec.template.spec"];
  if (template?.spec === undefined) return [];
  return [{ owner, object, path, metadata: template.metadata ?? {}, spec: template.spec }];
}

function containersOf(pod: Pod): PodContainer[] {
  const { object } = pod;
  const list = (field: "initContainers" | "containers" | "ephemeralContainers"): PodContainer[] =>
    (pod.spec[field] ?? []).map((container) => ({
      pod,
      container,
      object,
      path: `${pod.path}.${field}[${container.name ?? "(no name)"}]`,
      stays: field === "containers" || container.restartPolicy === "Always",
    }));
  return [...list("initContainers"), ...list("containers"), ...list("ephemeralContainers")];
}
