// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CopyButton } from "./copy-button";

let root: Root;
const writeText = vi.fn<(text: string) => Promise<void>>();

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers();
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  writeText.mockReset().mockResolvedValue(undefined);
  root = createRoot(document.body);
});
afterEach(() => {
  act(() => root.unmount());
  vi.useRealTimers();
});

const show = (text: string | (() => string)) =>
  act(async () => root.render(<CopyButton text={text} label="Copy code" testId="code-copy" />));
const button = () => document.querySelector<HTMLElement>("[data-testid=code-copy]");
const press = () => act(async () => button()?.click());
/** What it says, and shows. */
const looks = () => [
  button()?.getAttribute("aria-label"),
  /lucide-(check|copy)/.exec(button()?.querySelector("svg")?.getAttribute("class") ?? "")?.[1],
];
const wait = (ms: number) => act(async () => vi.advanceTimersByTime(ms));

it("copies a text, and says so for 2 s", async () => {
  await show("let x");
  expect(looks()).toEqual(["Copy code", "copy"]);
  await press();
  expect(writeText).toHaveBeenCalledExactlyOnceWith("let x");
  expect(looks()).toEqual(["Copied", "check"]);
  expect(button()?.title).toBe("Copy code");
  await wait(1_999);
  expect(looks()).toEqual(["Copied", "check"]);
  await wait(1);
  expect(looks()).toEqual(["Copy code", "copy"]);
});

it("says so for 2 s from the last time on", async () => {
  await show("let x");
  await press();
  await wait(1_500);
  await press();
  await wait(1_999);
  expect(looks()).toEqual(["Copied", "check"]);
  await wait(1);
  expect(looks()).toEqual(["Copy code", "copy"]);
});

it("copies what the text is by then", async () => {
  let text = "one";
  await show(() => text);
  text = "two";
  await press();
  expect(writeText).toHaveBeenCalledExactlyOnceWith("two");
});

it("says nothing where the browser refuses", async () => {
  writeText.mockRejectedValue(new Error("no"));
  await show("let x");
  await press();
  expect(looks()).toEqual(["Copy code", "copy"]);
});

it("leaves no clock behind when it goes", async () => {
  await show("let x");
  await press();
  await act(async () => root.render(null));
  expect(vi.getTimerCount()).toBe(0);
});
