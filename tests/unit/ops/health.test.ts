import { type Finding, findingsOf } from "../../../ops/health/findings";
import { quantity } from "../../../ops/health/quantities";
import { formatReport, isHealthy } from "../../../ops/health/report";
import { type Snapshot, takeSnapshot } from "../../../ops/health/snapshot";
import { Redactor } from "../../../ops/redact";
import { container, deployment, event, healthy, MEBI, NOW, pod, scope } from "./health/samples";
import { FakeRunner } from "./support";

const found = (change: Partial<Snapshot>): Finding[] => findingsOf({ ...healthy, ...change }, NOW);
const waiting = (reason: string, more: object = {}) =>
  pod({
    containerStatuses: [container({ ready: false, state: { waiting: { reason } }, ...more })],
  });

describe("the findings", () => {
  it("are none where everything is well", () => {
    expect(found({})).toEqual([]);
  });

  it.each<[string, Partial<Snapshot>, Finding["severity"], string, RegExp]>([
    [
      "a missing image",
      { pods: [waiting("ErrImageNeverPull")] },
      "problem",
      "Pod/todo-app-backend-1",
      /npm run up/,
    ],
    [
      "a missing Secret",
      { pods: [waiting("CreateContainerConfigError")] },
      "problem",
      "Pod/todo-app-backend-1",
      /a key of it is missing/,
    ],
    [
      "a crash loop by lack of memory",
      {
        pods: [
          waiting("CrashLoopBackOff", {
            restartCount: 7,
            lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
          }),
        ],
      },
      "problem",
      "Pod/todo-app-backend-1",
      /memory limit/,
    ],
    [
      "a pod that no node takes",
      {
        pods: [
          pod({
            phase: "Pending",
            containerStatuses: [],
            conditions: [{ type: "PodScheduled", status: "False", message: "Insufficient cpu" }],
          }),
        ],
      },
      "problem",
      "Pod/todo-app-backend-1",
      /requests/,
    ],
    [
      "a pod that runs without being ready",
      { pods: [pod({ containerStatuses: [container({ ready: false })] })] },
      "problem",
      "Pod/todo-app-backend-1",
      /readiness probe/,
    ],
    [
      "restarts",
      {
        pods: [
          pod({
            containerStatuses: [
              container({ restartCount: 4, lastState: { terminated: { exitCode: 1 } } }),
            ],
          }),
        ],
      },
      "warning",
      "Pod/todo-app-backend-1",
      /--previous/,
    ],
    [
      "a tag that names no version",
      { pods: [pod({}, "todo-backend:latest")] },
      "warning",
      "Pod/todo-app-backend-1",
      /npm run up/,
    ],
    [
      "an image without a tag",
      { pods: [pod({}, "registry:5000/todo-backend")] },
      "warning",
      "Pod/todo-app-backend-1",
      /npm run up/,
    ],
    [
      "too few pods",
      { deployments: [deployment({ status: {} })] },
      "problem",
      "Deployment/todo-app-backend",
      /below/,
    ],
    [
      "a Deployment at 0",
      { deployments: [deployment({ spec: { replicas: 0 } })] },
      "problem",
      "Deployment/todo-app-backend",
      /--replicas=1/,
    ],
    [
      "a stuck rollout",
      {
        deployments: [
          deployment({
            status: {
              readyReplicas: 1,
              conditions: [
                { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" },
              ],
            },
          }),
        ],
      },
      "problem",
      "Deployment/todo-app-backend",
      /rollback/,
    ],
    [
      "a Service without pods",
      { endpointSlices: [] },
      "problem",
      "Service/todo-app-backend",
      /selector/,
    ],
    [
      "a balancer without an address",
      {
        services: [
          { metadata: { name: "todo-app-backend" }, spec: { selector: {}, type: "LoadBalancer" } },
        ],
      },
      "problem",
      "Service/todo-app-backend",
      /minikube tunnel/,
    ],
    [
      "a release that hangs",
      {
        release: {
          ...(healthy.release as NonNullable<Snapshot["release"]>),
          status: "pending-upgrade",
        },
      },
      "problem",
      "Release/todo-app",
      /npm run unlock/,
    ],
    [
      "a release of another chart",
      {
        release: {
          ...(healthy.release as NonNullable<Snapshot["release"]>),
          chart: "todo-app-0.2.0",
        },
      },
      "warning",
      "Deployment/todo-app-backend",
      /preview/,
    ],
    [
      "nearly no memory left",
      {
        usage: [{ pod: "todo-app-backend-1", container: "backend", cpu: 0.1, memory: 500 * MEBI }],
      },
      "warning",
      "Pod/todo-app-backend-1",
      /raise its memory limit/,
    ],
    [
      "a CPU that is held back",
      {
        usage: [{ pod: "todo-app-backend-1", container: "backend", cpu: 0.49, memory: 140 * MEBI }],
      },
      "warning",
      "Pod/todo-app-backend-1",
      /CPU limit/,
    ],
    [
      "memory that is hardly used",
      { usage: [{ pod: "todo-app-backend-1", container: "backend", cpu: 0.1, memory: 20 * MEBI }] },
      "hint",
      "Pod/todo-app-backend-1",
      /lower its request/,
    ],
    [
      "a node that isn't ready",
      {
        nodes: [
          {
            metadata: { name: "minikube" },
            status: { conditions: [{ type: "Ready", status: "Unknown" }] },
          },
        ],
      },
      "problem",
      "Node/minikube",
      /doctor/,
    ],
    [
      "a node short of disk",
      {
        nodes: [
          {
            metadata: { name: "minikube" },
            status: {
              conditions: [
                { type: "Ready", status: "True" },
                { type: "DiskPressure", status: "True" },
              ],
            },
          },
        ],
      },
      "problem",
      "Node/minikube",
      /free memory or disk/,
    ],
    [
      "a probe that failed lately",
      { events: [event(), event()] },
      "warning",
      "Pod/todo-app-backend-1",
      /logs/,
    ],
    [
      "an empty namespace",
      { pods: [], deployments: [], services: [], usage: [], release: undefined },
      "problem",
      "Namespace/todo-app",
      /npm run up/,
    ],
  ])("tell of %s", (_, change, severity, object, recommendation) => {
    expect(found(change)).toContainEqual({
      severity,
      object,
      what: expect.any(String),
      recommendation: expect.stringMatching(recommendation),
    });
  });

  it("count the events of a kind, and leave out old ones, gone pods and a start that ended well", () => {
    expect(found({ events: [event(), event()] })).toMatchObject([
      { what: expect.stringContaining("Unhealthy (8 times in the last hour)") },
    ]);
    expect(
      found({
        events: [
          event({ lastTimestamp: "2026-01-01T10:00:00Z" }),
          event({ involvedObject: { kind: "Pod", name: "gone" } }),
          event({ message: "Startup probe failed: connection refused" }),
          event({ type: "Normal" }),
        ],
      }),
    ).toEqual([]);
  });

  it("tell of containers without probes, requests or limits", () => {
    const bare = pod();
    bare.spec.containers = [{ name: "backend", image: "todo-backend:1" }];
    expect(found({ pods: [bare], usage: [] })).toMatchObject([
      {
        what: expect.stringMatching(/readiness probe.*liveness probe.*cpu requests.*memory limits/),
      },
    ]);
  });

  it("put problems first", () => {
    const findings = found({ events: [event()], endpointSlices: [] });
    expect(findings.map(({ severity }) => severity)).toEqual(["problem", "warning"]);
    expect(isHealthy(findings)).toBe(false);
    expect(isHealthy(found({ events: [event()] }))).toBe(true);
  });
});

describe("the report", () => {
  it("shows each pod with what it uses, asks for and may have", () => {
    const text = formatReport(healthy, [], new Redactor());
    expect(text).toContain("revision 3, deployed: chart todo-app-0.1.0, application 0.1.0");
    expect(text).toMatch(
      /todo-app-backend-1\s+1\/1 Running\s+0\s+100m \(250m, 500m\)\s+140Mi \(256Mi, 512Mi\)\s+todo-backend:0.1.0-abc/,
    );
    expect(text).toContain("healthy");
  });

  it("redacts what events tell", () => {
    const events = [event({ message: "dial postgresql://todo:hunter22pw@db/todo" })];
    const text = formatReport({ ...healthy, events }, found({ events }), new Redactor());
    expect(text).toContain("Unhealthy");
    expect(text).not.toContain("hunter22pw");
  });
});

describe("a snapshot", () => {
  const objects = [
    { kind: "Pod", ...pod() },
    { kind: "Deployment", ...deployment() },
  ];
  const common = [
    [/get pods,deployments/, { stdout: JSON.stringify({ items: objects }) }],
    [/get nodes/, { stdout: JSON.stringify({ items: healthy.nodes }) }],
    [/helm history/, { stdout: JSON.stringify([{ ...healthy.release, name: undefined }]) }],
  ] as const;

  it("takes what is used from the metrics server", async () => {
    const metrics = {
      items: [
        {
          metadata: { name: "todo-app-backend-1" },
          containers: [{ name: "backend", usage: { cpu: "2500000n", memory: "1024Ki" } }],
        },
      ],
    };
    const runner = new FakeRunner([
      ...common,
      [/metrics.k8s.io/, { stdout: JSON.stringify(metrics) }],
    ]);
    const snapshot = await takeSnapshot(scope, runner.run);
    expect(snapshot.usage).toEqual([
      { pod: "todo-app-backend-1", container: "backend", cpu: 0.0025, memory: MEBI },
    ]);
    expect(snapshot.release).toMatchObject({ name: "todo-app", revision: 3 });
    expect(snapshot.pods).toHaveLength(1);
    expect(runner.lines[0]).toContain("--context minikube --namespace todo-app");
  });

  it("takes it from the kubelets where there is no metrics server", async () => {
    const container = {
      name: "backend",
      cpu: { usageNanoCores: 2_000_000 },
      memory: { workingSetBytes: MEBI },
    };
    const summary = {
      pods: [
        { podRef: { name: "todo-app-backend-1", namespace: "todo-app" }, containers: [container] },
        { podRef: { name: "other", namespace: "kube-system" }, containers: [container] },
      ],
    };
    const runner = new FakeRunner([
      ...common,
      [/metrics.k8s.io/, { code: 1, stderr: "NotFound" }],
      [/nodes\/minikube\/proxy/, { stdout: JSON.stringify(summary) }],
    ]);
    expect((await takeSnapshot(scope, runner.run)).usage).toEqual([
      { pod: "todo-app-backend-1", container: "backend", cpu: 0.002, memory: MEBI },
    ]);
  });

  it("fails where the cluster doesn't answer, rather than find nothing", async () => {
    const runner = new FakeRunner([[/get pods/, { code: 1, stderr: "connection refused" }]]);
    await expect(takeSnapshot(scope, runner.run)).rejects.toThrow(/can't be told.*refused/);
  });
});

describe("a quantity", () => {
  it.each([
    ["250m", 0.25],
    ["1", 1],
    ["1.5", 1.5],
    ["512Mi", 512 * MEBI],
    ["1Gi", 1024 * MEBI],
    ["100M", 1e8],
    ["5n", 5e-9],
    ["", undefined],
    [undefined, undefined],
    ["many", undefined],
    ["5Xi", undefined],
  ])("%j is %j", (text, expected) => {
    const number = quantity(text);
    if (expected === undefined) expect(number).toBeUndefined();
    else expect(number).toBeCloseTo(expected, 12);
  });
});
