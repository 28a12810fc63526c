// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HighlightedCode } from "./highlighted-code";
// What is loaded when it is needed is there at once: a busy machine takes a while to find it.
import "@/lib/chat/highlight";

let root: Root;
const { highlight } = vi.hoisted(() => ({ highlight: vi.fn() }));
vi.mock("@/lib/chat/highlight", async (original) => {
  const actual = await original<typeof import("@/lib/chat/highlight")>();
  return { highlight: highlight.mockImplementation(actual.highlight) };
});

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  highlight.mockClear();
  root = createRoot(document.body);
});
afterEach(() => act(() => root.unmount()));

const show = async (source: string, language: string | null): Promise<void> => {
  await act(async () => root.render(<HighlightedCode source={source} language={language} />));
};
const loaded = () => act(() => vi.dynamicImportSettled());
const text = () => document.querySelector("code")?.textContent;
const colored = () =>
  [...document.querySelectorAll("code span[class]")].map((span) => [
    span.className,
    span.textContent,
  ]);

it("is there at once, and coloured as soon as the colours are", async () => {
  await show("const x = 1;", "javascript");
  expect(text()).toBe("const x = 1;");
  await loaded();
  expect(text()).toBe("const x = 1;");
  expect(colored()).toEqual([
    ["code-keyword", "const"],
    ["code-number", "1"],
  ]);
});

it.each([
  ["of no language", null],
  ["of an unknown one", "klingon"],
])("stays plain where it is %s", async (_, language) => {
  await show("const x = 1;", language);
  await loaded();
  expect(text()).toBe("const x = 1;");
  expect(document.querySelector("code span")).toBeNull();
});

it("is coloured up to 20,000 characters", async () => {
  const source = (length: number) => `1${" ".repeat(length - 1)}`;
  await show(source(20_001), "json");
  await loaded();
  expect(colored()).toEqual([]);
  await show(source(20_000), "json");
  await loaded();
  expect(colored()).toEqual([["code-number", "1"]]);
});

it("is the new code where that changes, plain until its colours are there", async () => {
  await show("true", "json");
  await loaded();
  await act(async () => root.render(<HighlightedCode source="false" language={null} />));
  expect(text()).toBe("false");
  expect(colored()).toEqual([]);
});
