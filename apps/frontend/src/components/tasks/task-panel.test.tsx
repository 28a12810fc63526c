// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, hydrateRoot, type Root } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppContextValue } from "@/components/shell/app-provider";
import { Toaster } from "@/components/ui/toaster";
import { Connection } from "@/lib/connection";
import { DraftStorage } from "@/lib/drafts";
import { RequestError } from "@/lib/http";
import { MemoryStorage } from "@/lib/outbox/memory-storage.fixture";
import { Outbox } from "@/lib/outbox/outbox";
import { chooseOrder } from "@/lib/tasks/chosen-order";
import type { TaskClient } from "@/lib/tasks/client";
import { onScreen } from "@/lib/tasks/on-screen";
import { TaskStore } from "@/lib/tasks/store";
import { task } from "@/lib/tasks/task.fixture";
import type { Task } from "@/lib/tasks/types";
import { ToastStore } from "@/lib/toasts";
import { TaskPanel } from "./task-panel";

let app: AppContextValue;
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => app }));

const away = () => new RequestError("unavailable", "Away", 503);

describe("TaskPanel", () => {
  const client = {
    list: vi.fn<TaskClient["list"]>(),
    create: vi.fn<TaskClient["create"]>(),
    update: vi.fn<TaskClient["update"]>(),
    remove: vi.fn<TaskClient["remove"]>(),
    restore: vi.fn<TaskClient["restore"]>(),
    complete: vi.fn<TaskClient["complete"]>(),
    revert: vi.fn<TaskClient["revert"]>(),
    removeAll: vi.fn<TaskClient["removeAll"]>(),
    parse: vi.fn<TaskClient["parse"]>(),
  };
  let there: Task[];
  let root: Root;

  beforeEach(async () => {
    vi.useFakeTimers();
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    there = ["a", "b", "c"].map((id, index) =>
      task(id, { position: `n0000000000000${index + 1}` }),
    );
    client.list.mockReset().mockImplementation(async () => there);
    client.create
      .mockReset()
      .mockImplementation(async (fields) =>
        task("new", { position: "n0000000000000f", ...fields }),
      );
    client.update.mockReset().mockImplementation(async (id, changes) => task(id, changes));
    client.remove.mockReset().mockImplementation(async (id) => {
      there = there.filter((one) => one.id !== id);
    });
    client.restore.mockReset().mockImplementation(async (ids) => {
      const back = ids.map((id) => task(id));
      there = [...there, ...back].sort((one, other) => one.id.localeCompare(other.id));
      return back;
    });
    client.parse.mockReset().mockRejectedValue(away());
    const toasts = new ToastStore();
    const connection = new Connection(async () => false);
    const onFailure = (message: string) => toasts.show({ message, tone: "danger" });
    const outbox = new Outbox({ storage: new MemoryStorage(), connection, tab: "tab" });
    const tasks = new TaskStore({ client, connection, outbox, onFailure });
    sessionStorage.clear();
    app = {
      ...{ tasks, toasts, connection, outbox, taskClient: client, firstOrder: "added" },
      drafts: new DraftStorage("ada"),
    } as unknown as AppContextValue;
    await tasks.refresh();
    window.history.replaceState(null, "", "/tasks");
    document.body.innerHTML = '<main id="main" tabindex="-1"></main><div id="root"></div>';
    root = createRoot(document.getElementById("root") as HTMLElement);
    await show("/tasks");
  });
  afterEach(async () => {
    await act(async () => root.unmount());
    app.connection.dispose();
    vi.useRealTimers();
  });

  /** The panel, as a page of its own or beside the chat; the messages are there on every page. */
  async function show(page: string): Promise<void> {
    await act(async () =>
      root.render(
        <>
          {page === "/nowhere" ? null : <TaskPanel key={page} heading="h1" />}
          <Toaster toasts={app.toasts} />
        </>,
      ),
    );
  }

  const all = (id: string): HTMLElement[] =>
    Array.from(document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`));
  const titles = (): string[] => all("task-title").map((element) => element.textContent ?? "");
  const within = (title: string, id: string): HTMLElement => {
    const row = all("task-item").find((item) => item.textContent?.includes(title));
    const element = row?.querySelector<HTMLElement>(`[data-testid="${id}"]`);
    if (!element) throw new Error(`${title} has no ${id}`);
    return element;
  };
  const one = <E extends HTMLElement>(id: string): E => {
    const [element] = all(id);
    if (!element) throw new Error(`there is no ${id}`);
    return element as E;
  };
  /** As with the keyboard: the focus is on what is pressed. */
  const press = (element: HTMLElement): Promise<void> =>
    act(async () => {
      element.focus();
      element.click();
    });
  const enter = (field: HTMLInputElement, value: string): Promise<void> =>
    act(async () => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, value);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  const submit = (element: HTMLElement): Promise<void> =>
    act(async () => {
      element.closest("form")?.dispatchEvent(new Event("submit", { bubbles: true }));
    });
  const focused = (): string =>
    `${document.activeElement?.getAttribute("data-testid")} ${document.activeElement?.getAttribute("aria-label")}`;

  describe("deleting", () => {
    it("is done at once, however the page is left", async () => {
      await press(within("b", "task-delete"));
      expect(titles()).toEqual(["a", "c"]);
      expect(client.remove).toHaveBeenCalledExactlyOnceWith("b");
    });

    it("is undone by the message that offers it, also from another page", async () => {
      await press(within("b", "task-delete"));
      await show("/nowhere");
      await show("/chat");
      expect(titles()).toEqual(["a", "c"]);
      await press(one("toast-action"));
      expect(titles()).toEqual(["a", "b", "c"]);
      expect(client.restore).toHaveBeenCalledExactlyOnceWith(["b"]);
      expect(all("toast")).toEqual([]);
      expect(client.create).not.toHaveBeenCalled();
    });

    it("of several tasks is told and undone in one message", async () => {
      there = ["a", "b", "c", "d"].map((id) => task(id));
      await act(() => app.tasks.refresh());
      for (const title of ["a", "b", "c", "d"]) await press(within(title, "task-delete"));
      expect(titles()).toEqual([]);
      expect(all("toast").map((toast) => toast.textContent)).toEqual(["4 tasks deletedUndo all"]);
      await press(one("toast-action"));
      expect(titles()).toEqual(["a", "b", "c", "d"]);
    });

    it("of several tasks can be undone for each, by a message that stays under the keyboard", async () => {
      for (const title of ["a", "b", "c"]) await press(within(title, "task-delete"));
      expect(all("toast-part")).toEqual([]);
      await press(one("toast-unfold"));
      expect(one("toast-unfold").getAttribute("aria-expanded")).toBe("true");
      expect(all("toast-part").map((part) => part.textContent)).toEqual([
        "cUndo",
        "bUndo",
        "aUndo",
      ]);
      await press(all("toast-part")[1]?.querySelector("button") as HTMLElement);
      expect(titles()).toEqual(["b"]);
      expect(all("toast").map((toast) => toast.textContent)).toEqual([
        "2 tasks deletedUndo allcUndoaUndo",
      ]);
      expect(document.activeElement).toBe(one("toast-action"));
      await press(one("toast-action"));
      expect(titles()).toEqual(["a", "b", "c"]);
      expect(all("toast")).toEqual([]);
    });

    it("brings the task back with the reason when it is refused", async () => {
      client.remove.mockRejectedValue(new RequestError("failed", "Out of order", 500));
      await press(within("b", "task-delete"));
      expect(titles()).toEqual(["a", "b", "c"]);
      expect(all("toast").at(-1)?.textContent).toContain("“b” couldn't be deleted");
    });
  });

  describe("moving", () => {
    const arrow = (key: string, init: KeyboardEventInit = { altKey: true }): Promise<boolean> =>
      act(async () => {
        const event = new KeyboardEvent("keydown", {
          key,
          bubbles: true,
          cancelable: true,
          ...init,
        });
        return document.activeElement?.dispatchEvent(event) ?? true;
      });
    const said = (): string => one("task-moved").textContent ?? "";

    it("is done by Alt and the arrow keys, which say where the task is, and keep the focus on it", async () => {
      await act(async () => within("a", "task-edit").focus());
      expect(await arrow("ArrowDown")).toBe(false);
      expect(titles()).toEqual(["b", "a", "c"]);
      expect(said()).toBe("“a” is 2 of 3.");
      expect(focused()).toBe("task-edit Edit “a”");
      const [id, changes] = client.update.mock.lastCall ?? [];
      expect(id).toBe("a");
      expect(Object.keys(changes ?? {})).toEqual(["position"]);
      const [, b, c] = there.map(({ position }) => position);
      expect([c, changes?.position, b].sort()).toEqual([b, changes?.position, c]);

      await arrow("ArrowUp");
      expect(titles()).toEqual(["a", "b", "c"]);
      expect(said()).toBe("“a” is 1 of 3.");
    });

    it("ends at both ends, of which the page tells too", async () => {
      await act(async () => within("c", "task-toggle").focus());
      await arrow("ArrowDown");
      expect(said()).toBe("“c” is 3 of 3.");
      expect(client.update).not.toHaveBeenCalled();
    });

    it("leaves other keys alone", async () => {
      await act(async () => within("a", "task-toggle").focus());
      for (const init of [{}, { altKey: true, shiftKey: true }, { altKey: true, ctrlKey: true }]) {
        expect(await arrow("ArrowDown", init)).toBe(true);
      }
      expect(await arrow("ArrowLeft")).toBe(true);
      expect(titles()).toEqual(["a", "b", "c"]);
    });

    it("is done from the editor, which stays open with what was entered", async () => {
      await press(within("a", "task-edit"));
      await enter(one("task-edit-title"), "half");
      await press(one("task-move-bottom"));
      expect(titles()).toEqual(["b", "c"]);
      expect(all("task-editor")).toHaveLength(1);
      expect(one<HTMLInputElement>("task-edit-title").value).toBe("half");
      expect(document.activeElement).toBe(one("task-move-bottom"));
      expect(said()).toBe("“a” is 3 of 3.");
      await press(one("task-move-up"));
      expect(said()).toBe("“a” is 2 of 3.");
      await press(one("task-move-top"));
      expect(said()).toBe("“a” is 1 of 3.");
      expect(client.update.mock.calls.map(([id]) => id)).toEqual(["a", "a", "a"]);
    });

    it("is among the tasks that are shown", async () => {
      there = ["xa", "b", "c", "xd"].map((id, index) =>
        task(id, { position: `n0000000000000${index + 1}` }),
      );
      await act(() => app.tasks.refresh());
      await enter(one("task-search"), "x");
      await act(async () => within("xd", "task-toggle").focus());
      await arrow("ArrowUp");
      expect(titles()).toEqual(["xd", "xa"]);
      expect(said()).toBe("“xd” is 1 of 2.");
    });

    it("belongs to the order made by hand alone", async () => {
      const order = one<HTMLSelectElement>("task-order");
      expect(order.value).toBe("hand");
      await act(async () => {
        order.value = "title";
        order.dispatchEvent(new Event("change", { bubbles: true }));
      });
      await act(async () => within("a", "task-toggle").focus());
      expect(await arrow("ArrowDown")).toBe(true);
      await press(within("a", "task-edit"));
      expect(all("task-move-down")).toEqual([]);
      expect(all("task-drag")).toEqual([]);
      await act(async () => {
        order.value = "hand";
        order.dispatchEvent(new Event("change", { bubbles: true }));
      });
    });

    it("isn't for tasks that are done", async () => {
      there = [task("a", { completed: true }), task("b"), task("c")];
      await act(() => app.tasks.refresh());
      await act(async () => within("a", "task-toggle").focus());
      expect(await arrow("ArrowUp")).toBe(true);
      expect(within("b", "task-drag")).toBeTruthy();
      expect(() => within("a", "task-drag")).toThrow();
    });
  });

  it("offers to open again what was ticked off", async () => {
    await press(within("a", "task-toggle"));
    expect(titles()).toEqual(["b", "c", "a"]);
    await press(one("toast-action"));
    expect(client.update.mock.calls).toEqual([
      ["a", { completed: true }],
      ["a", { completed: false }],
    ]);
  });

  it("folds done tasks away, but for the last few, until they are asked for", async () => {
    const done = Array.from({ length: 12 }, (_, index) =>
      task(`done ${index}`, { completed: true, updated_at: `2030-01-${index + 10}T00:00:00Z` }),
    );
    there = [task("open"), ...done];
    await act(() => app.tasks.refresh());
    expect(titles()).toEqual(["open", "done 11", "done 10", "done 9", "done 8", "done 7"]);
    await press(one("task-show-done"));
    expect(titles()).toHaveLength(13);
    // The keyboard goes on with what was unfolded.
    expect(focused()).toBe("task-toggle Done: done 6");
  });

  it("doesn't call overdue what is done", async () => {
    there = [
      task("a", { due_date: "2020-01-01" }),
      task("b", { due_date: "2020-01-01", completed: true }),
    ];
    await act(() => app.tasks.refresh());
    expect(all("task-item").map((row) => row.textContent?.includes("Overdue"))).toEqual([
      true,
      false,
    ]);
  });

  describe("the keyboard's place", () => {
    it("is the next task when one is deleted, and the field for new ones after the last", async () => {
      await press(within("b", "task-delete"));
      expect(focused()).toBe("task-delete Delete “c”");
      await press(within("c", "task-delete"));
      expect(focused()).toBe("task-delete Delete “a”");
      await press(within("a", "task-delete"));
      expect(focused()).toBe("task-add-input New task");
    });

    it("is the next task when the assistant deletes one, or a filter drops it", async () => {
      within("a", "task-edit").focus();
      there = there.slice(1);
      await act(() => app.tasks.refresh());
      expect(focused()).toBe("task-edit Edit “b”");
      await press(one("task-filter-open"));
      await press(within("b", "task-toggle"));
      expect(titles()).toEqual(["c"]);
      expect(focused()).toBe("task-toggle Done: c");
    });

    it("stays with a task that moves to the end", async () => {
      await press(within("a", "task-toggle"));
      expect(titles()).toEqual(["b", "c", "a"]);
      expect(focused()).toBe("task-toggle Done: a");
    });

    it("is left alone by changes when it is elsewhere", async () => {
      one("task-search").focus();
      there = [];
      await act(() => app.tasks.refresh());
      expect(focused()).toBe("task-search Search tasks");
      await act(async () => one("task-search").blur());
      there = [task("z")];
      await act(() => app.tasks.refresh());
      expect(document.activeElement).toBe(document.body);
    });

    it("returns from a message to where it came from", async () => {
      await press(within("b", "task-delete"));
      await press(one("toast-action"));
      expect(focused()).toBe("task-delete Delete “c”");
      await press(within("b", "task-delete"));
      await show("/nowhere");
      await press(one("toast-action"));
      expect(document.activeElement?.id).toBe("main");
    });

    it("returns to the button that opened the editor", async () => {
      await press(within("b", "task-edit"));
      expect(focused()).toMatch(/^task-edit-title/);
      await act(async () => {
        one("task-edit-title").dispatchEvent(
          new KeyboardEvent("keydown", { key: "Escape", bubbles: true }),
        );
      });
      expect(focused()).toBe("task-edit Edit “b”");
    });

    it("stays in the list where that is read again", async () => {
      await show("/nowhere");
      const { connection, outbox } = app;
      client.list.mockRejectedValue(new RequestError("failed", "Out of order", 500));
      app = { ...app, tasks: new TaskStore({ client, connection, outbox }) };
      await app.tasks.refresh();
      await show("/tasks");
      await press(one("task-reload"));
      expect(document.activeElement).not.toBe(document.body);
      expect(one("task-panel").contains(document.activeElement)).toBe(true);
    });

    it("goes from the button to the field when a task is added", async () => {
      await enter(one("task-add-input"), "new");
      one("task-add-submit").focus();
      await submit(one("task-add-submit"));
      expect(focused()).toBe("task-add-input New task");
    });
  });

  describe("editing", () => {
    it("sends what was changed and closes once it is saved", async () => {
      let answer: (saved: Task) => void = () => undefined;
      client.update.mockReturnValue(
        new Promise((resolve) => {
          answer = resolve;
        }),
      );
      await press(within("b", "task-edit"));
      await enter(one("task-edit-title"), "B");
      await submit(one("task-edit-title"));
      await submit(one("task-edit-title"));
      expect(client.update).toHaveBeenCalledExactlyOnceWith("b", { title: "B" });
      expect(all("task-editor")).toHaveLength(1);
      await act(async () => answer(task("b", { title: "B" })));
      expect(all("task-editor")).toEqual([]);
      expect(titles()).toEqual(["a", "B", "c"]);
      expect(focused()).toBe("task-edit Edit “B”");
    });

    it("waits to be saved while the back end is away", async () => {
      client.update.mockRejectedValue(away());
      await press(within("b", "task-edit"));
      await enter(one("task-edit-title"), "precious words");
      await submit(one("task-edit-title"));
      expect(all("task-editor")).toEqual([]);
      expect(titles()).toEqual(["a", "precious words", "c"]);
      expect(one("task-unsaved").textContent).toContain("Waiting to be saved");
      // Nothing but what an Undo is offered for.
      expect(all("toast").map(({ textContent }) => textContent)).toEqual([
        "Changed “precious words”Undo",
      ]);
    });

    it("asks before it throws away what was entered", async () => {
      HTMLDialogElement.prototype.showModal ??= () => undefined;
      await press(within("b", "task-edit"));
      await enter(one("task-edit-title"), "precious words");
      const pressEscape = () => new KeyboardEvent("keydown", { key: "Escape", bubbles: true });
      await act(async () => {
        one("task-edit-title").dispatchEvent(pressEscape());
      });
      expect(one<HTMLInputElement>("task-edit-title").value).toBe("precious words");
      await press(one("confirm"));
      expect(all("task-editor")).toEqual([]);
      expect(titles()).toEqual(["a", "b", "c"]);
    });

    it("takes no longer titles than the back end does", async () => {
      await press(within("b", "task-edit"));
      expect(one<HTMLInputElement>("task-edit-title").maxLength).toBe(200);
    });

    it("keeps all that was entered, with the reason, when it is refused", async () => {
      client.update.mockRejectedValue(new RequestError("rejected", "Too long", 422));
      await press(within("b", "task-edit"));
      await enter(one("task-edit-title"), "precious words");
      await submit(one("task-edit-title"));
      expect(one<HTMLInputElement>("task-edit-title").value).toBe("precious words");
      expect(one("task-edit-error").getAttribute("role")).toBe("alert");
      expect(one("task-edit-error").textContent).toBe("This couldn’t be saved. Too long");
      expect(all("toast")).toEqual([]);
    });

    it("sends nothing when nothing was changed, and wants a title", async () => {
      await press(within("b", "task-edit"));
      await enter(one("task-edit-title"), "  ");
      await submit(one("task-edit-title"));
      expect(one("task-edit-error").textContent).toBe("A task needs a title.");
      await enter(one("task-edit-title"), " b ");
      await submit(one("task-edit-title"));
      expect(all("task-editor")).toEqual([]);
      expect(client.update).not.toHaveBeenCalled();
    });

    it("tells that the task is gone, and makes a new one of what was entered", async () => {
      client.update.mockRejectedValue(new RequestError("not-found", "Gone", 404));
      there = there.filter(({ id }) => id !== "b");
      await press(within("b", "task-edit"));
      await enter(one("task-edit-title"), "B");
      await submit(one("task-edit-title"));
      expect(titles()).toEqual(["a", "c"]);
      expect(one("toast").textContent).toContain("That task doesn't exist any more.");
      expect(one("task-edit-gone").textContent).toContain("was deleted");
      expect(one<HTMLInputElement>("task-edit-title").value).toBe("B");
      expect(all("task-move-up")).toEqual([]);
      expect(one("task-edit-save").textContent).toBe("Save as a new task");
      await submit(one("task-edit-title"));
      const fields = { title: "B", description: null, due_date: null, priority: "medium" };
      expect(client.create).toHaveBeenCalledExactlyOnceWith(fields, expect.any(String));
      expect(all("task-editor")).toEqual([]);
      expect(titles()).toEqual(["a", "c", "B"]);
    });

    describe("keeps what is entered", () => {
      const half = "half written";
      const editor = () => one<HTMLInputElement>("task-edit-title");
      const entered = async (title = "b"): Promise<void> => {
        await press(within(title, "task-edit"));
        await enter(editor(), half);
      };

      it("where a search makes another list of it, and lets one go on typing there", async () => {
        await entered();
        await act(async () => one("task-search").focus());
        there = [...there, ...Array.from({ length: 100 }, (_, index) => task(`x ${index}`))];
        await act(() => app.tasks.refresh());
        await enter(one("task-search"), "nothing");
        expect(editor().value).toBe(half);
        expect(focused()).toBe("task-search Search tasks");
      });

      it("in another order", async () => {
        const order = one<HTMLSelectElement>("task-order");
        const choose = (value: string): Promise<void> =>
          act(async () => {
            order.value = value;
            order.dispatchEvent(new Event("change", { bubbles: true }));
          });
        await entered();
        await choose("title");
        expect(editor().value).toBe(half);
        await choose("hand");
        expect(editor().value).toBe(half);
      });

      it("where the task is ticked elsewhere, with all of its fields and the keyboard's place", async () => {
        await entered();
        await act(async () => {
          const notes = document.querySelector("textarea");
          if (notes) notes.value = "the notes";
          notes?.dispatchEvent(new Event("input", { bubbles: true }));
        });
        await press(all("due-shortcut")[0] as HTMLElement);
        const due = document.querySelector<HTMLInputElement>("[name=due_date]")?.value;
        expect(due).not.toBe("");
        editor().focus();
        there = there.map((one) => (one.id === "b" ? { ...one, completed: true } : one));
        await act(() => app.tasks.refresh());
        expect(document.activeElement).toBe(editor());
        await submit(editor());
        // And doesn't open it again, which nobody has asked for.
        expect(client.update).toHaveBeenCalledExactlyOnceWith("b", {
          title: half,
          description: "the notes",
          due_date: due,
        });
      });

      it("where the task is deleted elsewhere, until it is saved as a new one or given up", async () => {
        HTMLDialogElement.prototype.showModal ??= () => undefined;
        await entered();
        there = [];
        await act(() => app.tasks.refresh());
        expect(editor().value).toBe(half);
        expect(all("task-empty")).toEqual([]);
        expect(one("task-edit-gone").getAttribute("role")).toBe("status");
        await act(async () => {
          editor().dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        });
        await press(one("confirm"));
        expect(all("task-editor")).toEqual([]);
        expect(client.create).not.toHaveBeenCalled();
      });

      it("over other pages, and until it is saved", async () => {
        await entered();
        await show("/nowhere");
        await show("/chat");
        expect(editor().value).toBe(half);
        await submit(editor());
        expect(client.update).toHaveBeenCalledExactlyOnceWith("b", { title: half });
        await show("/nowhere");
        await show("/tasks");
        expect(all("task-editor")).toEqual([]);
        await press(within(half, "task-edit"));
        expect(editor().value).toBe(half);
        expect(sessionStorage).toHaveLength(0);
      });

      it("of each task, and forgets what was given up", async () => {
        HTMLDialogElement.prototype.showModal ??= () => undefined;
        await entered();
        await press(within("c", "task-edit"));
        expect(editor().value).toBe("c");
        await press(within("b", "task-edit"));
        expect(editor().value).toBe(half);
        await act(async () => {
          editor().dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        });
        await press(one("confirm"));
        await press(within("b", "task-edit"));
        expect(editor().value).toBe("b");
      });

      it("isn't open again where nothing was entered", async () => {
        await press(within("b", "task-edit"));
        await show("/nowhere");
        await show("/tasks");
        expect(all("task-editor")).toEqual([]);
      });
    });
  });

  describe("drawn by the server", () => {
    const html = () => renderToString(<TaskPanel heading="h1" />);

    it("has the tasks in the order of adding", () => {
      expect(html().match(/data-testid="task-title"[^>]*>[^<]*/g)).toHaveLength(3);
    });

    it("keeps what was chosen and typed before its scripts were there", async () => {
      there = [task("b"), task("a"), task("ab")];
      await act(() => app.tasks.refresh());
      await act(async () => root.unmount());
      const place = document.getElementById("root") as HTMLElement;
      place.innerHTML = html();
      one<HTMLSelectElement>("task-order").value = "title";
      one<HTMLInputElement>("task-search").value = "a";
      await act(async () => {
        root = hydrateRoot(place, <TaskPanel heading="h1" />);
      });
      expect(one<HTMLSelectElement>("task-order").value).toBe("title");
      expect(one<HTMLInputElement>("task-search").value).toBe("a");
      expect(titles()).toEqual(["a", "ab"]);
      await act(async () => chooseOrder("hand"));
    });

    it("leaves to the browser what depends on where one is", () => {
      app = { ...app, firstOrder: "due" };
      expect(html()).not.toContain("task-title");
      expect(html()).toContain("animate-breathe");
    });
  });

  describe("adding", () => {
    const add = async (title: string): Promise<void> => {
      await enter(one("task-add-input"), title);
      await submit(one("task-add-input"));
    };

    it("keeps every task that can't be sent, and what is being typed", async () => {
      client.create.mockRejectedValue(away());
      await add("one");
      await add("two");
      await enter(one("task-add-input"), "three");
      expect(titles()).toEqual(["a", "b", "c", "one", "two"]);
      expect(all("task-unsaved").map((element) => element.textContent)).toEqual([
        "Waiting to be savedDiscard",
        "Waiting to be savedDiscard",
      ]);
      expect(one<HTMLInputElement>("task-add-input").value).toBe("three");
      await press(within("two", "task-discard"));
      expect(titles()).toEqual(["a", "b", "c", "one"]);
      expect(focused()).toBe("task-discard Discard what isn’t saved of “one”");
      await press(one("toast-action"));
      expect(titles()).toEqual(["a", "b", "c", "one", "two"]);
    });

    it("keeps a line that isn't added yet over other pages, and forgets it once it is", async () => {
      await enter(one("task-add-input"), "half a line");
      await show("/nowhere");
      await show("/chat");
      expect(one<HTMLInputElement>("task-add-input").value).toBe("half a line");
      await submit(one("task-add-input"));
      await act(() => vi.advanceTimersByTimeAsync(1_000));
      expect(titles()).toContain("half a line");
      await show("/nowhere");
      await show("/tasks");
      expect(one<HTMLInputElement>("task-add-input").value).toBe("");
    });

    it("has a task that was refused sent again, as the same one", async () => {
      client.create.mockRejectedValueOnce(new RequestError("failed", "Slow down", 429));
      await add("one");
      expect(one("task-unsaved").textContent).toContain("Not saved");
      await press(one("task-retry"));
      expect(all("task-unsaved")).toEqual([]);
      const [[, first], [, second]] = client.create.mock.calls as [[Task, string], [Task, string]];
      expect(second).toBe(first);
      expect(titles()).toEqual(["a", "b", "c", "one"]);
    });
  });

  describe("by days", () => {
    const filters = (): (string | null)[] =>
      ["overdue", "today", "upcoming"]
        .flatMap((name) => all(`task-filter-${name}`))
        .map(({ textContent }) => textContent);
    const load = async (...tasks: Task[]): Promise<void> => {
      there = tasks;
      await act(() => app.tasks.refresh());
    };

    beforeEach(async () => {
      vi.setSystemTime("2030-01-15T12:00:00Z");
      await load(
        task("late", { due_date: "2030-01-14" }),
        task("now", { due_date: "2030-01-15" }),
        task("soon", { due_date: "2030-01-16" }),
        task("some day"),
      );
    });

    it("tells how many are due when, and shows those that one asks for", async () => {
      expect(filters()).toEqual(["Overdue1", "Today1", "Upcoming1"]);
      await press(one("task-filter-today"));
      expect(titles()).toEqual(["now"]);
      await press(within("now", "task-toggle"));
      expect(filters()).toEqual(["Overdue1", "Today0", "Upcoming1"]);
      expect(one("task-empty").textContent).toContain("Nothing is due today");
      await press(one("task-filter-today"));
      expect(titles()).toEqual(["late", "soon", "some day", "now"]);
    });

    it("isn't offered where no task has a day", async () => {
      await load(task("some day"));
      expect(filters()).toEqual([]);
    });

    it("is kept in the address, which also chooses it", async () => {
      await press(one("task-filter-overdue"));
      expect(window.location.search).toBe("?show=overdue");
      await show("/chat");
      expect(titles()).toEqual(["late"]);
      await act(async () => {
        window.history.replaceState(null, "", "/chat?show=upcoming");
        window.dispatchEvent(new PopStateEvent("popstate"));
      });
      expect(titles()).toEqual(["soon"]);
      await press(one("task-filter-all"));
      expect(window.location.search).toBe("");
    });

    it("gives a task its day that is added to today's", async () => {
      await press(one("task-filter-today"));
      await enter(one("task-add-input"), "Stamps");
      await submit(one("task-add-input"));
      expect(titles().sort()).toEqual(["Stamps", "now"]);
      expect(client.create).toHaveBeenCalledExactlyOnceWith(
        { title: "Stamps", due_date: "2030-01-15" },
        expect.any(String),
      );
    });
  });

  it("shows what one adds, whatever it was that one looked for", async () => {
    await press(one("task-filter-done"));
    await enter(one("task-search"), "nothing");
    await enter(one("task-add-input"), "Stamps");
    await submit(one("task-add-input"));
    expect(titles()).toContain("Stamps");
    expect(one<HTMLInputElement>("task-search").value).toBe("");
  });

  it("tells the assistant which tasks are shown where that is a selection", async () => {
    expect(onScreen()).toEqual([]);
    await enter(one("task-search"), "c");
    expect(onScreen()).toEqual(["c"]);
    await enter(one("task-search"), "");
    expect(onScreen()).toEqual([]);
    await enter(one("task-search"), "b");
    expect(onScreen()).toEqual(["b"]);
    await show("/nowhere");
    expect(onScreen()).toEqual([]);
  });

  describe("says", () => {
    const load = async (...tasks: Task[]): Promise<void> => {
      there = tasks;
      await act(() => app.tasks.refresh());
    };
    const empty = () => all("task-empty").map(({ textContent }) => textContent);
    const search = (words: string) => enter(one("task-search"), words);

    it("how many tasks are open, where there are some", async () => {
      expect(one("task-count").textContent).toBe("3 open");
      await load(task("a"), task("b", { completed: true }));
      expect(one("task-count").textContent).toBe("1 open");
      await load(task("b", { completed: true }));
      expect(one("task-count").textContent).toBe("");
    });

    it("what there is to do where there are no tasks, or none fits", async () => {
      expect(empty()).toEqual([]);
      await search("nothing");
      expect(empty()).toEqual(["No task fitsTry another filter or other words."]);
      await search("");
      await load();
      expect(empty()).toEqual([
        "Nothing to do yetAdd a task above, or tell the assistant what’s on your mind.",
      ]);
    });

    it.each([
      ["overdue", "Nothing is overdue"],
      ["today", "Nothing is due today"],
      ["upcoming", "Nothing is coming up"],
    ])("that nothing is %s, unless words were looked for as well", async (filter, words) => {
      await load(task("a", { due_date: "2030-01-14" }));
      const absent = { overdue: "2040-01-01", today: "2040-01-01", upcoming: "2020-01-01" }[filter];
      await load(task("a", { due_date: absent ?? null }));
      await press(one(`task-filter-${filter}`));
      expect(empty()[0]).toContain(words);
      await search("x");
      expect(empty()[0]).toContain("No task fits");
      await press(one(`task-filter-${filter}`));
    });

    it("which filter is chosen, by its name", async () => {
      const pressed = () =>
        ["all", "open", "done"].map((name) => {
          const button = one(`task-filter-${name}`);
          return [button.textContent, button.getAttribute("aria-pressed")];
        });
      expect(pressed()).toEqual([
        ["All", "true"],
        ["Open", "false"],
        ["Done", "false"],
      ]);
      await press(one("task-filter-done"));
      expect(pressed().map(([, chosen]) => chosen)).toEqual(["false", "false", "true"]);
      await press(one("task-filter-all"));
    });

    it("in which orders the list can be", () => {
      const options = [...one<HTMLSelectElement>("task-order").options];
      expect(options.map(({ value, textContent }) => [value, textContent])).toEqual([
        ["hand", "My order"],
        ["added", "As added"],
        ["due", "Due date"],
        ["priority", "Priority"],
        ["title", "Title"],
      ]);
    });

    it("that something is late, until that is what is shown", async () => {
      const late = () => one("task-filter-overdue").querySelector(".text-danger")?.textContent;
      await load(task("a", { due_date: "2020-01-01" }));
      expect(late()).toBe("1");
      await press(one("task-filter-overdue"));
      expect(late()).toBeUndefined();
      await press(one("task-filter-overdue"));
      await load(task("a", { due_date: "2040-01-01" }));
      expect(late()).toBeUndefined();
    });

    it("that the tasks couldn't be read, and reads them again", async () => {
      await show("/nowhere");
      const { connection, outbox } = app;
      client.list.mockRejectedValueOnce(new RequestError("failed", "Out of order", 500));
      app = { ...app, tasks: new TaskStore({ client, connection, outbox }) };
      await show("/tasks");
      expect(document.querySelectorAll(".animate-breathe")).toHaveLength(1);
      await act(() => app.tasks.refresh());
      expect(document.querySelectorAll(".animate-breathe")).toHaveLength(0);
      expect(empty()).toEqual(["The tasks couldn’t be loaded.Your tasks are safe.Try again"]);
      expect(one("task-count").textContent).toBe("");
      await press(one("task-reload"));
      expect(empty()).toEqual([]);
      expect(titles()).toEqual(["a", "b", "c"]);
    });
  });

  it("shows all that is done where one looks for words, or for that", async () => {
    there = Array.from({ length: 9 }, (_, index) => task(`x ${index}`, { completed: true }));
    await act(() => app.tasks.refresh());
    expect(titles()).toHaveLength(5);
    await enter(one("task-search"), "x");
    expect(titles()).toHaveLength(9);
    await enter(one("task-search"), "  ");
    expect(titles()).toHaveLength(5);
    await press(one("task-filter-done"));
    expect(titles()).toHaveLength(9);
    await press(one("task-filter-all"));
  });

  it("can be scrolled by what has the focus in it, and isn't stopped at by the keyboard itself", () => {
    expect(one("task-panel").querySelector<HTMLElement>(".overflow-y-auto")?.tabIndex).toBe(-1);
  });

  it("keeps what is being edited while one looks for something else", async () => {
    await press(within("b", "task-edit"));
    await enter(one("task-edit-title"), "half written");
    await enter(one("task-search"), "c");
    expect(titles()).toEqual(["c"]);
    expect(one<HTMLInputElement>("task-edit-title").value).toBe("half written");
  });

  describe("quick add", () => {
    const due = { title: "call Sam", due_date: "2030-01-16", priority: "high" } as const;
    const understood = [
      { start: 9, end: 17, kind: "date" as const },
      { start: 18, end: 20, kind: "priority" as const },
    ];

    it("adds what the back end has read", async () => {
      client.parse.mockReset().mockResolvedValue({ ...due, understood });
      await enter(one("task-add-input"), "call Sam tomorrow p1");
      await submit(one("task-add-input"));
      expect(client.parse).toHaveBeenCalledWith("call Sam tomorrow p1");
      expect(client.create).toHaveBeenCalledExactlyOnceWith(due, expect.any(String));
    });

    const typed = "call Sam tomorrow p1";
    const hint = (): string => one("task-add-hint").textContent ?? "";
    const pause = () => act(() => vi.advanceTimersByTimeAsync(300));

    it("tells what it has read while one types, and takes the line as it stands when that is wanted", async () => {
      vi.setSystemTime("2030-01-15T12:00:00Z");
      client.parse.mockReset().mockResolvedValue({ ...due, understood });
      await enter(one("task-add-input"), typed);
      expect(hint()).toBe("");
      await pause();
      expect(hint()).toBe("call SamTomorrowHigh priorityKeep it as typed");
      const marks = [...one("task-add-marks").querySelectorAll("mark")];
      expect(marks.map(({ textContent }) => textContent)).toEqual(["tomorrow", "p1"]);
      expect(one("task-add-marks").textContent).toBe(typed);
      await press(one("task-add-literal"));
      expect(hint()).toBe("");
      expect(focused()).toMatch(/^task-add-input/);
      await submit(one("task-add-input"));
      expect(client.create).toHaveBeenCalledExactlyOnceWith({ title: typed }, expect.any(String));
    });

    it("says nothing about what is no longer typed, or of a line without a date", async () => {
      client.parse.mockReset().mockResolvedValue({ ...due, understood });
      await enter(one("task-add-input"), typed);
      await pause();
      await enter(one("task-add-input"), `${typed} or so`);
      expect(hint()).toBe("");
      const plain = { title: "call Sam", due_date: null, priority: "medium" } as const;
      client.parse.mockResolvedValue({ ...plain, understood: [] });
      await pause();
      expect(hint()).toBe("");
    });

    it("adds lines in the order in which they were entered, whichever is read first", async () => {
      let answer: (task: Awaited<ReturnType<TaskClient["parse"]>>) => void = () => undefined;
      client.parse.mockReset().mockReturnValue(
        new Promise((resolve) => {
          answer = resolve;
        }),
      );
      await enter(one("task-add-input"), "call Sam tomorrow p1");
      await submit(one("task-add-input"));
      await enter(one("task-add-input"), "milk");
      await submit(one("task-add-input"));
      await act(async () => answer({ ...due, understood }));
      expect(client.create.mock.calls.map(([{ title }]) => title)).toEqual(["call Sam", "milk"]);
    });

    it("keeps a line that is still being read when the page is left", async () => {
      client.parse.mockReset().mockReturnValue(new Promise(() => undefined));
      await enter(one("task-add-input"), typed);
      await submit(one("task-add-input"));
      expect(client.create).not.toHaveBeenCalled();
      await act(async () => window.dispatchEvent(new Event("pagehide")));
      expect(client.create).toHaveBeenCalledExactlyOnceWith({ title: typed }, expect.any(String));
    });

    it("adds the line as it is when that takes too long", async () => {
      client.parse.mockReset().mockReturnValue(new Promise(() => undefined));
      await enter(one("task-add-input"), "call Sam tomorrow p1");
      await submit(one("task-add-input"));
      await act(() => vi.advanceTimersByTimeAsync(1_000));
      const title = "call Sam tomorrow p1";
      expect(client.create).toHaveBeenCalledExactlyOnceWith({ title }, expect.any(String));
    });
  });
});
