// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DraftStorage } from "@/lib/drafts";
import { task } from "@/lib/tasks/task.fixture";
import type { ListedTask } from "@/lib/tasks/types";
import { ToastStore } from "@/lib/toasts";
import { readTaskForm, TaskEditor } from "./task-editor";

const { app, move } = vi.hoisted(() => ({ app: {} as Record<string, unknown>, move: vi.fn() }));
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => app }));
vi.mock("./movable-tasks", () => ({ useMoveTask: () => move }));

describe("TaskEditor", () => {
  let root: Root;
  let toasts: ToastStore;
  const edit = vi.fn(async (..._: unknown[]) => true);
  const add = vi.fn(async (_: unknown) => true);
  const onClose = vi.fn();
  const milk = task("milk", { description: "two litres", due_date: "2030-01-16", priority: "low" });

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.useFakeTimers({ now: new Date("2030-01-15T12:00:00Z") });
    HTMLDialogElement.prototype.showModal ??= () => undefined;
    sessionStorage.clear();
    for (const mock of [edit, add, onClose, move]) mock.mockClear();
    const store = { edit, add, getSnapshot: () => ({ tasks: [milk] }) };
    toasts = new ToastStore();
    Object.assign(app, { tasks: store, drafts: new DraftStorage("ada"), toasts });
    root = createRoot(document.body);
  });
  afterEach(() => {
    act(() => root.unmount());
    vi.useRealTimers();
  });

  const show = (shown: ListedTask = milk) =>
    act(async () => root.render(<TaskEditor task={shown} rowId={shown.id} onClose={onClose} />));
  const form = () => document.querySelector("form") as HTMLFormElement;
  const field = (name: string) => form().elements.namedItem(name) as HTMLInputElement;
  const buttons = (selector = "button") => [...document.querySelectorAll<HTMLElement>(selector)];
  const pressText = (text: string) =>
    act(async () =>
      buttons()
        .find(({ textContent }) => textContent === text)
        ?.click(),
    );
  const fill = (name: string, value: string) =>
    act(async () => {
      field(name).value = value;
      field(name).dispatchEvent(new Event("input", { bubbles: true }));
    });
  const press = async (key: string, init: KeyboardEventInit = {}): Promise<boolean> => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
    await act(async () => field("title").dispatchEvent(event));
    return event.defaultPrevented;
  };
  const asks = () => document.querySelector("dialog") !== null;

  it("tells where a title or notes come to their longest, as what is more is cut off", async () => {
    await show({ ...milk, description: "n".repeat(3_990) });
    const told = () => buttons("[data-testid=room-left]").map(({ textContent }) => textContent);
    expect(told()).toEqual(["", "10 characters left"]);
    await fill("title", "t".repeat(200));
    await fill("description", "two litres");
    expect(told()).toEqual(["0 characters left", ""]);
  });

  it("is filled with the task, and named after it", async () => {
    await show();
    expect(form().getAttribute("aria-label")).toBe("Edit “milk”");
    const filled = ["title", "description", "due_date", "priority"].map(
      (name) => field(name).value,
    );
    expect(filled).toEqual(["milk", "two litres", "2030-01-16", "low"]);
    expect([field("title").maxLength, field("description").maxLength]).toEqual([200, 4_000]);
    expect(field("title").required).toBe(true);
    expect(field("due_date").max).toBe("9999-12-31");
    const labels = [...form().querySelectorAll("label")].map((label) => [
      label.textContent,
      document.getElementById(label.htmlFor)?.getAttribute("name"),
    ]);
    expect(labels).toEqual([
      ["Title", "title"],
      ["Notes", "description"],
      ["Due", "due_date"],
      ["Priority", "priority"],
    ]);
    expect([...form().querySelectorAll("option")].map(({ textContent }) => textContent)).toEqual([
      ...["Low", "Medium", "High"],
    ]);
    expect(document.activeElement).toBe(field("title"));
  });

  it("offers days to choose from, and says which one is chosen", async () => {
    await show();
    const chosen = () =>
      buttons("[data-testid=due-shortcut]").map((button) => [
        button.textContent,
        button.getAttribute("aria-pressed"),
      ]);
    expect(chosen()).toEqual([
      ["Today", "false"],
      ["Tomorrow", "true"],
      ["Next Monday", "false"],
      ["No date", "false"],
    ]);
    await pressText("No date");
    expect(field("due_date").value).toBe("");
    expect(chosen().map(([, pressed]) => pressed)).toEqual(["false", "false", "false", "true"]);
    await pressText("Next Monday");
    expect(field("due_date").value).toBe("2030-01-21");
  });

  it("takes back what was saved, and only that", async () => {
    await show();
    await fill("title", "oat milk");
    await fill("description", "");
    await press("Enter", { ctrlKey: true });
    expect(edit.mock.lastCall?.slice(0, 2)).toEqual([
      "milk",
      { title: "oat milk", description: null },
    ]);
    expect(toasts.getSnapshot().map(({ message }) => message)).toEqual(["Changed “oat milk”"]);
    toasts.actOnNewest();
    expect(edit.mock.lastCall).toEqual(["milk", { title: "milk", description: "two litres" }]);
  });

  it("offers to take nothing back where nothing was saved", async () => {
    await show();
    await press("Enter", { ctrlKey: true });
    edit.mockResolvedValueOnce(false);
    await show();
    await fill("title", "oat milk");
    await press("Enter", { ctrlKey: true });
    expect(edit).toHaveBeenCalledOnce();
    expect(toasts.getSnapshot()).toEqual([]);
  });

  it("moves the task by steps, where it is open and there", async () => {
    await show();
    const labels = () => buttons("[data-testid^=task-move]").map(({ title }) => title);
    expect(labels()).toEqual(["Move to the top", "Move up", "Move down", "Move to the end"]);
    for (const button of buttons("[data-testid^=task-move]")) await act(async () => button.click());
    expect(move.mock.calls).toEqual([
      ["milk", "top"],
      ["milk", "up"],
      ["milk", "down"],
      ["milk", "bottom"],
    ]);
    await show({ ...milk, completed: true });
    expect(labels()).toEqual([]);
    await show({ ...milk, gone: true });
    expect(labels()).toEqual([]);
  });

  it.each([[{ ctrlKey: true }], [{ metaKey: true }]])("saves by Enter with %o", async (init) => {
    await show();
    await fill("title", "bread");
    expect(await press("Enter", init)).toBe(true);
    expect(edit).toHaveBeenCalledExactlyOnceWith("milk", { title: "bread" }, expect.any(Function));
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("leaves other keys alone, and those that make a character", async () => {
    await show();
    expect(await press("Enter")).toBe(false);
    expect(await press("a", { ctrlKey: true })).toBe(false);
    expect(await press("Escape", { isComposing: true })).toBe(false);
    expect(edit).not.toHaveBeenCalled();
    expect(onClose).not.toHaveBeenCalled();
  });

  it("closes at once where nothing was entered, by Escape or its button", async () => {
    await show();
    expect(await press("Escape")).toBe(true);
    await pressText("Cancel");
    expect(onClose).toHaveBeenCalledTimes(2);
    expect(asks()).toBe(false);
  });

  it("asks before what was entered is given up, and goes on where it isn't", async () => {
    await show();
    await fill("title", "bread");
    await press("Escape");
    expect(document.querySelector("dialog")?.textContent).toBe(
      "Discard your changes?What you have entered isn’t saved.CancelDiscard",
    );
    expect(await press("Escape")).toBe(false);
    await act(async () => document.querySelector<HTMLElement>("dialog button")?.click());
    expect(asks()).toBe(false);
    expect(onClose).not.toHaveBeenCalled();
    expect(field("title").value).toBe("bread");
  });

  it("says that it saves, once, and that it failed", async () => {
    let answer: (saved: boolean) => void = () => undefined;
    edit.mockImplementationOnce((_id, _changes, onFailure) => {
      (onFailure as (reason: string) => void)("Too long.");
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    await show();
    await fill("title", "bread");
    const save = () => buttons("[data-testid=task-edit-save]")[0];
    expect([save()?.textContent, save()?.getAttribute("aria-disabled")]).toEqual(["Save", "false"]);
    await press("Enter", { ctrlKey: true });
    expect([save()?.textContent, save()?.getAttribute("aria-disabled")]).toEqual([
      "Saving…",
      "true",
    ]);
    await press("Enter", { ctrlKey: true });
    expect(edit).toHaveBeenCalledOnce();
    await act(async () => answer(false));
    expect(save()?.textContent).toBe("Save");
    expect(document.querySelector("[role=alert]")?.textContent).toBe(
      "This couldn’t be saved. Too long.",
    );
    expect(onClose).not.toHaveBeenCalled();
  });
});

it("a form's fields are trimmed, and what is empty is nothing", () => {
  const data = new FormData();
  for (const [name, value] of [
    ["title", " milk "],
    ["description", "  "],
    ["due_date", ""],
    ["priority", "urgent"],
  ] as const)
    data.set(name, value);
  expect(readTaskForm(data)).toEqual({
    ...{ title: "milk", description: null, due_date: null, priority: "medium" },
  });
  data.set("priority", "high");
  expect(readTaskForm(data).priority).toBe("high");
});
