// @vitest-environment happy-dom
import { act, useRef } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { task } from "@/lib/tasks/task.fixture";
import type { ListedTask } from "@/lib/tasks/types";
import type { TaskSection } from "@/lib/tasks/views";
import { TaskList } from "./task-list";

vi.mock("@/components/shell/app-provider", () => ({ useApp: () => ({}) }));
vi.mock("./task-row", () => ({
  TaskRow: ({ task: { id, title }, editing }: { task: ListedTask; editing: boolean }) => (
    <button type="button" data-row={id}>
      {editing ? `editing ${title}` : title}
    </button>
  ),
}));

type Section = TaskSection<ListedTask>;
const section = (name: Section["name"], ...ids: string[]): Section => ({
  name,
  tasks: ids.map((id) => task(id, { completed: name === "done" })),
});
const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index + 1}`);

describe("TaskList", () => {
  let root: Root;

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    root = createRoot(document.body);
  });
  afterEach(() => act(() => root.unmount()));

  function List(props: Partial<Parameters<typeof TaskList>[0]> & { sections: readonly Section[] }) {
    const [scroller, fallback] = [useRef<HTMLDivElement>(null), useRef<HTMLInputElement>(null)];
    return (
      <div ref={scroller} id="scroller">
        <TaskList
          {...{ movable: false, today: "2030-01-15", editing: null, unfolded: false }}
          {...{ onEdit: () => undefined, heading: "h2", scroller, fallback }}
          {...props}
        />
      </div>
    );
  }
  const show = (
    sections: readonly Section[],
    props: Partial<Parameters<typeof TaskList>[0]> = {},
  ) => act(async () => root.render(<List sections={sections} {...props} />));
  const lines = () => [...document.querySelectorAll("li")].map(({ textContent }) => textContent);
  const more = () => document.querySelector<HTMLElement>("[data-testid=task-show-done]");

  it("has no headings where there is one kind of tasks alone", async () => {
    await show([section("open", "a", "b")]);
    expect(lines()).toEqual(["a", "b"]);
    await show([section("done", "x")]);
    expect(lines()).toEqual(["x"]);
  });

  it("heads what is done where something is open", async () => {
    await show([section("open", "a"), section("done", "x", "y")]);
    expect(lines()).toEqual(["a", "Done2", "x", "y"]);
    expect(document.querySelector("h2")?.textContent).toBe("Done2");
    await show([section("open", "a"), section("done", "x", "y")], { heading: "h3" });
    expect(document.querySelector("h3")?.textContent).toBe("Done2");
  });

  it("heads tasks by when they are due, with how many there are", async () => {
    await show([
      section("overdue", "a"),
      section("today", "b", "c"),
      section("upcoming", "d"),
      section("someday", "e"),
      section("done", "f"),
    ]);
    expect(lines()).toEqual([
      ...["Overdue1", "a", "Today2", "b", "c", "Upcoming1", "d", "No date1", "e", "Done1", "f"],
    ]);
  });

  describe("what is done", () => {
    const open = section("open", "a");

    it("is folded away from the seventh on, for one more takes as much room as what unfolds it", async () => {
      await show([open, section("done", ...numbered("x", 6))]);
      expect(lines()).toHaveLength(8);
      expect(more()).toBeNull();
      await show([open, section("done", ...numbered("x", 7))]);
      expect(lines()).toEqual(["a", "Done7", ...numbered("x", 5), "2 more done"]);
    });

    it("is there once it is asked for", async () => {
      await show([open, section("done", ...numbered("x", 7))]);
      await act(async () => more()?.click());
      expect(lines()).toEqual(["a", "Done7", ...numbered("x", 7)]);
      expect(more()).toBeNull();
    });

    it("is there where one looks for it", async () => {
      await show([section("done", ...numbered("x", 7))], { unfolded: true });
      expect(lines()).toEqual(numbered("x", 7));
    });

    it("alone is folded: however many are open, they are all there", async () => {
      await show([section("open", ...numbered("a", 20))]);
      expect(lines()).toHaveLength(20);
    });
  });

  it("edits the row that is asked for", async () => {
    await show([section("open", "a", "b")], { editing: "b" });
    expect(lines()).toEqual(["a", "editing b"]);
  });

  it("has open tasks be moved where the order is made by hand, and no others", async () => {
    const movable = () =>
      [...document.querySelectorAll("[data-movable]")].map((row) => row.textContent);
    await show([section("open", "a", "b"), section("done", "x")]);
    expect(movable()).toEqual([]);
    await show([section("open", "a", "b"), section("done", "x")], { movable: true });
    expect(movable()).toEqual(["a", "b"]);
    expect(document.querySelector("[data-testid=task-moved]")).not.toBeNull();
  });

  describe("that is long", () => {
    const positions = () =>
      [...document.querySelectorAll("li")].map((line) => [
        line.textContent,
        line.getAttribute("aria-posinset"),
        line.getAttribute("aria-setsize"),
      ]);

    it("has all of 100 lines in the page", async () => {
      await show([section("open", ...numbered("a", 100))]);
      expect(lines()).toHaveLength(100);
      expect(positions()[0]).toEqual(["a 1", null, null]);
    });

    it("keeps the room of 101 lines, of 52 px each, with few of them in the page", async () => {
      await show([section("open", ...numbered("a", 101))]);
      expect(document.querySelector("ul")?.style.height).toBe("5252px");
      expect(lines().length).toBeLessThan(50);
    });

    it("has all of its lines while it is printed, before the browser looks at them", async () => {
      const tell = (type: string) => act(async () => window.dispatchEvent(new Event(type)));
      await show([section("open", ...numbered("a", 101))]);
      await tell("beforeprint");
      expect(lines()).toEqual(numbered("a", 101));
      await tell("afterprint");
      expect(lines().length).toBeLessThan(50);
    });
  });
});
