import { EventEmitter } from "node:events";
import { main } from "../../../../cli/main";
import type { Pod } from "../../../../cli/session/cluster";
import type { UserError } from "../../../../common/errors";
import "../../../../cli/commands/logs";

/** A kubectl that writes a log until it ends. */
class FakeKubectl extends EventEmitter {
  constructor(readonly line: string) {
    super();
  }

  readonly kill = jest.fn(() => this.end(null, "SIGTERM"));

  end(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.emit("close", code, signal);
  }
}

let kubectls: FakeKubectl[];
let exits: number | undefined;
let pods: Pod[];
let answers: boolean;
let mayList = true;
const denial = (): string => (answers ? 'pods is forbidden: User "ada"' : "connection refused");
const selectors: string[] = [];

jest.mock("node:child_process", () => ({
  ...jest.requireActual<object>("node:child_process"),
  spawn: (command: string, args: readonly string[]) => {
    const child = new FakeKubectl([command, ...args].join(" "));
    kubectls.push(child);
    if (exits !== undefined) setImmediate((code) => child.end(code), exits);
    return child;
  },
}));
jest.mock("node:timers/promises", () => ({
  ...jest.requireActual<object>("node:timers/promises"),
  setTimeout: () => new Promise((resolve) => setImmediate(resolve)),
}));
jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/session", () => ({
  openSession: async (stack: string) => ({
    ...{ stack, settings: { kubeContext: "minikube", delivery: { kind: "minikube" } } },
    tools: { env: {} },
    cluster: {
      namespace: "todo-app",
      arguments: ["--context", "minikube", "--namespace", "todo-app"],
      answers: async () => answers,
      try: async () => ({ code: answers && mayList ? 0 : 1, stdout: "", stderr: denial() }),
      list: async (_kind: string, _flag: string, selector: string) => {
        selectors.push(selector);
        return pods;
      },
    },
  }),
}));

const [, , , work] = jest.mocked(main).mock.lastCall ?? [];

type State = "running" | "terminated" | "waiting";

function pod(name: string, id: string | undefined, state: State = "running"): Pod {
  const status = {
    ...{ name: "backend", ready: true, restartCount: 0, image: "todo-backend:1" },
    state: { [state]: state === "waiting" ? { reason: "ImagePullBackOff" } : {} },
    ...(id ? { containerID: `containerd://${id}` } : {}),
  };
  return {
    metadata: { name, creationTimestamp: "" },
    status: { phase: "Running", containerStatuses: [status] },
  };
}

function logs(options: Readonly<Record<string, string | true>> = {}): Promise<number | undefined> {
  const option = (flag: string): string | undefined => {
    const value = options[flag];
    return typeof value === "string" ? value : undefined;
  };
  const flag = (name: string): boolean => options[name] === true;
  if (!work) throw new Error("logs.ts runs no command");
  return work({ stack: "dev", option, flag, words: [] });
}

const refusal = (options: Readonly<Record<string, string>>): Promise<UserError> =>
  logs(options).then(
    () => Promise.reject(new Error("it was not refused")),
    (error: UserError) => error,
  );
const lines = (): string[] =>
  kubectls.map(({ line }) => line.replace("kubectl --context minikube --namespace todo-app ", ""));
const said: string[] = [];

beforeEach(() => {
  kubectls = [];
  exits = 0;
  answers = true;
  pods = [pod("backend-1", "a"), pod("frontend-1", "b")];
  selectors.length = 0;
  said.length = 0;
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.push(String(text).trim());
    return true;
  });
});
afterEach(() => jest.restoreAllMocks());

/** Time for what is due. */
async function polls(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("the logs", () => {
  it("are those of every pod of the release, each line with its pod", async () => {
    expect(await logs()).toBe(0);
    expect(selectors).toEqual(["app.kubernetes.io/part-of=todo-app"]);
    expect(lines()).toEqual([
      "logs backend-1 --container backend --prefix --tail=100",
      "logs frontend-1 --container backend --prefix --tail=100",
    ]);
  });

  it("may be those of one component, and as old as is asked", async () => {
    await logs({ component: "backend", since: "1h30m" });
    expect(selectors).toEqual(["app.kubernetes.io/part-of=todo-app,component=backend"]);
    expect(lines()[0]).toMatch(/ --since=1h30m$/);
  });

  it.each([
    ["component", "database", /no component/],
    ["component", "", /no component/],
    ["since", "yesterday", /no duration/],
    ["since", "10", /no duration/],
  ])("are refused with --%s %j", async (option, value, what) => {
    const error = await refusal({ [option]: value });
    expect([error.exitCode, error.what]).toEqual([64, expect.stringMatching(what)]);
    expect(kubectls).toEqual([]);
  });

  it("are told from those of pods that don't exist, by a cluster that is away", async () => {
    answers = false;
    pods = [];
    expect(await refusal({})).toMatchObject({
      what: `the cluster of context "minikube" doesn't answer`,
      why: "connection refused",
    });
  });

  it("are refused by the cluster's reason where this account may not list pods", async () => {
    pods = [];
    mayList = false;
    try {
      await expect(refusal({})).resolves.toMatchObject({
        what: "the cluster doesn't say which pods namespace todo-app has",
        why: 'pods is forbidden: User "ada"',
      });
    } finally {
      mayList = true;
    }
  });

  it("are none where there are no pods", async () => {
    pods = [];
    expect(await refusal({ component: "backend" })).toMatchObject({
      what: 'stack "dev" has no backend pods',
      next: "npm run up -- --stack dev",
    });
  });

  it("that a container doesn't have yet keep nobody from the others", async () => {
    pods = [pod("backend-1", undefined, "waiting"), pod("backend-2", "b")];
    expect(await logs()).toBe(0);
    expect(said).toEqual(["backend-1/backend has no log yet: ImagePullBackOff"]);
    expect(lines()).toEqual([expect.stringMatching(/^logs backend-2 /)]);
  });

  it("fail where one of them can't be read", async () => {
    exits = 1;
    expect(await logs()).toBe(1);
    expect(kubectls).toHaveLength(2);
    expect(said).toEqual([]);
  });

  it("don't fail by a pod that has gone meanwhile", async () => {
    exits = undefined;
    const command = logs();
    await polls();
    pods = [pod("frontend-1", "b")];
    kubectls[0]?.end(1);
    await polls();
    kubectls[1]?.end(0);
    expect(await command).toBe(0);
    expect(said).toEqual(["backend-1 has gone meanwhile"]);
  });
});

describe("logs that are followed", () => {
  const stop = (signal: NodeJS.Signals): void => void process.emit(signal, signal);
  beforeEach(() => {
    exits = undefined;
  });

  it("go on with the pods that a rollout makes, from their beginning", async () => {
    const command = logs({ follow: true });
    await polls();
    expect(lines()).toEqual([
      "logs backend-1 --container backend --prefix --follow --tail=100",
      "logs frontend-1 --container backend --prefix --follow --tail=100",
    ]);
    pods = [...pods, pod("backend-2", undefined, "waiting")];
    await polls();
    expect(kubectls).toHaveLength(2);
    pods = [pod("backend-2", "c"), pod("frontend-1", "b")];
    await polls();
    expect(lines().slice(2)).toEqual([
      "logs backend-2 --container backend --prefix --follow --tail=-1",
    ]);
    stop("SIGINT");
    await command;
  });

  it("go on with a container that was restarted", async () => {
    const command = logs({ follow: true });
    await polls();
    kubectls[0]?.end(0);
    pods = [pod("backend-1", "a", "terminated"), pod("frontend-1", "b")];
    await polls();
    expect(kubectls).toHaveLength(2);
    pods = [pod("backend-1", "again"), pod("frontend-1", "b")];
    await polls();
    expect(lines().slice(2)).toEqual([expect.stringMatching(/^logs backend-1 .*--tail=-1$/)]);
    stop("SIGINT");
    await command;
  });

  it("go on from where they broke off", async () => {
    const command = logs({ follow: true });
    await polls();
    kubectls[0]?.end(1);
    await polls();
    expect(lines().slice(2)).toEqual([
      expect.stringMatching(/^logs backend-1 .*--since-time=\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    ]);
    stop("SIGINT");
    await command;
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("end cleanly with %s", async (signal) => {
    const before = process.listenerCount(signal);
    const command = logs({ follow: true });
    await polls();
    stop(signal);
    stop(signal); // once from the terminal, once passed on by npm
    expect(await command).toBe(0);
    for (const { kill } of kubectls) expect(kill).toHaveBeenCalledWith("SIGTERM");
    expect(process.listenerCount(signal)).toBe(before);
  });

  it("end with their reader, as after | head", async () => {
    const command = logs({ follow: true });
    await polls();
    kubectls[0]?.end(null, "SIGPIPE");
    expect(await command).toBe(0);
  });
});
