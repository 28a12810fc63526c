// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SignOutDialog } from "./sign-out-dialog";

let root: Root;
const [onKeep, onDiscard, onClose] = [vi.fn(), vi.fn(), vi.fn()];

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  for (const mock of [onKeep, onDiscard, onClose]) mock.mockReset();
  root = createRoot(document.body);
});
afterEach(() => act(() => root.unmount()));

const show = (count: number) =>
  act(async () =>
    root.render(
      <SignOutDialog count={count} onKeep={onKeep} onDiscard={onDiscard} onClose={onClose} />,
    ),
  );
const buttons = () => [...document.querySelectorAll("button")];

it.each([
  [1, "1 change hasn’t been sent yet"],
  [2, "2 changes haven’t been sent yet"],
])("says what would be left behind: %i", async (count, words) => {
  await show(count);
  expect(document.querySelector("h2")?.textContent).toBe(words);
});

it("offers to stay, to discard, and to keep what waits; each does that alone", async () => {
  await show(1);
  expect(buttons().map(({ textContent }) => textContent)).toEqual([
    "Stay signed in",
    "Discard and sign out",
    "Keep and sign out",
  ]);
  const called = () => [onClose, onDiscard, onKeep].map(({ mock }) => mock.calls.length);
  const seen: number[][] = [];
  for (const button of buttons()) {
    await act(async () => button.click());
    seen.push(called());
  }
  expect(seen).toEqual([
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1],
  ]);
});
