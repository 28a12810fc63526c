// @vitest-environment happy-dom
import { act, useRef } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { task } from "@/lib/tasks/task.fixture";
import type { ListedTask } from "@/lib/tasks/types";
import type { DragOptions } from "./drag";
import { DragHandle, MovableRow, MovableTasks, type Move, useMoveTask } from "./movable-tasks";
// What is loaded when it is needed is there at once: a busy machine takes a while to find it.
import "./drag";

const { edit, startDrag, giveUp } = vi.hoisted(() => ({
  edit: vi.fn(async () => true),
  startDrag: vi.fn<(row: HTMLElement, event: Event, options: DragOptions) => () => void>(),
  giveUp: vi.fn(),
}));
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => ({ tasks: { edit } }) }));
vi.mock("./drag", () => ({ startDrag }));

const POSITIONS = ["n00000000000010", "n00000000000020", "n00000000000030", "n00000000000040"];
const listed = (...ids: string[]): ListedTask[] =>
  ids.map((id, index) => task(id, { position: POSITIONS[index] ?? "" }));

describe("tasks that can be moved", () => {
  let root: Root;
  let move: ((rowId: string, by: Move) => void) | null;
  const onHold = vi.fn();

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    edit.mockClear();
    startDrag.mockReset().mockReturnValue(giveUp);
    giveUp.mockReset();
    document.body.innerHTML = '<div id="root"></div>';
    root = createRoot(document.getElementById("root") as HTMLElement);
  });
  afterEach(() => act(async () => root.unmount()));

  function Row() {
    move = useMoveTask();
    return <DragHandle />;
  }

  function List({ tasks, held }: { tasks: readonly ListedTask[]; held: string | null }) {
    const scroller = useRef<HTMLDivElement>(null);
    return (
      <div ref={scroller} id="scroller">
        <MovableTasks tasks={tasks} scroller={scroller} onHold={onHold}>
          {tasks.map(({ id, rowId = id }) => (
            <MovableRow key={rowId} rowId={rowId} held={held === rowId}>
              <button type="button" id={`button-${rowId}`} />
              <Row />
            </MovableRow>
          ))}
        </MovableTasks>
      </div>
    );
  }

  const show = (tasks: readonly ListedTask[], held: string | null = null): Promise<void> =>
    act(async () => root.render(<List tasks={tasks} held={held} />));
  const said = () => document.querySelector("[data-testid=task-moved]")?.textContent;
  const row = (id: string): HTMLElement => {
    const found = document.querySelector<HTMLElement>(`[data-movable="${id}"]`);
    if (!found) throw new Error(`there is no row ${id}`);
    return found;
  };
  const handle = (id: string): HTMLElement | null =>
    row(id).querySelector<HTMLElement>("[data-testid=task-drag]");
  const go = (id: string, by: Move): Promise<void> => act(async () => move?.(id, by));
  const loaded = () => act(() => vi.dynamicImportSettled());

  describe("by steps", () => {
    it.each<[string, Move, string, [after: string | undefined, before: string | undefined]]>([
      ["a", "down", "“a” is 2 of 4.", [POSITIONS[1], POSITIONS[2]]],
      ["a", "bottom", "“a” is 4 of 4.", [POSITIONS[3], undefined]],
      ["d", "up", "“d” is 3 of 4.", [POSITIONS[1], POSITIONS[2]]],
      ["d", "top", "“d” is 1 of 4.", [undefined, POSITIONS[0]]],
      ["b", "up", "“b” is 1 of 4.", [undefined, POSITIONS[0]]],
      ["c", "down", "“c” is 4 of 4.", [POSITIONS[3], undefined]],
    ])("%s goes %s, which is said and saved", async (id, by, words, [after, before]) => {
      await show(listed("a", "b", "c", "d"));
      await go(id, by);
      expect(said()).toBe(words);
      const [[edited, { position }]] = edit.mock.calls as unknown as [
        [string, { position: string }],
      ];
      expect(edited).toBe(id);
      expect(position > (after ?? "")).toBe(true);
      expect(position < (before ?? "o")).toBe(true);
    });

    it.each<[string, Move, string]>([
      ["a", "up", "“a” is 1 of 3."],
      ["a", "top", "“a” is 1 of 3."],
      ["c", "down", "“c” is 3 of 3."],
      ["c", "bottom", "“c” is 3 of 3."],
    ])("%s can't go %s, which is said as well", async (id, by, words) => {
      await show(listed("a", "b", "c"));
      await go(id, by);
      expect(said()).toBe(words);
      expect(edit).not.toHaveBeenCalled();
    });

    it("says nothing before, and nothing of a row that isn't there", async () => {
      await show(listed("a", "b"));
      expect(said()).toBe("");
      await go("x", "down");
      expect(said()).toBe("");
      expect(edit).not.toHaveBeenCalled();
    });

    it.each<[string, Partial<ListedTask>]>([
      ["is being saved for the first time", { unsaved: "saving" }],
      ["the back end has refused", { unsaved: "failed" }],
      ["was deleted elsewhere", { gone: true }],
    ])("saves nothing of a task that %s", async (_, fields) => {
      const [a, b] = listed("a", "b") as [ListedTask, ListedTask];
      await show([{ ...a, ...fields }, b]);
      await go("a", "down");
      expect(edit).not.toHaveBeenCalled();
    });

    it("moves a task that waits for the back end", async () => {
      const [a, b] = listed("a", "b") as [ListedTask, ListedTask];
      await show([{ ...a, unsaved: "waiting" }, b]);
      await go("a", "down");
      expect(edit).toHaveBeenCalledOnce();
    });

    it("knows a row by its own id, and the back end's task by the task's", async () => {
      const [a, b] = listed("a", "b") as [ListedTask, ListedTask];
      await show([a, { ...b, rowId: "local-b" }]);
      await go("local-b", "up");
      expect(edit).toHaveBeenCalledExactlyOnceWith("b", { position: expect.any(String) });
      edit.mockClear();
      await go("b", "up");
      expect(edit).not.toHaveBeenCalled();
    });
  });

  describe("by the keyboard", () => {
    const press = async (key: string, init: KeyboardEventInit): Promise<boolean> => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
      await act(async () => document.getElementById("button-b")?.dispatchEvent(event));
      return event.defaultPrevented;
    };

    it.each<[string, string]>([
      ["ArrowUp", "“b” is 1 of 3."],
      ["ArrowDown", "“b” is 3 of 3."],
    ])("goes by Alt and %s", async (key, words) => {
      await show(listed("a", "b", "c"));
      expect(await press(key, { altKey: true })).toBe(true);
      expect(said()).toBe(words);
    });

    it.each<[string, string, KeyboardEventInit]>([
      ["an arrow alone", "ArrowDown", {}],
      ["with Ctrl", "ArrowDown", { altKey: true, ctrlKey: true }],
      ["with Command", "ArrowDown", { altKey: true, metaKey: true }],
      ["with Shift", "ArrowUp", { altKey: true, shiftKey: true }],
      ["another arrow", "ArrowRight", { altKey: true }],
    ])("leaves other keys alone: %s", async (_, key, init) => {
      await show(listed("a", "b", "c"));
      expect(await press(key, init)).toBe(false);
      expect(said()).toBe("");
    });
  });

  /** Comes down on the handle of a row. */
  const press = async (id: string, init: PointerEventInit = {}): Promise<Event> => {
    const event = new PointerEvent("pointerdown", {
      ...{ bubbles: true, cancelable: true, button: 0, pointerType: "mouse" },
      ...init,
    });
    handle(id)?.dispatchEvent(event);
    return event;
  };
  const fingers = (count: number): Event =>
    Object.assign(new Event("touchstart", { bubbles: true }), {
      touches: Array.from({ length: count }, () => ({ clientX: 0, clientY: 0 })),
    });
  const enter = (): Promise<void> =>
    act(async () => {
      row("a").parentElement?.dispatchEvent(
        new PointerEvent("pointerover", { bubbles: true, relatedTarget: document.body }),
      );
    });

  describe("by dragging", () => {
    it("begins with the mouse on a handle, and knows the rows and what scrolls", async () => {
      const [a, b] = listed("a", "b") as [ListedTask, ListedTask];
      await show([a, { ...b, rowId: "local-b" }]);
      const event = await press("local-b");
      expect(event.defaultPrevented).toBe(true);
      await loaded();
      expect(startDrag).toHaveBeenCalledExactlyOnceWith(row("local-b"), event, expect.anything());
      expect(startDrag.mock.lastCall?.[2]).toMatchObject({
        list: row("a").parentElement,
        scroller: document.getElementById("scroller"),
        ids: ["a", "local-b"],
        onHold,
      });
      expect(startDrag.mock.lastCall?.[2].ended).toBeUndefined();
    });

    it("begins at once where the mouse was over the list before", async () => {
      await show(listed("a", "b"));
      await enter();
      await loaded();
      await press("a");
      expect(startDrag).toHaveBeenCalledOnce();
    });

    it("begins at once where fingers are what one points with", async () => {
      vi.spyOn(window, "matchMedia").mockImplementation(
        (query) => ({ matches: query === "(pointer: coarse)" }) as MediaQueryList,
      );
      await show(listed("a", "b"));
      await loaded();
      row("a").dispatchEvent(fingers(1));
      expect(startDrag).toHaveBeenCalledOnce();
    });

    it("is nothing for the other buttons, and a finger on the handle is one on the row", async () => {
      await show(listed("a", "b"));
      await enter();
      await loaded();
      expect((await press("a", { button: 2 })).defaultPrevented).toBe(false);
      expect((await press("a", { pointerType: "touch" })).defaultPrevented).toBe(false);
      expect(startDrag).not.toHaveBeenCalled();
    });

    it("begins with one finger on the row, and not with two", async () => {
      await show(listed("a", "b"));
      await enter();
      await loaded();
      row("b").dispatchEvent(fingers(2));
      expect(startDrag).not.toHaveBeenCalled();
      const event = fingers(1);
      row("b").dispatchEvent(event);
      expect(startDrag).toHaveBeenCalledExactlyOnceWith(row("b"), event, expect.anything());
    });

    it("is nothing for a row that is being edited, which has no handle either", async () => {
      await show(listed("a", "b"), "a");
      await enter();
      await loaded();
      row("a").dispatchEvent(fingers(1));
      expect(startDrag).not.toHaveBeenCalled();
      expect(handle("a")).toBeNull();
      expect(handle("b")).not.toBeNull();
    });

    it("puts the task where it is dropped, and says so", async () => {
      await show(listed("a", "b", "c"));
      await press("a");
      await loaded();
      await act(async () => startDrag.mock.lastCall?.[2].onDrop(0, 2));
      expect(said()).toBe("“a” is 3 of 3.");
      expect(edit).toHaveBeenCalledExactlyOnceWith("a", { position: expect.any(String) });
    });

    it("ends what was in hand when another row is taken, and when the list goes", async () => {
      await show(listed("a", "b"));
      await enter();
      await loaded();
      await press("a");
      expect(giveUp).not.toHaveBeenCalled();
      await press("b");
      expect(giveUp).toHaveBeenCalledOnce();
      await show([]);
      await act(async () => root.render(null));
      expect(giveUp).toHaveBeenCalledTimes(2);
    });
  });

  describe("on a slow line, where what drags comes after the pointer", () => {
    it("tells where the mouse was let go of first meanwhile", async () => {
      await show(listed("a", "b"));
      await press("a");
      const up = new PointerEvent("pointerup", { clientY: 90 });
      document.dispatchEvent(up);
      document.dispatchEvent(new PointerEvent("pointerup", { clientY: 10 }));
      await loaded();
      expect(startDrag.mock.lastCall?.[2].ended).toBe(up);
    });

    it.each(["touchend", "pointercancel"])("begins nothing after %s", async (type) => {
      await show(listed("a", "b"));
      row("a").dispatchEvent(fingers(1));
      document.dispatchEvent(new Event(type));
      await loaded();
      expect(startDrag).not.toHaveBeenCalled();
    });

    it("begins nothing where the list has gone meanwhile", async () => {
      await show(listed("a", "b"));
      await press("a");
      await act(async () => root.render(null));
      await loaded();
      expect(startDrag).not.toHaveBeenCalled();
    });
  });

  it("are none where the order isn't made by hand", async () => {
    await act(async () => root.render(<Row />));
    expect(move).toBeNull();
    expect(document.querySelector("[data-testid=task-drag]")).toBeNull();
  });
});
