/** What a snapshot says about the health of a stack: the same findings for the same state, by rules. */
import { mebibytes, millicores, quantity } from "./quantities";
import type {
  ContainerSpec,
  ContainerStatus,
  Deployment,
  FullPod,
  KubernetesEvent,
  Snapshot,
} from "./snapshot";

/** Something worth knowing, and what to do about it. */
export interface Finding {
  /** - problem: something doesn't work - warning: it may stop working - hint: it could be better */
  severity: "problem" | "warning" | "hint";
  /** "Kind/name". */
  object: string;
  what: string;
  recommendation: string;
}

const RECENT_MS = 60 * 60_000;
const SETTLE_MS = 60_000;
const NEARLY_FULL = 0.9;
const HARDLY_USED = 0.2;
const MANY_RESTARTS = 3;

const WAITING: Readonly<Record<string, string>> = {
  ImagePullBackOff: "the node has no such image: npm run up sends it again",
  ErrImagePull: "the node has no such image: npm run up sends it again",
  ErrImageNeverPull: "the node has no such image: npm run up sends it again",
  InvalidImageName: "mend the image's name in the release: npm run up",
  CreateContainerConfigError:
    "a ConfigMap, a Secret or a key of it is missing; the event names it; npm run up makes them",
  CreateContainerError: "the event says what the container runtime refuses",
  RunContainerError: "the event says what the container runtime refuses",
};

/** The findings, worst first. */
export function findingsOf(snapshot: Snapshot, now: number = Date.now()): Finding[] {
  const findings = [
    ...snapshot.nodes.flatMap(({ metadata, status, spec }) =>
      nodeFindings(metadata.name, status.conditions, spec?.unschedulable === true),
    ),
    ...releaseFindings(snapshot),
    ...snapshot.deployments.flatMap(deploymentFindings),
    ...snapshot.pods.flatMap((pod) => podFindings(pod, now)),
    ...versionFindings(snapshot),
    ...serviceFindings(snapshot),
    ...usageFindings(snapshot),
    ...eventFindings(snapshot, now),
  ];
  if (snapshot.pods.length === 0 && snapshot.deployments.length === 0) {
    findings.push({
      severity: "problem",
      object: `Namespace/${snapshot.namespace}`,
      what: "nothing is deployed",
      recommendation: "npm run up",
    });
  }
  const order = ["problem", "warning", "hint"];
  return findings.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function nodeFindings(
  name: string,
  conditions: readonly { type: string; status: string; message?: string }[],
  unschedulable: boolean,
): Finding[] {
  const object = `Node/${name}`;
  const bad = conditions.filter(({ type, status }) =>
    type === "Ready" ? status !== "True" : /Pressure$/.test(type) && status === "True",
  );
  const findings = bad.map(
    ({ type, message }): Finding => ({
      severity: "problem",
      object,
      what: type === "Ready" ? `is not ready: ${message ?? ""}` : `has ${type}`,
      recommendation:
        type === "Ready"
          ? "npm run doctor; minikube logs"
          : "free memory or disk on the machine, or give Minikube more (minikube start --memory)",
    }),
  );
  if (unschedulable)
    findings.push({
      severity: "warning",
      object,
      what: "takes no new pods",
      recommendation: `kubectl uncordon ${name}`,
    });
  return findings;
}

function releaseFindings({ release, deployments }: Snapshot): Finding[] {
  if (!release) {
    return deployments.length === 0
      ? []
      : [
          {
            severity: "warning",
            object: "Release",
            what: "Helm knows of no release here",
            recommendation: "npm run up",
          },
        ];
  }
  if (release.status === "deployed") return [];
  return [
    {
      severity: "problem",
      object: `Release/${release.name}`,
      what: `revision ${release.revision} is ${release.status}`,
      recommendation: release.status.startsWith("pending") ? "npm run unlock" : "npm run up",
    },
  ];
}

function deploymentFindings({ metadata, spec, status }: Deployment): Finding[] {
  const object = `Deployment/${metadata.name}`;
  const wanted = spec.replicas ?? 1;
  const ready = status.readyReplicas ?? 0;
  const stuck = status.conditions?.find(
    ({ type, status: state }) => type === "Progressing" && state === "False",
  );
  if (stuck)
    return [
      {
        severity: "problem",
        object,
        what: `its rollout is stuck: ${stuck.message ?? stuck.reason ?? ""}`,
        recommendation: "see its pods below; npm run rollback goes back",
      },
    ];
  if (spec.paused)
    return [
      {
        severity: "warning",
        object,
        what: "its rollout is paused",
        recommendation: `kubectl rollout resume deployment/${metadata.name}`,
      },
    ];
  if (wanted === 0)
    return [
      {
        severity: "problem",
        object,
        what: "is scaled to 0",
        recommendation: `npm run up, or kubectl scale deployment/${metadata.name} --replicas=1`,
      },
    ];
  if (ready >= wanted) return [];
  return [
    {
      severity: ready === 0 ? "problem" : "warning",
      object,
      what: `${ready} of ${wanted} pods are ready`,
      recommendation: "see its pods below",
    },
  ];
}

function podFindings(pod: FullPod, now: number): Finding[] {
  const object = `Pod/${pod.metadata.name}`;
  if (pod.metadata.deletionTimestamp !== undefined || pod.status.phase === "Succeeded") return [];
  const findings: Finding[] = [];
  const unscheduled = pod.status.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unscheduled)
    findings.push({
      severity: "problem",
      object,
      what: `no node takes it: ${unscheduled.message ?? ""}`,
      recommendation: "lower its requests, or give the cluster more room",
    });
  const statuses = [
    ...(pod.status.initContainerStatuses ?? []),
    ...(pod.status.containerStatuses ?? []),
  ];
  findings.push(...statuses.flatMap((status) => containerFindings(object, status)));
  const settled = now - Date.parse(pod.metadata.creationTimestamp) > SETTLE_MS;
  const unready = pod.status.containerStatuses?.find(({ ready, state }) => !ready && state.running);
  if (unready && settled && findings.length === 0)
    findings.push({
      severity: "problem",
      object,
      what: `${unready.name} runs but isn't ready`,
      recommendation: "its readiness probe fails: GET /ready names the dependency that is away",
    });
  findings.push(...pod.spec.containers.flatMap((spec) => specFindings(object, spec)));
  return findings;
}

function containerFindings(object: string, status: ContainerStatus): Finding[] {
  const { waiting, terminated } = status.state;
  const last = status.lastState?.terminated;
  const recommendation =
    waiting?.reason === "CrashLoopBackOff"
      ? `read its last words: ${logsBefore(object, status)}`
      : WAITING[waiting?.reason ?? ""];
  if (recommendation !== undefined) {
    const ending = last ? `, last exit code ${last.exitCode}${reasonOf(last)}` : "";
    return [
      {
        severity: "problem",
        object,
        what: `${status.name}: ${waiting?.reason}${ending}${restarts(status)}`,
        recommendation:
          last?.reason === "OOMKilled"
            ? "raise its memory limit, or find the leak"
            : recommendation,
      },
    ];
  }
  if (terminated && terminated.exitCode !== 0)
    return [
      {
        severity: "problem",
        object,
        what: `${status.name} ended with exit code ${terminated.exitCode}${reasonOf(terminated)}${restarts(status)}`,
        recommendation: "npm run logs",
      },
    ];
  if (status.restartCount === 0) return [];
  return [
    {
      severity: status.restartCount >= MANY_RESTARTS ? "warning" : "hint",
      object,
      what: `${status.name} restarted ${status.restartCount} ${status.restartCount === 1 ? "time" : "times"}${last ? `, last by exit code ${last.exitCode}${reasonOf(last)}` : ""}`,
      recommendation:
        last?.reason === "OOMKilled"
          ? "raise its memory limit, or find the leak"
          : `read the last words of the one before: ${logsBefore(object, status)}`,
    },
  ];
}

function logsBefore(pod: string, { name }: ContainerStatus): string {
  return `kubectl logs ${pod.replace(/^Pod\//, "")} --container ${name} --previous`;
}

function reasonOf({ reason }: { reason?: string }): string {
  return reason && reason !== "Error" ? ` (${reason})` : "";
}

function restarts({ restartCount }: ContainerStatus): string {
  return restartCount > 0 ? `, ${restartCount} restarts` : "";
}

function specFindings(object: string, spec: ContainerSpec): Finding[] {
  const missing = [
    ...(spec.readinessProbe ? [] : ["readiness probe"]),
    ...(spec.livenessProbe ? [] : ["liveness probe"]),
    ...(["requests", "limits"] as const).flatMap((part) =>
      (["cpu", "memory"] as const)
        .filter((unit) => spec.resources?.[part]?.[unit] === undefined)
        .map((unit) => `${unit} ${part}`),
    ),
  ];
  const findings: Finding[] = [];
  if (missing.length > 0)
    findings.push({
      severity: "warning",
      object,
      what: `${spec.name} has no ${missing.join(", no ")}`,
      recommendation: "set them in the chart's values",
    });
  if (/:latest$/.test(spec.image) || !/[:@]/.test(spec.image.split("/").at(-1) ?? ""))
    findings.push({
      severity: "warning",
      object,
      what: `${spec.name} runs ${spec.image}, a tag that names no version`,
      recommendation: "deploy a tag that names its content: npm run up",
    });
  return findings;
}

function versionFindings({ pods, deployments, release }: Snapshot): Finding[] {
  const versions = new Set(
    pods
      .filter((pod) => pod.metadata.deletionTimestamp === undefined)
      .map((pod) => pod.metadata.labels?.["app.kubernetes.io/version"])
      .filter((version) => version !== undefined),
  );
  const findings: Finding[] = [];
  if (versions.size > 1)
    findings.push({
      severity: "warning",
      object: "Release",
      what: `pods of versions ${[...versions].sort().join(" and ")} run side by side`,
      recommendation: "wait for the rollout (kubectl rollout status), or npm run up",
    });
  for (const { metadata } of deployments) {
    const chart = metadata.labels?.["helm.sh/chart"];
    if (release && chart !== undefined && chart !== release.chart.replace("+", "_"))
      findings.push({
        severity: "warning",
        object: `Deployment/${metadata.name}`,
        what: `is of chart ${chart}, and the release of ${release.chart}`,
        recommendation: "npm run preview -- --refresh, then npm run up",
      });
  }
  return findings;
}

function serviceFindings({ services, endpointSlices }: Snapshot): Finding[] {
  return services.flatMap(({ metadata, spec, status }): Finding[] => {
    if (!spec.selector) return [];
    const object = `Service/${metadata.name}`;
    const ready = endpointSlices
      .filter((slice) => slice.metadata.labels?.["kubernetes.io/service-name"] === metadata.name)
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false).length;
    const findings: Finding[] = [];
    if (ready === 0)
      findings.push({
        severity: "problem",
        object,
        what: "no ready pod stands behind it",
        recommendation: "see the pods above; its selector must be their labels",
      });
    if (spec.type === "LoadBalancer" && (status?.loadBalancer?.ingress ?? []).length === 0)
      findings.push({
        severity: "problem",
        object,
        what: "has no address from a load balancer",
        recommendation: "on Minikube: minikube tunnel in another terminal",
      });
    return findings;
  });
}

function usageFindings({ usage, pods }: Snapshot): Finding[] {
  return usage.flatMap(({ pod, container, cpu, memory }): Finding[] => {
    const spec = pods
      .find(({ metadata }) => metadata.name === pod)
      ?.spec.containers.find(({ name }) => name === container);
    if (!spec) return [];
    const object = `Pod/${pod}`;
    const limit = (unit: string) => quantity(spec.resources?.limits?.[unit]);
    const request = (unit: string) => quantity(spec.resources?.requests?.[unit]);
    const findings: Finding[] = [];
    const memoryLimit = limit("memory");
    if (memoryLimit !== undefined && memory >= NEARLY_FULL * memoryLimit)
      findings.push({
        severity: "warning",
        object,
        what: `${container} uses ${mebibytes(memory)} of ${mebibytes(memoryLimit)} memory`,
        recommendation: "raise its memory limit before the kernel ends it, or find the leak",
      });
    const cpuLimit = limit("cpu");
    if (cpuLimit !== undefined && cpu >= NEARLY_FULL * cpuLimit)
      findings.push({
        severity: "warning",
        object,
        what: `${container} uses ${millicores(cpu)} of ${millicores(cpuLimit)} CPU: it is held back`,
        recommendation: "raise its CPU limit, or run more pods",
      });
    const memoryRequest = request("memory");
    if (memoryRequest !== undefined && memory > 0 && memory < HARDLY_USED * memoryRequest)
      findings.push({
        severity: "hint",
        object,
        what: `${container} uses ${mebibytes(memory)} of the ${mebibytes(memoryRequest)} memory that it requests`,
        recommendation: "lower its request where the node is short of room",
      });
    return findings;
  });
}

function eventFindings({ events, pods }: Snapshot, now: number): Finding[] {
  const present = new Map(pods.map((pod) => [pod.metadata.name, isReady(pod)]));
  const groups = new Map<string, { event: KubernetesEvent; count: number }>();
  for (const event of events) {
    if (event.type !== "Warning" || now - timeOf(event) > RECENT_MS) continue;
    if (event.involvedObject.kind === "Pod") {
      const ready = present.get(event.involvedObject.name);
      const wasStarting = ready && event.message.startsWith("Startup probe failed");
      if (ready === undefined || wasStarting) continue;
    }
    const key = `${event.involvedObject.kind}/${event.involvedObject.name} ${event.reason}`;
    const count = (groups.get(key)?.count ?? 0) + (event.series?.count ?? event.count ?? 1);
    groups.set(key, { event, count });
  }
  return [...groups.values()].map(({ event, count }) => ({
    severity: "warning",
    object: `${event.involvedObject.kind}/${event.involvedObject.name}`,
    what: `${event.reason}${count > 1 ? ` (${count} times in the last hour)` : ""}: ${oneLine(event.message)}`,
    recommendation:
      event.reason === "Unhealthy"
        ? "see its logs for what it was doing then"
        : `kubectl describe ${event.involvedObject.kind.toLowerCase()} ${event.involvedObject.name}`,
  }));
}

function isReady({ status }: FullPod): boolean {
  return (
    status.conditions?.some((item) => item.type === "Ready" && item.status === "True") ?? false
  );
}

function timeOf(event: KubernetesEvent): number {
  return Date.parse(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 240);
}
