// @vitest-environment happy-dom
import { act, createRef } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ComposerHandle } from "../chat/composer";
import { openShortcutSheet, Shortcuts } from "./shortcuts";
// What is loaded when it is needed is there at once: a busy machine takes a while to find it.
import "./shortcut-sheet";

const app = { chat: { active: { id: "thr_1" } }, toasts: { actOnNewest: vi.fn(() => true) } };
vi.mock("./app-provider", () => ({ useApp: () => app }));

const onNewChat = vi.fn();
const composer = createRef<ComposerHandle>() as { current: ComposerHandle | null };
const focusComposer = vi.fn();
let root: Root;
/** Whether the page's fields are drawn. */
let seen = true;

const PAGE = `
  <input data-testid="task-add-input"><input data-testid="task-search">
  ${[1, 2, 3]
    .map(
      (id) => `<div data-row="${id}" data-testid="task-item">
        <input type="checkbox" data-testid="task-toggle" id="box-${id}">
        <button data-testid="task-edit" id="edit-${id}">Edit</button>
        <button data-testid="task-delete" id="delete-${id}">Delete</button></div>`,
    )
    .join("")}
  <textarea></textarea><div contenteditable="true" tabindex="0"></div>`;

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers();
  localStorage.clear();
  window.history.replaceState(null, "", "/tasks");
  document.body.innerHTML = PAGE;
  seen = true;
  vi.spyOn(HTMLElement.prototype, "getClientRects").mockImplementation(
    () => (seen ? [new DOMRect(0, 0, 1, 1)] : []) as unknown as DOMRectList,
  );
  // Not in Safari before 17.4.
  Reflect.deleteProperty(HTMLElement.prototype, "checkVisibility");
  Reflect.deleteProperty(Element.prototype, "checkVisibility");
  composer.current = { focus: focusComposer } as never;
  for (const mock of [onNewChat, focusComposer, app.toasts.actOnNewest]) mock.mockClear();
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () => root.render(<Shortcuts onNewChat={onNewChat} composer={composer} />));
});
afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** Presses a key where the focus is; tells whether it was taken. */
async function press(key: string, more: KeyboardEventInit = {}): Promise<boolean> {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  const target = document.activeElement ?? document.body;
  await act(async () => target.dispatchEvent(event));
  return event.defaultPrevented;
}
const find = (selector: string) => document.querySelector<HTMLElement>(selector);
const focused = () =>
  document.activeElement?.id || document.activeElement?.getAttribute("data-testid");
/** What the page asks for when it needs it is there. */
const loaded = () => act(() => vi.dynamicImportSettled());
const sheet = () => find('[data-testid="shortcut-sheet"]');

it("n and / lead to the fields, and the key itself isn't written there", async () => {
  expect(await press("n")).toBe(true);
  expect(focused()).toBe("task-add-input");
  find("#box-1")?.focus();
  expect(await press("/")).toBe(true);
  expect(focused()).toBe("task-search");
});

it("a field that isn't seen doesn't get the focus", async () => {
  seen = false;
  await press("n");
  expect(focused()).not.toBe("task-add-input");
});

it("j and k walk through the tasks, from the first one, and stay at both ends", async () => {
  await press("j");
  expect(focused()).toBe("box-1");
  await press("j");
  await press("j");
  expect(focused()).toBe("box-3");
  await press("j");
  expect(focused()).toBe("box-3");
  find("#edit-2")?.focus();
  await press("k");
  expect(focused()).toBe("box-1");
  await press("k");
  expect(focused()).toBe("box-1");
});

it("k begins with the first task, too", async () => {
  await press("k");
  expect(focused()).toBe("box-1");
});

it("e and Delete are for the task that has the focus alone", async () => {
  const clicked: string[] = [];
  document.addEventListener("click", ({ target }) => clicked.push((target as HTMLElement).id));
  await press("e");
  expect(clicked).toEqual([]);
  find("#box-2")?.focus();
  await press("e");
  await press("Delete");
  expect(clicked).toEqual(["edit-2", "delete-2"]);
});

it("c goes to the conversation, and writes", async () => {
  await press("c");
  expect(window.location.pathname).toBe("/chat/thr_1");
  vi.runAllTimers();
  expect(focusComposer).toHaveBeenCalledTimes(1);
});

it("g is a prefix of one key", async () => {
  window.history.replaceState(null, "", "/chat");
  expect(await press("g")).toBe(false);
  expect(await press("t")).toBe(true);
  expect(window.location.pathname).toBe("/tasks");
  await press("g");
  await press("c");
  expect(window.location.pathname).toBe("/chat/thr_1");
  // n after g is none of its keys, and the one after that is its own again.
  await press("g");
  expect(await press("n")).toBe(false);
  expect(await press("n")).toBe(true);
  // g twice is no prefix any more.
  find("#box-1")?.focus();
  await press("g");
  await press("g");
  expect(await press("t")).toBe(false);
});

it.each(["o", "O"])("Ctrl+Shift+%s begins a chat, while one types too", async (key) => {
  find("textarea")?.focus();
  expect(await press(key, { ctrlKey: true, shiftKey: true })).toBe(true);
  expect(await press(key, { metaKey: true, shiftKey: true })).toBe(true);
  expect(onNewChat).toHaveBeenCalledTimes(2);
  await press(key, { ctrlKey: true });
  await press(key, { shiftKey: true });
  expect(onNewChat).toHaveBeenCalledTimes(2);
});

it("Ctrl+Z takes back what a message offers, and else is the browser's", async () => {
  expect(await press("z", { ctrlKey: true })).toBe(true);
  expect(await press("Z", { metaKey: true })).toBe(true);
  app.toasts.actOnNewest.mockReturnValueOnce(false);
  expect(await press("z", { ctrlKey: true })).toBe(false);
  expect(app.toasts.actOnNewest).toHaveBeenCalledTimes(3);
  await press("z", { ctrlKey: true, shiftKey: true });
  await press("z");
  expect(app.toasts.actOnNewest).toHaveBeenCalledTimes(3);
});

it("Alt+T leads to what the newest message offers, while one types too, by the place of the key", async () => {
  find("textarea")?.focus();
  const option = { altKey: true, code: "KeyT" };
  expect(await press("†", option)).toBe(false);
  document.body.insertAdjacentHTML(
    "beforeend",
    `<div data-testid="toast"><button id="older">Undo</button></div>
     <div data-testid="toast"><button id="newer">Undo</button><button>Dismiss</button></div>`,
  );
  expect(await press("†", option)).toBe(true);
  expect(focused()).toBe("newer");
  expect(await press("t", { ...option, ctrlKey: true })).toBe(false);
});

it.each([
  ["a text", "textarea"],
  ["a field", '[data-testid="task-search"]'],
  ["what can be edited", "[contenteditable]"],
])("keys written into %s are text", async (_, selector) => {
  find(selector)?.focus();
  expect(await press("n")).toBe(false);
  expect(await press("z", { ctrlKey: true })).toBe(false);
});

it("a ticked box is no text", async () => {
  find("#box-1")?.focus();
  expect(await press("n")).toBe(true);
});

it.each([
  ["with Ctrl", { ctrlKey: true }],
  ["with Command", { metaKey: true }],
  ["with Alt", { altKey: true }],
  ["that make a character", { isComposing: true }],
])("keys %s are others'", async (_, more) => {
  expect(await press("n", more)).toBe(false);
});

it("a key that something else has taken does nothing more", async () => {
  document.body.addEventListener("keydown", (event) => event.preventDefault(), { once: true });
  await press("?");
  expect(sheet()).toBeNull();
});

it("? shows the list, which keeps all other keys to itself until it is closed", async () => {
  await press("?");
  await loaded();
  expect(sheet()?.textContent).toContain("Ctrl+Shift+O");
  expect(sheet()?.querySelectorAll("dt")).toHaveLength(14);
  expect(await press("n")).toBe(false);
  await act(async () => find('[aria-label="Close"]')?.click());
  expect(sheet()).toBeNull();
  await act(async () => openShortcutSheet());
  await loaded();
  expect(sheet()).not.toBeNull();
});

it("single characters can be turned off in the list, for good, and then nothing else is", async () => {
  const turn = () => act(async () => find('[data-testid="single-keys"]')?.click());
  await press("?");
  await loaded();
  await turn();
  await act(async () => find('[aria-label="Close"]')?.click());
  const clicked: string[] = [];
  document.addEventListener("click", ({ target }) => clicked.push((target as HTMLElement).id));
  find("#box-2")?.focus();
  for (const key of ["n", "/", "c", "?", "j", "e", "g", "t"]) expect(await press(key)).toBe(false);
  await loaded();
  expect(sheet()).toBeNull();
  expect(window.location.pathname).toBe("/tasks");
  await press("Delete");
  expect(clicked).toEqual(["delete-2"]);
  expect(await press("z", { ctrlKey: true })).toBe(true);

  await act(async () => openShortcutSheet());
  await loaded();
  expect(find('[data-testid="single-keys"]')).toHaveProperty("checked", false);
  await turn();
  await act(async () => find('[aria-label="Close"]')?.click());
  expect(await press("n")).toBe(true);
});

it("nothing listens once it is gone", async () => {
  await act(async () => root.render(null));
  expect(await press("n")).toBe(false);
});

it("in a menu with messages, only the ways to them are open", async () => {
  const { actOnNewest } = app.toasts;
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.setAttribute("open", "");
  expect(await press("z", { ctrlKey: true })).toBe(false);
  expect(actOnNewest).not.toHaveBeenCalled();
  dialog.innerHTML = '<div data-testid="toast"><button data-testid="undo">Undo</button></div>';
  expect(await press("z", { ctrlKey: true })).toBe(true);
  expect(actOnNewest).toHaveBeenCalledOnce();
  expect(await press("t", { altKey: true, code: "KeyT" })).toBe(true);
  expect(focused()).toBe("undo");
  expect(await press("n")).toBe(false);
});
