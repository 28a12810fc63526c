/** The state of a stack at one moment, as Kubernetes tells it. */

import type { ContainerStatus, Pod } from "../../cli/session/cluster";
import { UserError } from "../../common/errors";
import { engineersKubectl, type Kubectl } from "../access";
import type { Runner } from "../desk";
import type { Scope } from "../review";
import { quantity } from "./quantities";

/** A container's part of a pod's specification. */
export interface ContainerSpec {
  name: string;
  image: string;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  startupProbe?: unknown;
  livenessProbe?: unknown;
  readinessProbe?: unknown;
}

/** A pod with its specification. */
export interface FullPod extends Pod {
  spec: { nodeName?: string; containers: ContainerSpec[]; initContainers?: ContainerSpec[] };
}

export interface Deployment {
  metadata: { name: string; generation?: number; labels?: Record<string, string> };
  spec: { replicas?: number; paused?: boolean };
  status: {
    readyReplicas?: number;
    updatedReplicas?: number;
    observedGeneration?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

export interface Service {
  metadata: { name: string };
  spec: { selector?: Record<string, string>; type?: string };
  status?: { loadBalancer?: { ingress?: unknown[] } };
}

export interface EndpointSlice {
  metadata: { labels?: Record<string, string> };
  endpoints?: { conditions?: { ready?: boolean } }[] | null;
}

export interface KubernetesEvent {
  type: string;
  reason: string;
  message: string;
  count?: number;
  series?: { count: number } | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  metadata: { creationTimestamp: string };
  involvedObject: { kind: string; name: string; uid?: string };
}

export interface Node {
  metadata: { name: string };
  spec?: { unschedulable?: boolean };
  status: { conditions: { type: string; status: string; message?: string }[] };
}

/** What a container uses. */
export interface Usage {
  pod: string;
  container: string;
  /** Cores. */
  cpu: number;
  /** Bytes of the working set. */
  memory: number;
}

export interface HelmRelease {
  name: string;
  revision: number;
  status: string;
  chart: string;
  app_version: string;
}

/** Everything that the findings are made from. */
export interface Snapshot {
  namespace: string;
  pods: FullPod[];
  deployments: Deployment[];
  services: Service[];
  endpointSlices: EndpointSlice[];
  events: KubernetesEvent[];
  nodes: Node[];
  /** Empty where neither a metrics server nor the kubelets tell. */
  usage: Usage[];
  /** Undefined where Helm knows of none. */
  release: HelmRelease | undefined;
}

export type { ContainerStatus, Pod };

/** Takes a snapshot with the engineer's credentials. @throws UserError where the cluster doesn't answer */
export async function takeSnapshot(scope: Scope, run: Runner): Promise<Snapshot> {
  const kubectl = engineersKubectl(scope, run);
  const [objects, nodes, release] = await Promise.all([
    list<Kinded>(kubectl, "pods,deployments,services,endpointslices,events"),
    list<Node>(kubectl, "nodes").catch(() => []),
    releaseOf(scope, run),
  ]);
  const ofKind = <T>(kind: string): T[] =>
    objects.filter((item) => item.kind === kind) as unknown as T[];
  return {
    namespace: scope.namespace,
    pods: ofKind<FullPod>("Pod"),
    deployments: ofKind<Deployment>("Deployment"),
    services: ofKind<Service>("Service"),
    endpointSlices: ofKind<EndpointSlice>("EndpointSlice"),
    events: ofKind<KubernetesEvent>("Event"),
    nodes,
    usage: await usageOf(kubectl, scope.namespace, nodes),
    release,
  };
}

interface Kinded {
  kind: string;
}

async function list<T>(kubectl: Kubectl, kinds: string): Promise<T[]> {
  const result = await kubectl(["get", kinds, "--output", "json", "--request-timeout=20s"]);
  if (result.code === 0) return (JSON.parse(result.stdout) as { items: T[] }).items;
  throw new UserError({
    what: "the health of the stack can't be told",
    why: result.stderr.trim().split("\n").slice(-3).join("\n") || "the cluster took too long",
    next: "npm run doctor",
  });
}

/** From the metrics server where there is one, else from the kubelets themselves. */
async function usageOf(
  kubectl: Kubectl,
  namespace: string,
  nodes: readonly Node[],
): Promise<Usage[]> {
  const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`;
  const metrics = await kubectl(["get", "--raw", path]);
  if (metrics.code === 0) return fromMetricsServer(JSON.parse(metrics.stdout) as PodMetricsList);
  const summaries = await Promise.all(
    nodes.map(({ metadata }) =>
      kubectl(["get", "--raw", `/api/v1/nodes/${metadata.name}/proxy/stats/summary`]),
    ),
  );
  return summaries
    .filter(({ code }) => code === 0)
    .flatMap(({ stdout }) => fromKubelet(JSON.parse(stdout) as KubeletSummary, namespace));
}

function fromMetricsServer({ items }: PodMetricsList): Usage[] {
  return items.flatMap(({ metadata, containers }) =>
    containers.map(({ name, usage }) => ({
      pod: metadata.name,
      container: name,
      cpu: quantity(usage.cpu) ?? 0,
      memory: quantity(usage.memory) ?? 0,
    })),
  );
}

function fromKubelet({ pods }: KubeletSummary, namespace: string): Usage[] {
  return pods
    .filter(({ podRef }) => podRef.namespace === namespace)
    .flatMap(({ podRef, containers }) =>
      (containers ?? []).map(({ name, cpu, memory }) => ({
        pod: podRef.name,
        container: name,
        cpu: (cpu?.usageNanoCores ?? 0) / 1e9,
        memory: memory?.workingSetBytes ?? 0,
      })),
    );
}

/** The last revision, whatever became of it. */
async function releaseOf({ release, kubeContext, namespace }: Scope, run: Runner) {
  const target = ["--kube-context", kubeContext, "--namespace", namespace];
  const args = ["history", release, "--max", "1", "--output", "json", ...target];
  const result = await run("helm", args, { timeoutMs: 30_000 });
  if (result.code !== 0) return undefined;
  const last = (JSON.parse(result.stdout) as Omit<HelmRelease, "name">[]).at(-1);
  return last && { name: release, ...last };
}

interface PodMetricsList {
  items: {
    metadata: { name: string };
    containers: { name: string; usage: { cpu: string; memory: string } }[];
  }[];
}

interface KubeletSummary {
  pods: {
    podRef: { name: string; namespace: string };
    containers?: {
      name: string;
      cpu?: { usageNanoCores?: number };
      memory?: { workingSetBytes?: number };
    }[];
  }[];
}
