// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { startDrag } from "./drag";

const HEIGHT = 40;
const PITCH = 46;

/** A list of rows, each where its number and its transform put it. */
function listOf(...ids: string[]): { list: HTMLElement; rows: HTMLElement[] } {
  const list = document.createElement("ul");
  const rows = ids.map((id, index) => {
    const row = document.createElement("li");
    row.setAttribute("data-movable", id);
    row.getBoundingClientRect = () => {
      const moved = Number(/translateY\((.+)px\)/.exec(row.style.transform)?.[1] ?? 0);
      return new DOMRect(0, index * PITCH + moved, 200, HEIGHT);
    };
    return row;
  });
  list.append(...rows);
  list.getBoundingClientRect = () => new DOMRect(0, -500, 200, 2000);
  return { list, rows };
}

const at = (type: string, clientY: number): MouseEvent =>
  new MouseEvent(type, { clientX: 10, clientY, bubbles: true, cancelable: true });

describe("a row that a mouse drags", () => {
  afterEach(() => vi.restoreAllMocks());

  /** Presses the last of three rows, does this with the mouse, and tells where the row was put. */
  function drag(events: readonly Event[], ended?: MouseEvent): unknown[][] {
    const ids = ["a", "b", "c"];
    const { list, rows } = listOf(...ids);
    const onDrop = vi.fn();
    const down = at("pointerdown", 2 * PITCH + HEIGHT / 2) as PointerEvent;
    startDrag(rows[2] as HTMLElement, down, {
      ...{ list, scroller: list, ids, onHold: () => undefined, onDrop, ended },
    });
    for (const event of events) document.dispatchEvent(event);
    expect(rows.map(({ style }) => style.transform)).toEqual(["", "", ""]);
    return onDrop.mock.calls;
  }

  it("is put where the mouse is let go, whatever moves were told before", () => {
    const first = HEIGHT / 2;
    expect(drag([at("pointermove", 60), at("pointerup", first)])).toEqual([[2, 0]]);
    expect(drag([at("pointerup", first)])).toEqual([[2, 0]]);
    expect(drag([at("pointermove", first), at("pointerup", 60)])).toEqual([[2, 1]]);
  });

  it("is put where the mouse had let go before this was there, and follows no mouse after that", () => {
    expect(drag([at("pointermove", 60), at("pointerup", 60)], at("pointerup", HEIGHT / 2))).toEqual(
      [[2, 0]],
    );
    expect(drag([at("pointerup", 60)], at("pointerup", 2 * PITCH + HEIGHT / 2))).toEqual([]);
  });

  it("stays where it was after a tremble, and after Escape", () => {
    const start = 2 * PITCH + HEIGHT / 2;
    expect(drag([at("pointermove", start - 5), at("pointerup", start - 5)])).toEqual([]);
    const givesUp = new KeyboardEvent("keydown", { key: "Escape" });
    expect(drag([at("pointermove", 20), givesUp, at("pointerup", 20)])).toEqual([]);
  });
});
