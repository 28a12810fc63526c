// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useToday } from "./use-today";

let root: Root;

function Today() {
  return useToday() ?? "unknown";
}

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers({ now: new Date(2030, 0, 15, 23, 59, 45) });
  root = createRoot(document.body);
  await act(async () => root.render(<Today />));
});
afterEach(() => {
  act(() => root.unmount());
  vi.useRealTimers();
});
const shown = () => document.body.textContent;

it("is another day half a minute after midnight at the latest", async () => {
  expect(shown()).toBe("2030-01-15");
  await act(async () => vi.advanceTimersByTime(29_999));
  expect(shown()).toBe("2030-01-15");
  await act(async () => vi.advanceTimersByTime(1));
  expect(shown()).toBe("2030-01-16");
});

it("is another day as soon as a device wakes up", async () => {
  vi.setSystemTime(new Date(2030, 0, 17, 8));
  await act(async () => document.dispatchEvent(new Event("visibilitychange")));
  expect(shown()).toBe("2030-01-17");
});

it("isn't looked at once nobody asks", async () => {
  const remove = vi.spyOn(document, "removeEventListener");
  await act(async () => root.render(null));
  expect(vi.getTimerCount()).toBe(0);
  expect(remove).toHaveBeenCalledWith("visibilitychange", expect.any(Function));
});

it("isn't known to the server", () => {
  expect(renderToStaticMarkup(<Today />)).toBe("unknown");
});
