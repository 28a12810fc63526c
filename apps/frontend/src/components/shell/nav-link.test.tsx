// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NavLink } from "./nav-link";

let root: Root;
const onClick = vi.fn();

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  onClick.mockReset();
  window.history.replaceState(null, "", "/chat");
  root = createRoot(document.body);
  await act(async () =>
    root.render(
      <NavLink href="/tasks" aria-current="page" onClick={onClick}>
        Tasks
      </NavLink>,
    ),
  );
});
afterEach(() => act(() => root.unmount()));

/** Clicks on the link; tells whether the browser is left to follow it. */
async function click(init: MouseEventInit = {}): Promise<boolean> {
  const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...init });
  // Nobody leaves the page of the tests.
  const left = new Promise<boolean>((resolve) =>
    window.addEventListener(
      "click",
      (last) => {
        resolve(!last.defaultPrevented);
        last.preventDefault();
      },
      { once: true },
    ),
  );
  await act(async () => document.querySelector("a")?.dispatchEvent(event));
  return left;
}

it("is a link, which a plain click follows without asking the server", async () => {
  expect(document.querySelector("a")?.getAttribute("href")).toBe("/tasks");
  expect(document.querySelector("a")?.getAttribute("aria-current")).toBe("page");
  expect(await click()).toBe(false);
  expect(window.location.pathname).toBe("/tasks");
  expect(onClick).toHaveBeenCalledOnce();
});

it.each<[string, MouseEventInit]>([
  ["another button", { button: 1 }],
  ["Ctrl", { ctrlKey: true }],
  ["Command", { metaKey: true }],
  ["Shift", { shiftKey: true }],
  ["Alt", { altKey: true }],
])("leaves a click with %s to the browser: a new tab, a window, a download", async (_, init) => {
  expect(await click(init)).toBe(true);
  expect(window.location.pathname).toBe("/chat");
  expect(onClick).toHaveBeenCalledOnce();
});

it("goes nowhere where that was prevented", async () => {
  onClick.mockImplementation((event: Event) => event.preventDefault());
  expect(await click()).toBe(false);
  expect(window.location.pathname).toBe("/chat");
});
