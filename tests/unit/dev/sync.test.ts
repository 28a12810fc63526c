import { FACTS } from "../../../dev/components";
import type { Link } from "../../../dev/link";
import type { FromPod, ToPod } from "../../../dev/protocol";
import { ComponentSync, type SyncEvent, takenBy } from "../../../dev/sync";
import type { LocalTree } from "../../../dev/tree";
import { treeHash } from "../../../dev/tree";

const OWNER = { user: "ada", host: "laptop", pid: 1 };
const NOW = Date.parse("2026-01-01T12:00:00Z");

/** A folder's files, by what they hold; one that is undefined has gone since it was looked at. */
class Files {
  files: Record<string, string | undefined> = {};
  readonly digests = () =>
    new Map(Object.keys(this.files).map((path) => [path, `${this.files[path]}`]));
  readonly hash = () => treeHash(this.digests());
  readonly tryRead = (path: string) => {
    const content = this.files[path];
    return content === undefined ? undefined : Buffer.from(content);
  };
}

/** A stream to a pod: what was sent by it, and how it is closed. */
class Stream {
  readonly sent: ToPod[] = [];
  readonly send = (message: ToPod) => this.sent.push(message);
  end: (why: string) => void = () => undefined;
  readonly ended = new Promise<string>((resolve) => {
    this.end = resolve;
  });
  readonly close = jest.fn(() => this.end("closed"));
}

let files: Files;
let events: SyncEvent[];

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
  files = new Files();
  events = [];
});
afterEach(() => jest.useRealTimers());

function syncOf(debug?: boolean): ComponentSync {
  const tree = files as unknown as LocalTree;
  return new ComponentSync(FACTS.backend, tree, OWNER, (event) => events.push(event), debug);
}

/** A sync that talks to a pod. */
function attached(sync = syncOf()) {
  const stream = new Stream();
  let say: (message: FromPod) => void = () => undefined;
  const over = sync.attach("pod-1", (onMessage) => {
    say = onMessage;
    return stream as unknown as Link;
  });
  const hello = (there: Record<string, string> = {}) =>
    say({ type: "hello", files: there, tree: "t", serving: null });
  return { sync, stream, say: (message: FromPod) => say(message), hello, over };
}

const sentBy = ({ sent }: Stream, type: ToPod["type"]) => sent.filter((one) => one.type === type);

test("a pod is told whose terminal it is, and gets nothing before it has said what it has", () => {
  files.files = { "app/a.py": "1" };
  const { sync, stream, hello } = attached();
  expect(stream.sent).toEqual([{ type: "hello", owner: OWNER }]);
  sync.push();
  expect(sync.isConnected).toBe(false);
  expect(stream.sent).toHaveLength(1);
  hello({});
  expect(sync.isConnected).toBe(true);
});

test("a pod gets what it lacks and has too much, and nothing else", () => {
  files.files = { "app/a.py": "1", "app/b.py": "2", "app/c.py": "3" };
  const { stream, hello } = attached();
  hello({ "app/a.py": "1", "app/b.py": "old", "app/gone.py": "4" });
  expect(events).toEqual([{ type: "connected", pod: "pod-1", tree: "t", files: 3 }]);
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  expect(sentBy(stream, "sync")).toEqual([
    {
      ...{ type: "sync", edit: 1, delete: ["app/gone.py"] },
      write: { "app/b.py": base64("2"), "app/c.py": base64("3") },
    },
  ]);
});

test("a pod that has all of it gets nothing", () => {
  files.files = { "app/a.py": "1" };
  const { sync, stream, hello } = attached();
  hello({ "app/a.py": "1" });
  sync.push({ paths: ["app/a.py"], savedAt: NOW });
  expect(events).toMatchObject([{ type: "connected", files: 0 }]);
  expect(sentBy(stream, "sync")).toEqual([]);
});

test("a file alone that has to go is an edit", () => {
  const { stream, hello } = attached();
  hello({ "app/gone.py": "4" });
  expect(sentBy(stream, "sync")).toMatchObject([{ write: {}, delete: ["app/gone.py"] }]);
});

test("a file that is gone again before it is read isn't sent", () => {
  files.files = { "app/a.py": "1", "app/b.py": undefined };
  const { stream, hello } = attached();
  hello({});
  expect(sentBy(stream, "sync")).toMatchObject([{ write: { "app/a.py": "MQ==" } }]);
  expect(Object.keys((sentBy(stream, "sync")[0] as { write: object }).write)).toEqual(["app/a.py"]);
});

test("an edit is numbered, and tells how long after the save it is served", () => {
  const { sync, stream, hello, say } = attached();
  hello({});
  files.files = { "app/a.py": "1" };
  sync.push({ paths: ["app/a.py"], savedAt: NOW - 500 });
  files.files = { "app/a.py": "2", "app/b.py": "1" };
  sync.push({ paths: ["app/a.py", "app/b.py"], savedAt: NOW });
  expect(sentBy(stream, "sync")).toMatchObject([{ edit: 1 }, { edit: 2 }]);
  jest.setSystemTime(NOW + 1500);
  events.length = 0;
  say({ type: "serving", edit: 1, tree: "x", seconds: 0 });
  say({ type: "serving", edit: 2, tree: "y", seconds: 0 });
  expect(events).toEqual([
    { type: "served", tree: "x", files: 1, seconds: 2 },
    { type: "served", tree: "y", files: 2, seconds: 1.5 },
  ]);
});

test("what a new pod lacked was saved at no known time", () => {
  files.files = { "app/a.py": "1" };
  const { hello, say } = attached();
  hello({});
  say({ type: "serving", edit: 1, tree: "x", seconds: 0 });
  expect(events.at(-1)).toEqual({ type: "served", tree: "x", files: 1, seconds: undefined });
});

test("an edit that is served takes the ones before it along: they aren't told again", () => {
  const { sync, hello, say } = attached();
  hello({});
  for (const content of ["1", "2"]) {
    files.files = { "app/a.py": content };
    sync.push();
  }
  events.length = 0;
  say({ type: "serving", edit: 2, tree: "y", seconds: 0 });
  say({ type: "serving", edit: 1, tree: "x", seconds: 0 });
  say({ type: "serving", edit: 2, tree: "y", seconds: 0 });
  expect(events).toMatchObject([{ type: "served", tree: "y" }]);
});

test("a restart is told with no files, from the moment of the key", () => {
  const { sync, stream, hello, say } = attached();
  hello({});
  sync.restart();
  expect(sentBy(stream, "restart")).toEqual([{ type: "restart", edit: 1 }]);
  jest.setSystemTime(NOW + 1000);
  say({ type: "serving", edit: 1, tree: "x", seconds: 0 });
  expect(events.at(-1)).toEqual({ type: "served", tree: "x", files: 0, seconds: 1 });
});

test("without a pod, neither a restart nor an edit goes anywhere", () => {
  const sync = syncOf();
  sync.restart();
  sync.push();
  sync.close();
  expect(events).toEqual([]);
});

describe("a pod whose tree is another than was sent", () => {
  test("is asked what it has, after the last edit alone", () => {
    const { sync, stream, hello, say } = attached();
    hello({});
    for (const content of ["1", "2"]) {
      files.files = { "app/a.py": content };
      sync.push();
    }
    say({ type: "synced", edit: 1, tree: "other" });
    expect(sentBy(stream, "hello")).toHaveLength(1);
    say({ type: "synced", edit: 2, tree: "other" });
    expect(sentBy(stream, "hello")).toHaveLength(2);
    expect(stream.sent.at(-1)).toEqual({ type: "hello", owner: OWNER });
  });

  test("isn't where it has what was sent, nor for an edit that nobody made", () => {
    const { sync, stream, hello, say } = attached();
    hello({});
    files.files = { "app/a.py": "1" };
    sync.push();
    say({ type: "synced", edit: 1, tree: files.hash() });
    say({ type: "synced", edit: 7, tree: "other" });
    expect(sentBy(stream, "hello")).toHaveLength(1);
  });
});

test("a failure, an end and a debugger's port are told as they come", () => {
  const { say } = attached();
  say({ type: "broken", edit: 1, serves: true, error: "E", file: "app/a.py", line: 3 });
  say({ type: "ended", code: 7 });
  say({ type: "debugging", port: 5678 });
  expect(events).toEqual([
    { type: "broken", serves: true, error: "E", file: "app/a.py", line: 3 },
    { type: "ended", code: 7 },
    { type: "debugging", port: 5678 },
  ]);
});

test("a debugger is asked for where one is wanted, and only there", () => {
  const wanted = attached(syncOf(true));
  wanted.hello();
  expect(wanted.stream.sent.slice(1)).toEqual([{ type: "debug" }]);
  const not = attached();
  not.hello();
  expect(not.stream.sent.slice(1)).toEqual([]);
});

describe("the end of a stream", () => {
  test("is told with kubectl's last words, and the pod is connected no more once another is tried", async () => {
    const first = attached();
    first.hello();
    first.stream.end("the pod is gone");
    await first.over;
    expect(events.at(-1)).toEqual({ type: "lost", why: "the pod is gone" });
    first.sync.restart();
    expect(sentBy(first.stream, "restart")).toEqual([]);
    const second = attached(first.sync);
    expect(first.sync.isConnected).toBe(false);
    // What the first still says is of no pod that is talked to.
    first.say({ type: "ended", code: 1 });
    expect(events.at(-1)).toMatchObject({ type: "lost" });
    second.hello();
    expect(first.sync.isConnected).toBe(true);
  });

  test("ends what was under way with it", async () => {
    files.files = { "app/a.py": "1" };
    const { sync, hello, stream, over } = attached();
    hello();
    stream.end("");
    await over;
    const second = attached(sync);
    events.length = 0;
    second.say({ type: "serving", edit: 1, tree: "x", seconds: 0 });
    expect(events).toEqual([]);
  });

  test("is an error where another terminal has the pod, which is left at once", async () => {
    const { say, stream, over } = attached();
    say({ type: "refused", owner: { user: "bob", host: "desk", pid: 2 } });
    expect(stream.close).toHaveBeenCalledTimes(1);
    await expect(over).rejects.toMatchObject({
      what: "the backend is being developed already",
      why: expect.stringContaining("by bob on desk, process 2"),
    });
    expect(events).toEqual([]);
  });

  test("comes by closing it", async () => {
    const { sync, stream, over } = attached();
    sync.close();
    await over;
    expect(stream.close).toHaveBeenCalledTimes(1);
  });
});

test("another's pods are left to them, whatever part one works on", () => {
  const error = takenBy("frontend", { user: "ada", host: "laptop", pid: 1 });
  expect(error.why).toMatch(/^by ada on laptop, process 1/);
  expect(error.next).toBe(
    "leave it there (q), or develop on a stack of your own: npm run dev -- --stack NAME",
  );
});
