import type {
  Deployment,
  FullPod,
  KubernetesEvent,
  Snapshot,
} from "../../../../ops/health/snapshot";

/** When the snapshots are taken. */
export const NOW = Date.parse("2026-01-01T12:00:00Z");
export const scope = { namespace: "todo-app", release: "todo-app", kubeContext: "minikube" };
export const MEBI = 2 ** 20;

/** A ready pod of the back end. */
export function pod(
  change: Partial<FullPod["status"]> = {},
  image = "todo-backend:0.1.0-abc",
): FullPod {
  return {
    metadata: {
      name: "todo-app-backend-1",
      creationTimestamp: "2026-01-01T10:00:00Z",
      labels: { "app.kubernetes.io/version": "0.1.0" },
    },
    spec: {
      containers: [
        {
          name: "backend",
          image,
          resources: {
            requests: { cpu: "250m", memory: "256Mi" },
            limits: { cpu: "500m", memory: "512Mi" },
          },
          readinessProbe: {},
          livenessProbe: {},
        },
      ],
    },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [container({})],
      ...change,
    },
  };
}

/** Its container. */
export function container(
  change: object,
): NonNullable<FullPod["status"]["containerStatuses"]>[number] {
  return {
    name: "backend",
    ready: true,
    restartCount: 0,
    image: "todo-backend:0.1.0-abc",
    state: { running: { startedAt: "2026-01-01T10:00:10Z" } },
    ...change,
  };
}

export const deployment = (change: Partial<Deployment> = {}): Deployment => ({
  metadata: { name: "todo-app-backend", labels: { "helm.sh/chart": "todo-app-0.1.0" } },
  spec: { replicas: 1 },
  status: { readyReplicas: 1 },
  ...change,
});

/** A warning of ten minutes ago. */
export const event = (change: Partial<KubernetesEvent> = {}): KubernetesEvent => ({
  type: "Warning",
  reason: "Unhealthy",
  message: "Readiness probe failed: HTTP probe failed with statuscode: 503",
  count: 4,
  lastTimestamp: "2026-01-01T11:50:00Z",
  metadata: { creationTimestamp: "2026-01-01T11:40:00Z" },
  involvedObject: { kind: "Pod", name: "todo-app-backend-1" },
  ...change,
});

/** A stack that nothing ails. */
export const healthy: Snapshot = {
  namespace: "todo-app",
  pods: [pod()],
  deployments: [deployment()],
  services: [{ metadata: { name: "todo-app-backend" }, spec: { selector: { a: "b" } } }],
  endpointSlices: [
    {
      metadata: { labels: { "kubernetes.io/service-name": "todo-app-backend" } },
      endpoints: [{ conditions: { ready: true } }],
    },
  ],
  events: [],
  nodes: [
    { metadata: { name: "minikube" }, status: { conditions: [{ type: "Ready", status: "True" }] } },
  ],
  usage: [{ pod: "todo-app-backend-1", container: "backend", cpu: 0.1, memory: 140 * MEBI }],
  release: {
    name: "todo-app",
    revision: 3,
    status: "deployed",
    chart: "todo-app-0.1.0",
    app_version: "0.1.0",
  },
};
