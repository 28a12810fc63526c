import { openBrowser } from "../../../cli/session/browser";
import type { Cluster } from "../../../cli/session/cluster";
import { FACTS } from "../../../dev/components";
import { PortForward } from "../../../dev/debugger";
import { Link } from "../../../dev/link";
import { DevLoop, type LoopArgs, describe as told } from "../../../dev/loop";
import { PodLog } from "../../../dev/pod-log";
import type { FromPod, ToPod } from "../../../dev/protocol";
import type { Key, Status } from "../../../dev/terminal";
import { folderWith } from "../support/folder";
import { until } from "./support";

jest.mock("../../../cli/session/browser", () => ({ openBrowser: jest.fn() }));
jest.mock("../../../dev/debugger", () => ({
  ...jest.requireActual<object>("../../../dev/debugger"),
  PortForward: jest.fn(),
}));
jest.mock("../../../dev/link", () => ({ Link: jest.fn() }));
jest.mock("../../../dev/pod-log", () => ({ PodLog: jest.fn() }));

const TREE = "0123456789abcdef".repeat(4);

describe("what becomes of an edit", () => {
  const of = (event: Parameters<typeof told>[0]) => told(event, { context: "apps/backend" });

  test.each([
    [{ type: "connected", pod: "p", tree: TREE, files: 0 }, "0123456789ab is what p runs"],
    [{ type: "connected", pod: "p", tree: TREE, files: 1 }, "p gets 1 file of 0123456789ab"],
    [{ type: "connected", pod: "p", tree: TREE, files: 2 }, "p gets 2 files of 0123456789ab"],
    [{ type: "served", tree: TREE, files: 2, seconds: undefined }, "0123456789ab served (2 files)"],
    [
      { type: "served", tree: TREE, files: 1, seconds: 1.26 },
      "0123456789ab served 1.3 s after the save (1 file)",
    ],
    [
      { type: "served", tree: TREE, files: 0, seconds: 2 },
      "0123456789ab served 2.0 s after the save",
    ],
    [{ type: "broken", serves: true, error: "E" }, "✗ E (the one before goes on)"],
    [
      { type: "broken", serves: false, error: "E", file: "app/a.py", traceback: "one\n\ntwo\n" },
      "✗ apps/backend/app/a.py:0 E (nothing is served until it is mended)\n    one\n    two",
    ],
    [
      { type: "broken", serves: true, error: "E", file: "app/a.py", line: 7 },
      "✗ apps/backend/app/a.py:7 E (the one before goes on)",
    ],
    [{ type: "ended", code: 3 }, "✗ its process ended by itself with exit code 3: it starts again"],
    [{ type: "lost", why: "" }, "is out of reach: the next pod gets the whole tree"],
    [{ type: "lost", why: "a\nb" }, "is out of reach (b): the next pod gets the whole tree"],
  ] as const)("%j is told", (event, text) => {
    expect(of(event)).toBe(text);
  });
});

const before = process.cwd();
let links: {
  command: string[];
  sent: ToPod[];
  say(message: FromPod): void;
  end(why: string): void;
  closed: number;
}[];
let logs: { pod: string; say(line: string): void; closed: number }[];
let forwards: { args: unknown[]; fail(why: string): void; closed: number }[];

beforeEach(() => {
  [links, logs, forwards] = [[], [], []];
  process.chdir(folderWith({ "apps/backend/app/a.py": "1", "apps/frontend/src/a.ts": "1" }));
  jest.mocked(openBrowser).mockReset();
  jest
    .mocked(Link)
    .mockReset()
    .mockImplementation(((command: string[], _env: object, say: (message: FromPod) => void) => {
      let end: (why: string) => void = () => undefined;
      const ended = new Promise<string>((resolve) => {
        end = resolve;
      });
      const link = { command, sent: [] as ToPod[], say, end, closed: 0 };
      links.push(link);
      const close = (): void => {
        link.closed += 1;
        end("");
      };
      return { ended, close, send: (message: ToPod) => link.sent.push(message) };
    }) as never);
  jest
    .mocked(PodLog)
    .mockReset()
    .mockImplementation(((
      pod: string,
      _target: string[],
      _env: object,
      say: (line: string) => void,
    ) => {
      const log = { pod, say, closed: 0 };
      logs.push(log);
      return { close: () => (log.closed += 1) };
    }) as never);
  jest
    .mocked(PortForward)
    .mockReset()
    .mockImplementation(((...args: unknown[]) => {
      const forward = { args, fail: args[4] as (why: string) => void, closed: 0 };
      forwards.push(forward);
      return { close: () => (forward.closed += 1) };
    }) as never);
});
afterEach(() => process.chdir(before));

const pod = (name: string, dev = "true", component = "backend") => ({
  metadata: {
    ...{ name, creationTimestamp: "2026-01-02T03:04:05Z" },
    labels: { "app.kubernetes.io/component": component, "todo-app/dev": dev },
  },
  status: { containerStatuses: [{ state: { running: {} } }] },
});

/** A loop whose updates end at once, on a cluster with these pods once it has begun. */
async function loop(options: Partial<LoopArgs> = {}, first = [pod("backend-1")]) {
  let pods: object[] = [];
  let press: (key: Key) => void = () => undefined;
  const lines: string[] = [];
  const statuses: Status[][] = [];
  const update = jest.fn(async () => {
    pods = pods.length === 0 ? first : pods;
  });
  const closed = jest.fn();
  const made = new DevLoop({
    ...{ components: ["backend"], env: { A: "1" }, debug: undefined, configuration: [], update },
    cluster: { pods: async () => pods, arguments: ["--context", "c"] } as unknown as Cluster,
    url: async () => "http://localhost:30000",
    terminal: {
      line: (text) => void lines.push(text),
      status: (all) => void statuses.push([...all]),
      keys: (handler) => {
        press = handler;
      },
      close: closed,
    },
    ...options,
  });
  const end = made.run();
  end.catch(() => undefined);
  const link = async (index: number) => {
    await until("a stream is open", () => links.length > index);
    const found = links[index];
    if (!found) throw new Error("none");
    return found;
  };
  return {
    ...{ made, end, lines, statuses, update, closed, link, press: (key: Key) => press(key) },
    become: (next: object[]) => {
      pods = next;
    },
  };
}
const hello: FromPod = { type: "hello", files: {}, tree: TREE, serving: null };

test("dev pods are put in place, and a component's pod is spoken to, followed and shown", async () => {
  const { end, lines, statuses, update, closed, link, press } = await loop();
  const { command, say, sent } = await link(0);
  expect(update).toHaveBeenCalledWith({ TODO_APP_DEV: "backend" });
  expect(lines[0]).toBe("\nEdits of backend are served from now on: http://localhost:30000");
  expect(command).toEqual([
    ...["kubectl", "--context", "c", "exec", "--stdin", "backend-1", "--container", "backend"],
    ...["--", ...FACTS.backend.attach],
  ]);
  expect(sent[0]).toMatchObject({ type: "hello", owner: { pid: process.pid } });
  say(hello);
  expect(lines.at(-1)).toBe("backend backend-1 gets 1 file of 0123456789ab");
  expect(statuses.at(-1)).toEqual([
    {
      name: "backend",
      pod: "backend-1",
      text: "backend-1 gets 1 file of 0123456789ab",
      good: false,
    },
  ]);
  say({ type: "serving", edit: 1, tree: TREE, seconds: 0 });
  expect(statuses.at(-1)).toMatchObject([{ text: "0123456789ab served (1 file)", good: true }]);
  say({ type: "broken", edit: 2, serves: true, error: "E", traceback: "t" });
  expect(lines.at(-1)).toBe("backend ✗ E (the one before goes on)\n    t");
  expect(statuses.at(-1)).toMatchObject([{ text: "✗ E (the one before goes on)", good: false }]);
  expect(logs.map(({ pod }) => pod)).toEqual(["backend-1"]);
  logs[0]?.say("started");
  expect(lines.at(-1)).toBe("backend │ started");
  press("restart");
  expect(sent.at(-1)).toMatchObject({ type: "restart" });
  press("open");
  await until("the browser is opened", () => jest.mocked(openBrowser).mock.calls.length > 0);
  expect(openBrowser).toHaveBeenCalledWith("http://localhost:30000");
  const count = lines.length;
  press("quit");
  expect(await end).toBe("left");
  expect(lines).toHaveLength(count); // that its stream ends then is as it was meant to be
  expect([links[0]?.closed, logs[0]?.closed, closed.mock.calls.length]).toEqual([
    ...[1, expect.any(Number), 1],
  ]);
  expect(logs[0]?.closed).toBeGreaterThan(0);
});

test("a pod that has all of it is well at once", async () => {
  const { link, statuses, made, end } = await loop();
  const { say } = await link(0);
  const files = { "app/a.py": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b" };
  say({ ...hello, files });
  expect(statuses.at(-1)).toMatchObject([
    { text: "0123456789ab is what backend-1 runs", good: true },
  ]);
  made.leave();
  await end;
});

test("the next pod is spoken to where one is lost, and the first one's log is closed", async () => {
  const { link, lines, made, end, become } = await loop();
  const first = await link(0);
  first.say(hello);
  become([pod("backend-2")]);
  first.end("the pod is gone");
  const second = await link(1);
  expect(lines).toContain(
    "backend is out of reach (the pod is gone): the next pod gets the whole tree",
  );
  expect(second.command).toContain("backend-2");
  expect(logs.map((log) => [log.pod, log.closed])).toEqual([
    ["backend-1", 1],
    ["backend-2", 0],
  ]);
  made.leave();
  await end;
});

test("an update by somebody else, who has put images in their place, ends it", async () => {
  const { link, lines, end, become } = await loop();
  const first = await link(0);
  become([pod("backend-2", "false")]);
  first.end("");
  expect(await end).toBe("replaced");
  expect(lines.at(-1)).toBe("backend: its pod runs an image again: somebody has run an update");
});

test("a pod that another terminal has taken meanwhile is theirs", async () => {
  const { link, end } = await loop();
  const { say } = await link(0);
  say({ type: "refused", owner: { user: "ada", host: "desk", pid: 2 } });
  await expect(end).rejects.toMatchObject({ what: "the backend is being developed already" });
});

test("both components are told apart, and each is looked at before anything is changed", async () => {
  const components = ["backend", "frontend"] as const;
  const pods = [pod("backend-1"), pod("frontend-1", "true", "frontend")];
  const { lines, link, made, end, statuses } = await loop({ components }, pods);
  await link(1);
  expect(lines[0]).toContain("Edits of backend and frontend are served");
  for (const { say } of links) say(hello);
  expect(statuses.at(-1)?.map(({ name, pod: at }) => [name, at])).toEqual([
    ["backend", "backend-1"],
    ["frontend", "frontend-1"],
  ]);
  made.leave();
  await end;
});

describe("a debugger", () => {
  test("is asked for in its component alone, and gets the pod's port once, with an editor's settings", async () => {
    const { link, lines, made, end } = await loop({ debug: "backend" });
    const { say, sent, end: lose } = await link(0);
    say(hello);
    expect(sent).toContainEqual({ type: "debug" });
    const count = lines.length;
    say({ type: "debugging", port: 5678 });
    say({ type: "debugging", port: 5678 });
    expect(forwards).toHaveLength(1);
    expect(forwards[0]?.args.slice(0, 4)).toEqual([
      "backend-1",
      5678,
      ["--context", "c"],
      { A: "1" },
    ]);
    expect(lines[count]).toBe("backend waits for a debugger on port 5678; in .vscode/launch.json:");
    expect(JSON.parse(lines[count + 1] ?? "")).toMatchObject({ type: "debugpy" });
    forwards[0]?.fail("address in use");
    expect(lines.at(-1)).toBe("backend ✗ its port 5678 can't be brought here: address in use");
    lose("");
    const again = await link(1);
    expect(forwards[0]?.closed).toBe(1);
    again.say({ type: "debugging", port: 5678 });
    expect(forwards).toHaveLength(2);
    made.leave();
    await end;
    expect(forwards[1]?.closed).toBeGreaterThan(0);
  });

  test("of the other component isn't this one's", async () => {
    const { link, made, end } = await loop({ debug: "frontend" });
    const { say, sent } = await link(0);
    say(hello);
    expect(sent.map(({ type }) => type)).not.toContain("debug");
    made.leave();
    await end;
  });
});

test("an update that fails says why, and the loop goes on", async () => {
  const { link, lines, press, update, made, end } = await loop();
  await link(0);
  update.mockRejectedValueOnce(new Error("the chart is broken"));
  press("update");
  await until("it is told", () => lines.at(-1) === "Error: the chart is broken");
  press("update");
  await until("another runs", () => update.mock.calls.length === 3);
  made.leave();
  expect(await end).toBe("left");
});
