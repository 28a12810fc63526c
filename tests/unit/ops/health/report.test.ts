import { formatReport } from "../../../../ops/health/report";
import type { Snapshot } from "../../../../ops/health/snapshot";
import { Redactor } from "../../../../ops/redact";
import { container, healthy, pod } from "./samples";

const lines = (change: Partial<Snapshot> = {}, findings: Parameters<typeof formatReport>[1] = []) =>
  formatReport({ ...healthy, ...change }, findings, new Redactor()).split("\n");
const row = (change: Partial<Snapshot>): string[] =>
  (lines(change).find((line) => line.startsWith("todo-app-backend-1")) ?? "").split(/ {2,}/);

test("a healthy stack is told in full", () => {
  expect(lines()).toEqual([
    "release todo-app revision 3, deployed: chart todo-app-0.1.0, application 0.1.0",
    "node minikube: ready",
    "",
    "POD                 READY        RESTARTS  CPU (request, limit)  MEMORY (request, limit)  IMAGE",
    "todo-app-backend-1  1/1 Running  0         100m (250m, 500m)     140Mi (256Mi, 512Mi)     todo-backend:0.1.0-abc",
    "",
    "✓ healthy: nothing to do",
  ]);
});

test("a stack without a release says so", () => {
  expect(lines({ release: undefined })[0]).toBe("no release");
});

test("each node is ready or not, by that condition alone", () => {
  const node = (name: string, ...conditions: [string, string][]) => ({
    metadata: { name },
    status: { conditions: conditions.map(([type, status]) => ({ type, status })) },
  });
  const nodes = [
    node("a", ["MemoryPressure", "True"], ["Ready", "False"]),
    node("b", ["MemoryPressure", "False"], ["Ready", "True"]),
  ];
  expect(lines({ nodes }).slice(1, 3)).toEqual(["node a: not ready", "node b: ready"]);
});

test("findings follow the table, each with its mark and what to do, instead of the all clear", () => {
  const of = (severity: "problem" | "warning" | "hint") => ({
    ...{ severity, object: `Pod/${severity}`, what: "is ill", recommendation: "mend it" },
  });
  expect(lines({}, [of("problem"), of("warning"), of("hint")]).slice(6)).toEqual([
    ...["✗ Pod/problem: is ill", "    → mend it"],
    ...["! Pod/warning: is ill", "    → mend it"],
    ...["· Pod/hint: is ill", "    → mend it"],
  ]);
});

test("where nobody tells what is used, the report says so", () => {
  const text = lines({ usage: [] });
  expect(text.slice(-3)).toEqual([
    "✓ healthy: nothing to do",
    "",
    "what is used isn't known: neither a metrics server nor a kubelet tells",
  ]);
  expect(row({ usage: [] }).slice(3, 5)).toEqual(["? (250m, 500m)", "? (256Mi, 512Mi)"]);
});

describe("a pod's row", () => {
  test("counts the ready containers and all their restarts", () => {
    const containerStatuses = [
      container({ restartCount: 2 }),
      container({ name: "proxy", ready: false, restartCount: 1 }),
    ];
    const sample = pod({ containerStatuses });
    const containers = [...sample.spec.containers, ...sample.spec.containers];
    const pods = [{ ...sample, spec: { containers } }];
    expect(row({ pods }).slice(1, 3)).toEqual(["1/2 Running", "3"]);
  });

  test("says that one is going", () => {
    const sample = pod();
    const metadata = { ...sample.metadata, deletionTimestamp: "2026-01-01T12:00:00Z" };
    expect(row({ pods: [{ ...sample, metadata }] })[1]).toBe("ending");
  });

  test("says nothing of what isn't known yet", () => {
    const sample = pod({ phase: "Pending" });
    delete sample.status.containerStatuses;
    const [first] = sample.spec.containers;
    if (first) delete first.resources;
    expect(row({ pods: [sample], usage: [] })).toEqual([
      ...["todo-app-backend-1", "0/1 Pending", "0", "? (-, -)", "? (-, -)"],
      "todo-backend:0.1.0-abc",
    ]);
  });

  test("shows what its own container uses, not another one's", () => {
    const other = { pod: "todo-app-backend-1", container: "proxy", cpu: 9, memory: 9 };
    const stranger = { pod: "todo-app-backend-2", container: "backend", cpu: 8, memory: 8 };
    expect(row({ usage: [other, stranger, ...healthy.usage] })[3]).toBe("100m (250m, 500m)");
  });

  test("leaves Docker Hub's address out of an image's name", () => {
    expect(row({ pods: [pod({}, "docker.io/library/todo-backend:1")] })[5]).toBe("todo-backend:1");
  });
});
