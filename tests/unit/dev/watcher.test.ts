import type { LocalTree } from "../../../dev/tree";
import { type Edit, POLL_MS, QUIET_MS, watch } from "../../../dev/watcher";

const NOW = Date.parse("2026-01-01T12:00:00Z");
let looks: string[][];
let savedAt: number | undefined;
let edits: (Edit & { at: number })[];
let done: AbortController;

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
  [looks, savedAt, edits, done] = [[], undefined, [], new AbortController()];
});
afterEach(() => jest.useRealTimers());

jest.mock("node:timers/promises", () => ({
  setTimeout: (ms: number, _: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      setTimeout(resolve, ms);
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    }),
}));

/** Watches a tree that has changed as `looks` says, one look after the other. */
function watched(last: string[] = []): Promise<void> {
  const tree = { look: () => looks.shift() ?? last, savedAt: () => savedAt };
  const told = (edit: Edit) => edits.push({ ...edit, at: Date.now() - NOW });
  return watch(tree as unknown as LocalTree, told, done.signal);
}

test("an edit is told once nothing has changed for a while, with all that has", async () => {
  looks = [["a"], ["b", "a"], []];
  void watched();
  await jest.advanceTimersByTimeAsync(QUIET_MS);
  expect(edits).toEqual([]);
  await jest.advanceTimersByTimeAsync(QUIET_MS);
  expect(edits).toEqual([{ paths: ["a", "b"], savedAt: NOW, at: 2 * QUIET_MS }]);
  await jest.advanceTimersByTimeAsync(10 * POLL_MS);
  expect(edits).toHaveLength(1);
});

test("the tree is looked at again after the poll's time, and a second edit is one of its own", async () => {
  looks = [[], ["a"], []];
  void watched();
  await jest.advanceTimersByTimeAsync(POLL_MS + QUIET_MS);
  expect(edits).toMatchObject([{ paths: ["a"], savedAt: NOW + POLL_MS }]);
});

test("a tree that never comes to rest is taken as it is after two seconds", async () => {
  void watched(["a"]);
  await jest.advanceTimersByTimeAsync(1_980);
  expect(edits).toEqual([]);
  await jest.advanceTimersByTimeAsync(30);
  expect(edits).toMatchObject([{ paths: ["a"], at: 2_010 }]);
});

describe("the time of a save", () => {
  test.each([
    ["is the file's own", NOW - 150, NOW - 150],
    ["is the file's own to the last poll but one", NOW - 200, NOW - 200],
    ["is when it was noticed, for a file that was moved here", NOW - 201, NOW],
    ["is the file's own at the moment itself", NOW + QUIET_MS, NOW + QUIET_MS],
    ["is when it was noticed, for a file of tomorrow", NOW + QUIET_MS + 1, NOW],
    ["is when it was noticed, where all have gone", undefined, NOW],
  ])("%s", async (_, time, expected) => {
    [looks, savedAt] = [[["a"], []], time];
    void watched();
    await jest.advanceTimersByTimeAsync(QUIET_MS);
    expect(edits).toMatchObject([{ savedAt: expected }]);
  });
});

test("the end comes at once, and nothing is told after it", async () => {
  const over = watched();
  await jest.advanceTimersByTimeAsync(10);
  looks = [["a"], []];
  done.abort();
  await over;
  await jest.advanceTimersByTimeAsync(1000);
  expect(edits).toEqual([]);
});
