// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ToastStore } from "@/lib/toasts";
import { Toaster } from "./toaster";

let root: Root;
let toasts: ToastStore;

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers();
  document.body.innerHTML = '<main id="main" tabindex="-1"></main><button id="before">B</button>';
  toasts = new ToastStore();
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () => root.render(<Toaster toasts={toasts} />));
});
afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
  vi.useRealTimers();
});

const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const shown = () =>
  all('[data-testid="toast"]').map((toast) => toast.querySelector("span")?.textContent);
const show = (toast: Parameters<ToastStore["show"]>[0]) => act(async () => toasts.show(toast));
const wait = (ms: number) => act(async () => vi.advanceTimersByTime(ms));
const dismiss = () => all('[aria-label="Dismiss"]')[0];
const action = () => all('[data-testid="toast-action"]')[0];

it("messages are read out, and look as what they say", async () => {
  await show({ message: "Saved" });
  await show({ message: "Not saved", tone: "danger" });
  expect(shown()).toEqual(["Saved", "Not saved"]);
  expect(document.querySelector('[role="status"]')?.getAttribute("aria-live")).toBe("polite");
  const [neutral, danger] = all('[data-testid="toast"]').map(({ className }) => className);
  expect(neutral).toContain("bg-ink");
  expect(danger).toContain("bg-danger-soft");
});

it("a message goes by itself after 6 s, one that offers something after 10 s", async () => {
  await show({ message: "Saved" });
  await show({ message: "Deleted", action: { label: "Undo", run: () => undefined } });
  await wait(5_999);
  expect(shown()).toEqual(["Saved", "Deleted"]);
  await wait(1);
  expect(shown()).toEqual(["Deleted"]);
  await wait(4_000);
  expect(shown()).toEqual([]);
});

it("what it offers is done once", async () => {
  const run = vi.fn();
  await show({ message: "Deleted", action: { label: "Undo", run } });
  expect(action()?.textContent).toBe("Undo");
  await act(async () => action()?.click());
  expect(run).toHaveBeenCalledTimes(1);
  expect(shown()).toEqual([]);
});

it("a message that offers nothing has no such button, and can be sent away", async () => {
  await show({ message: "Saved" });
  expect(action()).toBeUndefined();
  await act(async () => dismiss()?.click());
  expect(shown()).toEqual([]);
});

const over = (type: "mouseover" | "mouseout", from: Element | undefined, to: Element | null) =>
  act(async () => from?.dispatchEvent(new MouseEvent(type, { bubbles: true, relatedTarget: to })));

it("the clock stands while one reads", async () => {
  await show({ message: "Saved" });
  const [toast] = all('[data-testid="toast"]');
  await over("mouseover", toast, document.body);
  await wait(60_000);
  expect(shown()).toEqual(["Saved"]);
  await over("mouseout", toast, document.body);
  await wait(6_000);
  expect(shown()).toEqual([]);
});

it("the clock stands while the keyboard is in it, wherever the pointer goes", async () => {
  await show({ message: "Saved" });
  const [toast] = all('[data-testid="toast"]');
  await act(async () => dismiss()?.focus());
  await over("mouseover", toast, document.body);
  await over("mouseout", toast, document.body);
  await wait(60_000);
  expect(shown()).toEqual(["Saved"]);
  await act(async () => document.getElementById("before")?.focus());
  await wait(6_000);
  expect(shown()).toEqual([]);
});

it("the clock goes on where the message is taken out of the page while one reads", async () => {
  await show({ message: "Saved" });
  await over("mouseover", all('[data-testid="toast"]')[0], document.body);
  await act(async () => root.render(<Toaster key="in the menu" toasts={toasts} />));
  expect(shown()).toEqual(["Saved"]);
  await wait(6_000);
  expect(shown()).toEqual([]);
});

it("the focus of a message that goes returns to where it came from", async () => {
  document.getElementById("before")?.focus();
  await show({ message: "Saved" });
  await act(async () => dismiss()?.focus());
  await act(async () => dismiss()?.click());
  expect(document.activeElement?.id).toBe("before");
});

it("where that is gone too, the page's content gets it", async () => {
  document.getElementById("before")?.focus();
  await show({ message: "Saved" });
  await act(async () => dismiss()?.focus());
  document.getElementById("before")?.remove();
  await act(async () => dismiss()?.click());
  expect(document.activeElement?.id).toBe("main");
});

it("a message that goes by itself leaves the focus where it is", async () => {
  document.getElementById("before")?.focus();
  await show({ message: "Saved" });
  await wait(6_000);
  expect(document.activeElement?.id).toBe("before");
});

/** One thing after the other that one message tells of. */
const remove = async (...titles: string[]): Promise<void> => {
  for (const title of titles) {
    await show({
      message: `Deleted ${title}`,
      action: { label: "Undo", run: () => undefined },
      group: { name: "deleted", subject: title, describe: (count) => `${count} deleted` },
    });
  }
};
const fold = () => all('[data-testid="toast-unfold"]')[0];
const parts = () => all('[data-testid="toast-part"]').map(({ textContent }) => textContent);

it("what it offers has a shortcut where that is one thing alone", async () => {
  await remove("a");
  expect(action()?.getAttribute("aria-keyshortcuts")).toBe("Control+Z Meta+Z");
  expect(action()?.title).toBe("Ctrl+Z");
  expect(fold()).toBeUndefined();
  await remove("b");
  expect(action()?.hasAttribute("aria-keyshortcuts")).toBe(false);
  expect(action()?.title).toBe("");
  expect(action()?.textContent).toBe("Undo all");
});

it("what it tells of is unfolded and folded, the last thing first, each to be taken back by its name", async () => {
  await remove("a", "b");
  expect(fold()?.getAttribute("aria-expanded")).toBe("false");
  await act(async () => fold()?.click());
  expect(fold()?.getAttribute("aria-expanded")).toBe("true");
  expect(document.getElementById(fold()?.getAttribute("aria-controls") ?? "")).not.toBeNull();
  expect(parts()).toEqual(["bUndo", "aUndo"]);
  expect(
    all('[data-testid="toast-part"] button').map((one) => one.getAttribute("aria-label")),
  ).toEqual(["Undo “b”", "Undo “a”"]);
  await act(async () => fold()?.click());
  expect(parts()).toEqual([]);
});

it("Escape sends the message away that has the keyboard, and no other key does", async () => {
  await show({ message: "Saved" });
  await show({ message: "Deleted" });
  /** Tells whether a menu around it would be left open. */
  const press = async (key: string): Promise<boolean> => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    await act(async () => dismiss()?.dispatchEvent(event));
    return event.defaultPrevented;
  };
  expect(await press("Enter")).toBe(false);
  expect(shown()).toEqual(["Saved", "Deleted"]);
  expect(await press("Escape")).toBe(true);
  expect(shown()).toEqual(["Deleted"]);
});
