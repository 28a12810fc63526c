// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Observable } from "./observable";
import { useThrottled } from "./use-throttled";

class Text extends Observable<string> {
  constructor(text: string) {
    super(text);
  }
  write(text: string): void {
    this.set(text);
  }
}

let root: Root;
const seen: string[] = [];
function Shown({ text }: { text: Text }) {
  const value = useThrottled(text, 100);
  if (seen.at(-1) !== value) seen.push(value);
  return null;
}
const show = (text: Text) => act(async () => root.render(<Shown text={text} />));
const write = (text: Text, value: string) => act(async () => text.write(value));
const wait = (ms: number) => act(async () => vi.advanceTimersByTime(ms));

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers();
  seen.length = 0;
  root = createRoot(document.body.appendChild(document.createElement("div")));
});
afterEach(async () => {
  await act(async () => root.unmount());
  vi.useRealTimers();
});

it("is followed at once, and then once a pause, to the last word", async () => {
  const text = new Text("a");
  await show(text);
  await write(text, "b");
  expect(seen).toEqual(["a", "b"]);
  await write(text, "c");
  await write(text, "d");
  expect(seen).toEqual(["a", "b"]);
  await wait(99);
  expect(seen).toEqual(["a", "b"]);
  await wait(1);
  expect(seen).toEqual(["a", "b", "d"]);
  await write(text, "e");
  await wait(100);
  expect(seen).toEqual(["a", "b", "d", "e"]);
});

it("is followed at once again when nothing has happened for a pause", async () => {
  const text = new Text("a");
  await show(text);
  await write(text, "b");
  await wait(100);
  await write(text, "c");
  expect(seen).toEqual(["a", "b", "c"]);
});

it("another one is shown without a moment of the first", async () => {
  await show(new Text("a"));
  const other = new Text("x");
  await show(other);
  expect(seen).toEqual(["a", "x"]);
  await write(other, "y");
  expect(seen).toEqual(["a", "x", "y"]);
});

it("nothing is waited for once it is gone", async () => {
  const text = new Text("a");
  await show(text);
  await write(text, "b");
  await write(text, "c");
  await act(async () => root.render(null));
  expect(vi.getTimerCount()).toBe(0);
  await write(text, "d");
  expect(seen).toEqual(["a", "b"]);
});
