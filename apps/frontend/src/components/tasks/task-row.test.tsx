// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { task } from "@/lib/tasks/task.fixture";
import type { ListedTask } from "@/lib/tasks/types";
import { ToastStore } from "@/lib/toasts";
import { TaskRow } from "./task-row";

const { app } = vi.hoisted(() => ({ app: {} as Record<string, unknown> }));
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => app }));

describe("TaskRow", () => {
  let root: Root;
  let toasts: ToastStore;
  const undo = vi.fn();
  const store = { edit: vi.fn(), remove: vi.fn(), save: vi.fn(), discard: vi.fn() };
  const onEdit = vi.fn();

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    for (const mock of [undo, onEdit, ...Object.values(store)]) mock.mockReset();
    store.remove.mockReturnValue(undo);
    store.discard.mockReturnValue(undo);
    toasts = new ToastStore();
    Object.assign(app, { tasks: store, toasts });
    root = createRoot(document.body);
  });
  afterEach(() => act(() => root.unmount()));

  const show = (fields: Partial<ListedTask> = {}): Promise<void> =>
    act(async () =>
      root.render(
        <TaskRow
          task={{ ...task("milk"), ...fields }}
          today="2030-01-15"
          editing={false}
          onEdit={onEdit}
        />,
      ),
    );
  const find = <E extends HTMLElement = HTMLElement>(id: string) =>
    document.querySelector<E>(`[data-testid="${id}"]`);
  const press = (id: string) => act(async () => find(id)?.click());
  const text = () => document.body.textContent;
  const messages = () => toasts.getSnapshot().map(({ message }) => message);

  it("says what its buttons are for, by the task's title", async () => {
    await show();
    const label = (id: string) => find(id)?.getAttribute("aria-label");
    expect(["task-toggle", "task-edit", "task-delete"].map(label)).toEqual([
      "Done: milk",
      "Edit “milk”",
      "Delete “milk”",
    ]);
    expect(find("task-item")?.dataset.row).toBe("milk");
  });

  it("tells the rest of a task where there is more to it", async () => {
    await show();
    expect(text()).toBe("milk");
    await show({ description: "two litres", due_date: "2030-01-16", priority: "high" });
    expect(text()).toBe("milktwo litresDue TomorrowHigh priority");
    await show({ priority: "low" });
    expect(text()).toBe("milkLow priority");
    await show({ due_date: "2030-01-15" });
    expect(text()).toBe("milkDue Today");
  });

  it.each<[string, Partial<ListedTask>, string, boolean]>([
    ["late", { due_date: "2030-01-14" }, "milkOverdue: Yesterday", true],
    ["due today", { due_date: "2030-01-15" }, "milkDue Today", false],
    ["late and done", { due_date: "2030-01-14", completed: true }, "milkDue Yesterday", false],
  ])("stands out where it is %s", async (_, fields, words, late) => {
    await show(fields);
    expect(text()).toBe(words);
    expect(document.querySelectorAll(".text-danger.font-medium")).toHaveLength(late ? 1 : 0);
  });

  it("has a high priority stand out, and no other", async () => {
    await show({ priority: "high" });
    expect(document.querySelector(".text-warning")?.textContent).toBe("High priority");
    await show({ priority: "low" });
    expect(document.querySelector(".text-warning")).toBeNull();
  });

  it("strikes through what is done", async () => {
    await show();
    expect(find<HTMLInputElement>("task-toggle")?.checked).toBe(false);
    expect(find("task-title")?.classList.contains("line-through")).toBe(false);
    await show({ completed: true });
    expect(find<HTMLInputElement>("task-toggle")?.checked).toBe(true);
    expect(find("task-title")?.classList.contains("line-through")).toBe(true);
  });

  describe("ticked off", () => {
    it("says so, and offers to open it again", async () => {
      await show();
      await press("task-toggle");
      expect(store.edit).toHaveBeenCalledExactlyOnceWith("milk", { completed: true });
      expect(messages()).toEqual(["Done: “milk”"]);
      expect(toasts.getSnapshot()[0]?.action?.label).toBe("Undo");
      toasts.actOnNewest();
      expect(store.edit).toHaveBeenLastCalledWith("milk", { completed: false });
    });

    it("says so briefly: the next message takes its place", async () => {
      await show();
      await press("task-toggle");
      toasts.show({ message: "Something else" });
      expect(messages()).toEqual(["Something else"]);
    });

    it("says so of several in one message", async () => {
      for (const title of ["milk", "bread"]) {
        await show({ id: title, title });
        await press("task-toggle");
        await show({ id: "x", completed: true });
      }
      expect(messages()).toEqual(["2 tasks done"]);
    });

    it("says nothing of one that is opened again", async () => {
      await show({ completed: true });
      await press("task-toggle");
      expect(store.edit).toHaveBeenCalledExactlyOnceWith("milk", { completed: false });
      expect(messages()).toEqual([]);
    });
  });

  describe("deleted", () => {
    it("says so, and offers it back", async () => {
      await show();
      await press("task-delete");
      expect(store.remove).toHaveBeenCalledExactlyOnceWith("milk");
      expect(messages()).toEqual(["Deleted “milk”"]);
      toasts.show({ message: "Something else" });
      expect(messages()).toEqual(["Deleted “milk”", "Something else"]);
      toasts.actOnNewest();
      expect(undo).toHaveBeenCalledOnce();
    });
  });

  it("is edited by what the list knows it by", async () => {
    await show({ rowId: "local-1" });
    expect(find("task-item")?.dataset.row).toBe("local-1");
    await press("task-edit");
    expect(onEdit).toHaveBeenCalledExactlyOnceWith("local-1");
  });

  describe("a task that isn't saved", () => {
    const disabled = () =>
      ["task-toggle", "task-edit", "task-delete"].map(
        (id) => find<HTMLButtonElement>(id)?.disabled,
      );

    it("can't be changed while it is on its way, which nobody is told", async () => {
      await show({ unsaved: "saving" });
      expect(disabled()).toEqual([true, true, true]);
      expect(find("task-unsaved")).toBeNull();
    });

    it("can be changed while it waits, or be given up", async () => {
      await show({ unsaved: "waiting" });
      expect(disabled()).toEqual([false, false, false]);
      expect(find("task-unsaved")?.textContent).toBe("Waiting to be savedDiscard");
      expect(find("task-retry")).toBeNull();
      await press("task-discard");
      expect(store.discard).toHaveBeenCalledExactlyOnceWith("milk");
      expect(messages()).toEqual(["Discarded what wasn’t saved of “milk”"]);
      toasts.actOnNewest();
      expect(undo).toHaveBeenCalledOnce();
    });

    it("can be sent again or given up where it was refused, and isn't changed until then", async () => {
      await show({ unsaved: "failed" });
      expect(disabled()).toEqual([true, true, true]);
      expect(find("task-unsaved")?.textContent).toBe("Not savedTry againDiscard");
      expect(find("task-retry")?.getAttribute("aria-label")).toBe("Try to save “milk” again");
      expect(find("task-discard")?.getAttribute("aria-label")).toBe(
        "Discard what isn’t saved of “milk”",
      );
      await press("task-retry");
      expect(store.save).toHaveBeenCalledExactlyOnceWith("milk");
      expect(store.discard).not.toHaveBeenCalled();
    });
  });
});
