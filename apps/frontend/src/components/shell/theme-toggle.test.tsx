// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ThemeToggle } from "./theme-toggle";

let root: Root;
const button = () => document.querySelector<HTMLElement>("button");

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  // What a channel brings would come whenever it comes.
  vi.stubGlobal("BroadcastChannel", undefined);
  delete document.documentElement.dataset.theme;
  root = createRoot(document.body);
  await act(async () => root.render(<ThemeToggle initial="dark" />));
});
afterEach(() => act(() => root.unmount()));

it("goes from the system's theme to light, to dark, and back, and says where it is and leads", async () => {
  const seen: unknown[][] = [];
  for (let press = 0; press < 4; press += 1) {
    const { theme } = document.documentElement.dataset;
    seen.push([theme, button()?.getAttribute("aria-label")]);
    expect(button()?.title).toBe(button()?.getAttribute("aria-label"));
    await act(async () => button()?.click());
    // What is observed in the document is told a moment later.
    await act(async () => undefined);
  }
  expect(seen).toEqual([
    [undefined, "Theme: same as the system. Switch to light"],
    ["light", "Theme: light. Switch to dark"],
    ["dark", "Theme: dark. Switch to same as the system"],
    [undefined, "Theme: same as the system. Switch to light"],
  ]);
});

it("is drawn by the server as the cookie says", () => {
  expect(renderToStaticMarkup(<ThemeToggle initial="light" />)).toContain(
    "Theme: light. Switch to dark",
  );
});
