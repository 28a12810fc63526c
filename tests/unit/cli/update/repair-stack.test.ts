import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Session } from "../../../../cli/session/session";
import { ROOT } from "../../../../cli/session/workspace";
import { inspectDamage, isPulumi, releaseLocks, repairStack } from "../../../../cli/update/repair";
import { isRunning, listProcesses, type Process } from "../../../../common/processes";
import { run } from "../../../../common/run";
import { STATE_FOLDER } from "../../../../components/record/state-folder";

jest.mock("../../../../common/run", () => ({
  ...jest.requireActual<object>("../../../../common/run"),
  run: jest.fn(),
}));
jest.mock("../../../../common/processes", () => ({
  isRunning: jest.fn(),
  listProcesses: jest.fn(),
}));

// A stack that nobody has: its locks are files in this clone's own folder.
const STACK = `repair-${process.pid}`;
const LOCKS = join(ROOT, STATE_FOLDER, ".pulumi/locks/organization/todo-app", STACK);
const [DEAD, ALIVE] = [11, 12];
const BY = { username: "ada", timestamp: "2026-01-02T03:04:05Z" };
const STATE = {
  resources: ["Namespace", "Secret"].map((kind) => ({
    ...{ urn: `urn::${kind}`, type: `kubernetes:core/v1:${kind}` },
  })),
};
const record = (version: number, status: string, name = "todo-app", owner = "helm") => ({
  kind: "Secret",
  metadata: { name: `v${version}`, labels: { owner, name, version: String(version), status } },
});
const SECRET = { kind: "Secret", metadata: { name: "todo-app-secrets" } };

let there: { objects: object[]; state: object; answers: boolean; history: object[] };
let done: string[];

const session = {
  stack: STACK,
  settings: { kubeContext: "far", delivery: {}, rolloutTimeoutSeconds: 180 },
  tools: { env: { PULUMI_HOME: "/cache/pulumi-home" } },
  cluster: {
    namespace: "shop",
    answers: async () => there.answers,
    try: async (args: readonly string[]) => {
      if (!there.answers) return { code: 1, stdout: "", stderr: "connection refused" };
      const stdout = args.includes("namespace")
        ? "namespace/shop"
        : JSON.stringify({ items: there.objects });
      return { code: 0, stdout, stderr: "" };
    },
  },
  pulumi: {
    state: async () => there.state,
    quiet: async (args: readonly string[]) => void done.push(["pulumi", ...args].join(" ")),
  },
} as unknown as Session;

function lock(pid: number, host = hostname()): void {
  mkdirSync(LOCKS, { recursive: true });
  writeFileSync(join(LOCKS, `${pid}.json`), JSON.stringify({ ...BY, pid, hostname: host }));
}

/** These are the processes of this machine. */
function runs(...processes: Process[]): void {
  jest.mocked(listProcesses).mockReturnValue(processes);
}

beforeEach(() => {
  there = { objects: [SECRET], state: STATE, answers: true, history: [] };
  done = [];
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jest.mocked(isRunning).mockReturnValue(false);
  runs({ pid: ALIVE, parent: 1, command: "/bin/pulumi up" });
  jest.mocked(run).mockImplementation(async (command, args) => {
    if (args[0] === "history") return JSON.stringify(there.history);
    done.push([command, ...args].join(" "));
    return "";
  });
});
afterEach(() => {
  rmSync(LOCKS, { recursive: true, force: true });
  jest.restoreAllMocks();
});

const HELM = "--namespace shop --kube-context far";
const REFRESH = "pulumi refresh --yes --skip-preview --clear-pending-creates";

describe("a stack that nothing has happened to", () => {
  test("is left as it is", async () => {
    expect(await repairStack(session)).toEqual([]);
    expect(done).toEqual([]);
  });

  test("has no damage", async () => {
    expect(await inspectDamage(session)).toEqual({
      ...{ staleLocks: [], liveLocks: [], pendingRelease: undefined, pendingOperations: 0 },
      vanished: [],
    });
  });
});

describe("a lock", () => {
  test("of a process that has ended is released", async () => {
    lock(DEAD);
    expect(await repairStack(session)).toEqual(["Pulumi's lock is released"]);
    expect(done).toEqual(["pulumi cancel --yes"]);
  });

  test("of an update that is under way is respected, whoever else has left one", async () => {
    lock(DEAD);
    lock(ALIVE);
    expect(await inspectDamage(session)).toMatchObject({
      ...{ staleLocks: [{ pid: DEAD }], liveLocks: [{ pid: ALIVE }] },
    });
    await expect(repairStack(session)).rejects.toMatchObject({
      what: `stack "${STACK}" is being updated`,
      why: "process 12 of ada has worked on it since 2026-01-02T03:04:05Z",
      next: "wait for it, or end it with Ctrl-C",
    });
    await expect(releaseLocks(session)).rejects.toMatchObject({
      what: `stack "${STACK}" is being updated`,
    });
    expect(done).toEqual([]);
  });

  test("of another machine can't be looked at: it is released by force alone", async () => {
    lock(DEAD, "elsewhere");
    await expect(releaseLocks(session)).rejects.toMatchObject({
      why: "process 11 of ada on elsewhere has worked on it since 2026-01-02T03:04:05Z",
      next: expect.stringContaining(`npm run unlock -- --stack ${STACK} --force`),
    });
    await releaseLocks(session, true);
    expect(done).toEqual(["pulumi cancel --yes"]);
  });

  test("that isn't there isn't released", async () => {
    await releaseLocks(session);
    expect(done).toEqual([]);
  });
});

describe("whether a process is Pulumi", () => {
  test.each(["pulumi up", "/usr/bin/pulumi"])("%j is", (command) => {
    runs({ pid: 7, parent: 1, command });
    expect(isPulumi(7)).toBe(true);
  });
  test.each(["", "vim pulumi.md", "pulumi-resource-docker 1"])("%j isn't", (command) => {
    runs({ pid: 7, parent: 1, command });
    expect(isPulumi(7)).toBe(false);
  });
  test.each([true, false])("is what is known of one that can't be looked at: it runs, %s", (is) => {
    runs();
    jest.mocked(isRunning).mockReturnValue(is); // so that nobody's update is broken into
    expect(isPulumi(7)).toBe(is);
  });
});

describe("a Helm release that is pending", () => {
  test("goes back to its last good revision, and Pulumi's state is compared", async () => {
    there.objects = [SECRET, record(10, "pending-upgrade"), record(9, "superseded")];
    there.history = [
      { revision: 7, status: "superseded" },
      { revision: 8, status: "deployed" },
      { revision: 9, status: "failed" },
      { revision: 10, status: "pending-upgrade" },
    ];
    expect(await repairStack(session)).toEqual([
      "the Helm release, pending-upgrade, goes back to its last good revision",
      "Pulumi's state is compared with the cluster",
    ]);
    expect(done).toEqual([`helm rollback todo-app 8 --wait --timeout 120s ${HELM}`, REFRESH]);
  });

  test("is taken away where it never had a good one", async () => {
    there.objects = [SECRET, record(1, "pending-install")];
    there.history = [{ revision: 1, status: "pending-install" }];
    await repairStack(session);
    expect(done).toEqual([`helm uninstall todo-app --wait --timeout 60s ${HELM}`, REFRESH]);
  });

  test.each([
    ["an older revision of it", [record(9, "pending-upgrade"), record(10, "deployed")]],
    ["another release", [record(1, "pending-install", "another")]],
    ["another tool's", [record(1, "pending-install", "todo-app", "somebody")]],
  ])("is none where that is %s", async (_, records) => {
    there.objects = [SECRET, ...records];
    expect((await inspectDamage(session)).pendingRelease).toBeUndefined();
  });
});

describe("Pulumi's state is compared with the cluster", () => {
  test("where an operation has no known end", async () => {
    there.state = { ...STATE, pending_operations: [{}] };
    expect(await repairStack(session)).toEqual(["Pulumi's state is compared with the cluster"]);
    expect(done).toEqual([REFRESH]);
  });

  test("where something has vanished, which is named", async () => {
    there.objects = [];
    expect(await repairStack(session)).toEqual([
      "Pulumi's state is compared with the cluster (Secret todo-app-secrets is gone)",
    ]);
  });
});

describe("what a killed update has left running", () => {
  const orphan = {
    ...{ pid: 77, parent: 1 },
    command: "/cache/pulumi-home/plugins/a/pulumi-resource-docker 127.0.0.1:1",
  };
  let killed: (readonly [number, unknown])[];
  beforeEach(() => {
    killed = [];
    jest.spyOn(process, "kill").mockImplementation((pid, signal) => {
      killed.push([pid, signal]);
      return true;
    });
  });

  test("is ended before the lock is released", async () => {
    lock(DEAD);
    runs(orphan);
    expect(await repairStack(session)).toEqual([
      "what the killed update had begun comes to its end",
      "Pulumi's lock is released",
    ]);
    expect(killed).toEqual([[77, "SIGKILL"]]);
  });

  test("may finish its rollout first", async () => {
    lock(DEAD);
    runs(orphan);
    there.objects = [SECRET, record(2, "pending-upgrade")];
    const ended = setTimeout(() => {
      expect(killed).toEqual([]);
      there.objects = [SECRET, record(2, "deployed")];
    }, 50);
    expect(await repairStack(session)).toEqual([
      "what the killed update had begun comes to its end",
      "Pulumi's lock is released",
      "Pulumi's state is compared with the cluster",
    ]);
    clearTimeout(ended);
    expect(killed).toEqual([[77, "SIGKILL"]]);
  });

  test("is another stack's where this one has no lock", async () => {
    runs(orphan);
    await repairStack(session);
    expect(killed).toEqual([]);
  });
});

test("a cluster that doesn't answer is told, and nothing is repaired", async () => {
  there.answers = false;
  lock(DEAD);
  await expect(repairStack(session)).rejects.toMatchObject({
    what: `the cluster of context "far" doesn't answer`,
  });
  expect(done).toEqual([]);
});
