import { type Finding, findingsOf } from "../../../../ops/health/findings";
import type { KubernetesEvent, Node, Service, Snapshot } from "../../../../ops/health/snapshot";
import { container, deployment, event, healthy, MEBI, NOW, pod } from "./samples";

const found = (change: Partial<Snapshot>): Finding[] => findingsOf({ ...healthy, ...change }, NOW);
/** What is found, as it is shown: severity, object and text. */
const told = (change: Partial<Snapshot>): string[] =>
  found(change).map(({ severity, object, what }) => `${severity} ${object}: ${what}`);
const ago = (ms: number): string => new Date(NOW - ms).toISOString();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const POD = "Pod/todo-app-backend-1";

describe("of nodes", () => {
  const node = (name: string, conditions: Node["status"]["conditions"], spec = {}): Node => ({
    ...{ metadata: { name }, status: { conditions }, spec },
  });
  const READY = { type: "Ready", status: "True" };

  it("each that is ill is named with what ails it, and the healthy ones aren't", () => {
    const nodes = [
      node("a", [READY, { type: "MemoryPressure", status: "False" }]),
      node("b", [{ type: "Ready", status: "False", message: "kubelet stopped" }]),
      node("c", [READY, { type: "PIDPressure", status: "True" }]),
      node("d", [READY, { type: "NetworkUnavailable", status: "True" }]),
    ];
    expect(found({ nodes })).toEqual([
      {
        ...{ severity: "problem", object: "Node/b", what: "is not ready: kubelet stopped" },
        recommendation: "npm run doctor; minikube logs",
      },
      {
        ...{ severity: "problem", object: "Node/c", what: "has PIDPressure" },
        recommendation: expect.stringMatching(/^free memory or disk/),
      },
    ]);
  });

  it("that doesn't say why isn't ready, and that is all", () => {
    const nodes = [node("b", [{ type: "Ready", status: "Unknown" }])];
    expect(told({ nodes })).toEqual(["problem Node/b: is not ready: "]);
  });

  it("one that is cordoned takes no new pods, one that isn't does", () => {
    const nodes = [
      node("a", [READY], { unschedulable: true }),
      node("b", [READY], { unschedulable: false }),
    ];
    expect(found({ nodes })).toEqual([
      {
        ...{ severity: "warning", object: "Node/a", what: "takes no new pods" },
        recommendation: "kubectl uncordon a",
      },
    ]);
  });
});

describe("of the release", () => {
  const release = (status: string) => ({
    release: { ...(healthy.release as NonNullable<Snapshot["release"]>), status },
  });

  it("one that failed is released again, one that hangs is unlocked", () => {
    expect(found(release("failed"))).toEqual([
      {
        ...{ severity: "problem", object: "Release/todo-app", what: "revision 3 is failed" },
        recommendation: "npm run up",
      },
    ]);
    expect(found(release("pending-install"))).toMatchObject([{ recommendation: "npm run unlock" }]);
  });

  it("pods without one are told, an empty namespace isn't twice", () => {
    expect(told({ release: undefined })).toEqual([
      "warning Release: Helm knows of no release here",
    ]);
    const nothing = { pods: [], deployments: [], services: [], usage: [] };
    expect(told({ ...nothing, release: undefined })).toEqual([
      "problem Namespace/todo-app: nothing is deployed",
    ]);
  });

  it("a namespace with pods alone, or Deployments alone, isn't empty", () => {
    expect(told({ deployments: [] })).toEqual([]);
    expect(told({ pods: [], usage: [] })).toEqual([]);
  });

  it("a chart's version with build metadata is the one of its label", () => {
    const { release } = healthy;
    const labels = { "helm.sh/chart": "todo-app-0.1.0_build" };
    const metadata = { name: "todo-app-backend", labels };
    const deployments = [deployment({ metadata })];
    const chart = "todo-app-0.1.0+build";
    expect(told({ deployments, release: release && { ...release, chart } })).toEqual([]);
    expect(told({ deployments })).toEqual([
      "warning Deployment/todo-app-backend: is of chart todo-app-0.1.0_build, and the release of todo-app-0.1.0",
    ]);
    expect(told({ deployments: [deployment({ metadata: { name: "x" } })] })).toEqual([]);
    expect(told({ deployments, release: undefined })).toEqual([
      "warning Release: Helm knows of no release here",
    ]);
  });
});

describe("of Deployments", () => {
  const one = (spec: object, status: object): string[] =>
    told({ deployments: [deployment({ spec, status })] });

  it("some pods are a warning, none is a problem, all are nothing", () => {
    expect(one({ replicas: 2 }, { readyReplicas: 1 })).toEqual([
      "warning Deployment/todo-app-backend: 1 of 2 pods are ready",
    ]);
    expect(one({ replicas: 2 }, {})).toEqual([
      "problem Deployment/todo-app-backend: 0 of 2 pods are ready",
    ]);
    expect(one({ replicas: 2 }, { readyReplicas: 2 })).toEqual([]);
    expect(one({ replicas: 2 }, { readyReplicas: 3 })).toEqual([]);
  });

  it("one that doesn't say how many wants one", () => {
    expect(one({}, { readyReplicas: 1 })).toEqual([]);
    expect(one({}, {})).toEqual(["problem Deployment/todo-app-backend: 0 of 1 pods are ready"]);
  });

  it("one that is paused is told with the command that resumes it", () => {
    const deployments = [deployment({ spec: { replicas: 1, paused: true } })];
    expect(found({ deployments })).toEqual([
      {
        ...{ severity: "warning", object: "Deployment/todo-app-backend" },
        what: "its rollout is paused",
        recommendation: "kubectl rollout resume deployment/todo-app-backend",
      },
    ]);
  });

  it("a stuck one says why: by its message, else by its reason", () => {
    const stuck = (words: object) =>
      one(
        {},
        { readyReplicas: 1, conditions: [{ type: "Progressing", status: "False", ...words }] },
      );
    const object = "problem Deployment/todo-app-backend";
    expect(stuck({ message: "timed out", reason: "Deadline" })).toEqual([
      `${object}: its rollout is stuck: timed out`,
    ]);
    expect(stuck({ reason: "Deadline" })).toEqual([`${object}: its rollout is stuck: Deadline`]);
    expect(stuck({})).toEqual([`${object}: its rollout is stuck: `]);
  });

  it("one that goes on, or isn't available for now, isn't stuck", () => {
    const conditions = [
      { type: "Available", status: "False" },
      { type: "Progressing", status: "True" },
    ];
    expect(one({}, { readyReplicas: 1, conditions })).toEqual([]);
  });

  it("each of several is looked at", () => {
    const front = { name: "todo-app-frontend" };
    const deployments = [deployment(), deployment({ metadata: front, status: {} })];
    expect(told({ deployments })).toEqual([
      "problem Deployment/todo-app-frontend: 0 of 1 pods are ready",
    ]);
  });
});

describe("of pods", () => {
  const one = (status: object, metadata: object = {}): string[] => {
    const sample = pod(status);
    return told({ pods: [{ ...sample, metadata: { ...sample.metadata, ...metadata } }] });
  };
  const unready = { containerStatuses: [container({ ready: false })] };

  it("that go, or ended well, nothing is asked any more", () => {
    expect(one(unready, { deletionTimestamp: "2026-01-01T11:59:00Z" })).toEqual([]);
    expect(one({ ...unready, phase: "Succeeded" })).toEqual([]);
  });

  it("one that runs has a minute to become ready", () => {
    expect(one(unready, { creationTimestamp: ago(MINUTE) })).toEqual([]);
    expect(one(unready, { creationTimestamp: ago(MINUTE + 1000) })).toEqual([
      `problem ${POD}: backend runs but isn't ready`,
    ]);
  });

  it("the container that isn't ready is named, of several", () => {
    const second = container({ name: "proxy", ready: false });
    expect(one({ containerStatuses: [container({}), second] })).toEqual([
      `problem ${POD}: proxy runs but isn't ready`,
    ]);
  });

  it("what is known of a container takes the place of its being unready", () => {
    const crashed = container({ ready: false, restartCount: 1 });
    expect(one({ containerStatuses: [crashed] })).toEqual([
      `hint ${POD}: backend restarted 1 time`,
    ]);
  });

  it("one that no node takes says why, if anybody knows", () => {
    const unscheduled = (words: object) => ({
      ...{ phase: "Pending", containerStatuses: undefined },
      conditions: [
        { type: "PodScheduled", status: "False", ...words },
        { type: "Ready", status: "False" },
      ],
    });
    expect(one(unscheduled({ message: "Insufficient cpu" }))).toEqual([
      `problem ${POD}: no node takes it: Insufficient cpu`,
    ]);
    expect(one(unscheduled({}))).toEqual([`problem ${POD}: no node takes it: `]);
    const waits = [{ type: "Initialized", status: "False" }];
    expect(one({ phase: "Pending", containerStatuses: [], conditions: waits })).toEqual([]);
  });
});

describe("of containers", () => {
  const one = (status: object): Finding[] =>
    found({ pods: [pod({ containerStatuses: [container(status)] })] });
  const waits = { ready: false, state: { waiting: { reason: "CrashLoopBackOff" } } };

  it("one that crashes tells its last exit code, the reason where it is more than Error, and how often", () => {
    const last = (terminated: object) => ({ ...waits, restartCount: 2, lastState: { terminated } });
    expect(one(last({ exitCode: 137, reason: "OOMKilled" }))).toEqual([
      {
        ...{ severity: "problem", object: POD },
        what: "backend: CrashLoopBackOff, last exit code 137 (OOMKilled), 2 restarts",
        recommendation: "raise its memory limit, or find the leak",
      },
    ]);
    expect(one(last({ exitCode: 1, reason: "Error" }))).toEqual([
      {
        ...{ severity: "problem", object: POD },
        what: "backend: CrashLoopBackOff, last exit code 1, 2 restarts",
        recommendation:
          "read its last words: kubectl logs todo-app-backend-1 --container backend --previous",
      },
    ]);
    expect(one(last({ exitCode: 1 }))).toMatchObject([{ what: expect.not.stringContaining("(") }]);
  });

  it("one that waits for the first time has no restarts to tell", () => {
    expect(one(waits)).toMatchObject([{ what: "backend: CrashLoopBackOff" }]);
  });

  it("one that is being made isn't told", () => {
    const making = { ready: false, state: { waiting: { reason: "ContainerCreating" } } };
    expect(one(making)).toEqual([]);
    expect(one({ ready: false, state: { waiting: {} } })).toEqual([]);
  });

  it("one that ended by an error is told, one that ended well isn't", () => {
    const ended = (exitCode: number) => ({ ready: false, state: { terminated: { exitCode } } });
    expect(one({ ...ended(3), restartCount: 1 })).toEqual([
      {
        ...{ severity: "problem", object: POD, recommendation: "npm run logs" },
        what: "backend ended with exit code 3, 1 restarts",
      },
    ]);
    expect(one(ended(0))).toEqual([]);
  });

  it("restarts are a hint, and from the third on a warning", () => {
    const lastState = { terminated: { exitCode: 1 } };
    expect(one({ restartCount: 2, lastState })).toEqual([
      {
        ...{ severity: "hint", object: POD },
        what: "backend restarted 2 times, last by exit code 1",
        recommendation:
          "read the last words of the one before: kubectl logs todo-app-backend-1 --container backend --previous",
      },
    ]);
    expect(one({ restartCount: 3, lastState })).toMatchObject([{ severity: "warning" }]);
    const killed = { terminated: { exitCode: 137, reason: "OOMKilled" } };
    expect(one({ restartCount: 1, lastState: killed })).toMatchObject([
      {
        what: "backend restarted 1 time, last by exit code 137 (OOMKilled)",
        recommendation: "raise its memory limit, or find the leak",
      },
    ]);
  });

  it("those that prepare a pod are looked at too", () => {
    const prepares = container({ name: "migrate", ...waits });
    expect(
      told({ pods: [pod({ initContainerStatuses: [prepares], containerStatuses: [] })] }),
    ).toEqual([`problem ${POD}: migrate: CrashLoopBackOff`]);
  });

  it("what one lacks is named, and nothing else", () => {
    const sample = pod();
    const [first] = sample.spec.containers;
    const lacks = (change: object) =>
      told({
        pods: [
          {
            ...sample,
            spec: { containers: [{ ...first, ...change } as NonNullable<typeof first>] },
          },
        ],
        usage: [],
      });
    expect(lacks({ readinessProbe: undefined })).toEqual([
      `warning ${POD}: backend has no readiness probe`,
    ]);
    expect(lacks({ livenessProbe: undefined })).toEqual([
      `warning ${POD}: backend has no liveness probe`,
    ]);
    const resources = { requests: { cpu: "1" }, limits: { memory: "1Gi" } };
    expect(lacks({ resources })).toEqual([
      `warning ${POD}: backend has no memory requests, no cpu limits`,
    ]);
    expect(lacks({ resources: undefined })).toEqual([
      `warning ${POD}: backend has no cpu requests, no memory requests, no cpu limits, no memory limits`,
    ]);
  });

  it.each(["registry:5000/todo-backend@sha256:abc", "todo-backend:latest-1", "a/b:1"])(
    "%s names a version",
    (image) => {
      expect(told({ pods: [pod({}, image)] })).toEqual([]);
    },
  );
});

describe("of versions", () => {
  const of = (version: string | undefined, more: object = {}) => {
    const sample = pod();
    const labels = version === undefined ? undefined : { "app.kubernetes.io/version": version };
    return { ...sample, metadata: { ...sample.metadata, labels, ...more } } as typeof sample;
  };

  it("two side by side are told in order", () => {
    expect(told({ pods: [of("0.2.0"), of("0.1.0"), of("0.2.0")] })).toEqual([
      "warning Release: pods of versions 0.1.0 and 0.2.0 run side by side",
    ]);
  });

  it("pods that go, and pods without one, don't count", () => {
    const going = of("0.2.0", { deletionTimestamp: ago(1000) });
    expect(told({ pods: [of("0.1.0"), going, of(undefined)] })).toEqual([]);
  });
});

describe("of Services", () => {
  const slice = (service: string, endpoints: Snapshot["endpointSlices"][0]["endpoints"]) => ({
    metadata: { labels: { "kubernetes.io/service-name": service } },
    ...(endpoints === undefined ? {} : { endpoints }),
  });
  const NONE = "problem Service/todo-app-backend: no ready pod stands behind it";

  it("only its own ready pods stand behind one", () => {
    const ready = [{ conditions: { ready: true } }];
    const unready = [{ conditions: { ready: false } }];
    expect(told({ endpointSlices: [slice("todo-app-backend", unready)] })).toEqual([NONE]);
    expect(told({ endpointSlices: [slice("other", ready)] })).toEqual([NONE]);
    expect(told({ endpointSlices: [slice("todo-app-backend", null)] })).toEqual([NONE]);
    expect(told({ endpointSlices: [{ metadata: {} }] })).toEqual([NONE]);
    const several = [slice("todo-app-backend", unready), slice("todo-app-backend", ready)];
    expect(told({ endpointSlices: several })).toEqual([]);
  });

  it("a pod whose state isn't told is taken for ready", () => {
    expect(told({ endpointSlices: [slice("todo-app-backend", [{}])] })).toEqual([]);
  });

  it("one without a selector has its ends elsewhere", () => {
    const services: Service[] = [
      { metadata: { name: "elsewhere" }, spec: { type: "ExternalName" } },
    ];
    expect(told({ services })).toEqual([]);
  });

  it("a balancer with an address has nothing to tell, nor has a Service without one", () => {
    const service = (type: string, status?: Service["status"]): Service => ({
      ...{ metadata: { name: "todo-app-backend" }, spec: { selector: { a: "b" }, type } },
      ...(status ? { status } : {}),
    });
    const given = { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } };
    expect(told({ services: [service("LoadBalancer", given)] })).toEqual([]);
    expect(told({ services: [service("NodePort")] })).toEqual([]);
    const lacking = ["problem Service/todo-app-backend: has no address from a load balancer"];
    expect(told({ services: [service("LoadBalancer")] })).toEqual(lacking);
    expect(told({ services: [service("LoadBalancer", { loadBalancer: {} })] })).toEqual(lacking);
  });
});

describe("of what is used", () => {
  const uses = (cpu: number, memory: number, of: object = {}): string[] =>
    told({
      usage: [
        { pod: "todo-app-backend-1", container: "backend", cpu, memory: memory * MEBI, ...of },
      ],
    });

  it("nine tenths of a limit are nearly all", () => {
    expect(uses(0.45, 0.9 * 512)).toEqual([
      `warning ${POD}: backend uses 461Mi of 512Mi memory`,
      `warning ${POD}: backend uses 450m of 500m CPU: it is held back`,
    ]);
    expect(uses(0.449, 460)).toEqual([]);
  });

  it("less than a fifth of a request is hardly any", () => {
    expect(uses(0.1, 0.2 * 256)).toEqual([]);
    expect(uses(0.1, 51)).toEqual([
      `hint ${POD}: backend uses 51Mi of the 256Mi memory that it requests`,
    ]);
  });

  it("nothing at all is a figure that isn't known yet", () => {
    expect(uses(0, 0)).toEqual([]);
  });

  it("what nobody knows, or has no limits, isn't judged", () => {
    expect(uses(9, 9000, { container: "other" })).toEqual([]);
    expect(uses(9, 9000, { pod: "other" })).toEqual([]);
    const free = pod();
    const [first] = free.spec.containers;
    if (first) delete first.resources;
    const usage = [{ pod: "todo-app-backend-1", container: "backend", cpu: 9, memory: 1 }];
    expect(told({ pods: [free], usage }).filter((line) => line.includes(" uses "))).toEqual([]);
  });
});

describe("of events", () => {
  const of = (...events: Partial<KubernetesEvent>[]): Finding[] =>
    found({ events: events.map(event) });

  it("an hour ago is the last that counts", () => {
    expect(of({ lastTimestamp: ago(HOUR) })).toHaveLength(1);
    expect(of({ lastTimestamp: ago(HOUR + 1000) })).toEqual([]);
  });

  it("the last time counts, else the time, else when it was made", () => {
    expect(of({ lastTimestamp: null, eventTime: ago(2 * HOUR) })).toEqual([]);
    expect(of({ lastTimestamp: null, eventTime: ago(MINUTE) })).toHaveLength(1);
    expect(of({ lastTimestamp: null, eventTime: null })).toHaveLength(1);
    const metadata = { creationTimestamp: ago(2 * HOUR) };
    expect(of({ lastTimestamp: null, metadata })).toEqual([]);
    expect(of({ metadata })).toHaveLength(1);
  });

  it("each object's and reason's are counted for themselves", () => {
    const node = { involvedObject: { kind: "Node", name: "minikube" } };
    const events = of({ count: 1 }, { count: 1, reason: "BackOff" }, { ...node, count: 1 }, node);
    expect(events.map(({ object, what }) => `${object}: ${what.split(":")[0]}`)).toEqual([
      `${POD}: Unhealthy`,
      `${POD}: BackOff`,
      "Node/minikube: Unhealthy (5 times in the last hour)",
    ]);
  });

  it("a series counts before a count, and one without either is one", () => {
    expect(of({ series: { count: 7 } })[0]?.what).toContain("(7 times");
    const { count: _, ...once } = event();
    expect(found({ events: [once] })[0]?.what).toMatch(/^Unhealthy: /);
    expect(found({ events: [once, once] })[0]?.what).toContain("(2 times");
  });

  it("a probe's failure sends to the logs, anything else to the object", () => {
    expect(of({})[0]?.recommendation).toBe("see its logs for what it was doing then");
    expect(of({ reason: "BackOff" })[0]?.recommendation).toBe(
      "kubectl describe pod todo-app-backend-1",
    );
  });

  it("a start that fails still is told: the pod isn't ready", () => {
    const message = "Startup probe failed: connection refused";
    const starting = pod({ conditions: [{ type: "Ready", status: "False" }] });
    expect(told({ pods: [starting], events: [event({ message })] })).toHaveLength(1);
    const { conditions: _, ...silent } = pod().status;
    const unknown = { ...pod(), status: silent };
    expect(told({ pods: [unknown], events: [event({ message })] })).toHaveLength(1);
    expect(of({ message: `Back-off. ${message}` })).toHaveLength(1);
  });

  it("a long message is one line, cut", () => {
    const [finding] = of({ count: 1, message: `a\n\n  b ${"x".repeat(400)} ` });
    expect(finding?.what).toBe(`Unhealthy: a b ${"x".repeat(236)}`);
  });
});

it("the worst come first: problems, warnings, hints", () => {
  const restarted = pod({ containerStatuses: [container({ restartCount: 1 })] });
  const deployments = [deployment({ spec: { paused: true } })];
  expect(
    found({ pods: [restarted], deployments, endpointSlices: [] }).map(({ severity }) => severity),
  ).toEqual(["problem", "warning", "hint"]);
});
