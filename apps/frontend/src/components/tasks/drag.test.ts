// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
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

describe("a row in somebody's hand", () => {
  const ids = ["a", "b", "c"];
  const onDrop = vi.fn();
  const onHold = vi.fn();
  let rows: HTMLElement[];
  let list: HTMLElement;
  let giveUp: () => void;
  let frame: (() => void) | undefined;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    vi.stubGlobal("requestAnimationFrame", (work: () => void) => {
      frame = work;
      return 1;
    });
    frame = undefined;
    onDrop.mockReset();
    onHold.mockReset();
    ({ list, rows } = listOf(...ids));
  });
  afterEach(() => {
    giveUp();
    vi.useRealTimers();
  });

  /** Where the middle of a row is. */
  const middle = (index: number): number => index * PITCH + HEIGHT / 2;
  const transforms = () => rows.map(({ style }) => style.transform);
  const dragged = () => rows.map((row) => row.hasAttribute("data-dragging"));
  const touch = (type: string, clientY: number, fingers = 1, clientX = 10): Event => {
    const points = Array.from({ length: fingers }, () => ({ clientX, clientY }));
    return Object.assign(new Event(type, { bubbles: true, cancelable: true }), { touches: points });
  };
  const dispatch = (event: Event): Event => {
    document.dispatchEvent(event);
    return event;
  };
  /** Comes down on the middle of a row. */
  function start(index: number, how: "mouse" | "finger", scroller = list): void {
    const y = middle(index);
    const event = how === "mouse" ? at("pointerdown", y) : touch("touchstart", y);
    giveUp = startDrag(rows[index] as HTMLElement, event as never, {
      ...{ list, scroller, ids, onHold, onDrop },
    });
  }

  describe("with the mouse", () => {
    it("goes with it from 8 px on, in whatever direction", () => {
      start(0, "mouse");
      dispatch(at("pointermove", middle(0) + 8));
      expect(dragged()).toEqual([false, false, false]);
      dispatch(new MouseEvent("pointermove", { clientX: 18, clientY: middle(0) }));
      expect(onHold).not.toHaveBeenCalled();
      expect(dispatch(at("pointermove", middle(0) + 9)).defaultPrevented).toBe(true);
      expect(dragged()).toEqual([true, false, false]);
      expect(onHold.mock.calls).toEqual([["a"]]);
      expect(transforms()).toEqual(["translateY(9px)", "", ""]);
    });

    it("goes with it sideways, too", () => {
      start(0, "mouse");
      dispatch(new MouseEvent("pointermove", { clientX: 19, clientY: middle(0) }));
      expect(dragged()).toEqual([true, false, false]);
    });

    it("goes with it for as long as it is held, be it by less than the beginning took", () => {
      start(0, "mouse");
      dispatch(at("pointermove", middle(0) + 20));
      dispatch(at("pointermove", middle(0) + 2));
      expect(transforms()).toEqual(["translateY(2px)", "", ""]);
    });

    it("has the rows that it passes make room, each by its height and the gap", () => {
      start(0, "mouse");
      dispatch(at("pointermove", middle(0) + 60));
      expect(transforms()).toEqual(["translateY(60px)", "translateY(-46px)", ""]);
      dispatch(at("pointermove", middle(0) + 80));
      expect(transforms()).toEqual(["translateY(80px)", "translateY(-46px)", "translateY(-46px)"]);
      dispatch(at("pointermove", middle(0) + 10));
      expect(transforms()).toEqual(["translateY(10px)", "", ""]);
    });

    it("has the rows above it make room downwards", () => {
      start(2, "mouse");
      dispatch(at("pointermove", middle(2) - 50));
      expect(transforms()).toEqual(["", "translateY(46px)", "translateY(-50px)"]);
      dispatch(at("pointermove", middle(2) - 90));
      expect(transforms()).toEqual(["translateY(46px)", "translateY(46px)", "translateY(-90px)"]);
    });

    it("passes a row once its edge is beyond the middle of that one, and not before", () => {
      start(0, "mouse");
      // Its lower edge is at 40, the next row's middle at 66.
      dispatch(at("pointermove", middle(0) + 26));
      expect(transforms()[1]).toBe("");
      dispatch(at("pointermove", middle(0) + 27));
      expect(transforms()[1]).toBe("translateY(-46px)");
      dispatch(at("pointermove", middle(0) + 26));
      expect(transforms()[1]).toBe("");
    });

    it("passes a row above it once its upper edge is beyond that one's middle", () => {
      start(1, "mouse");
      dispatch(at("pointermove", middle(1) - 26));
      expect(transforms()[0]).toBe("");
      dispatch(at("pointermove", middle(1) - 27));
      expect(transforms()[0]).toBe("translateY(46px)");
    });

    it("is put behind the last row that it has passed", () => {
      start(0, "mouse");
      dispatch(at("pointermove", middle(2)));
      dispatch(at("pointerup", middle(2)));
      expect(onDrop.mock.calls).toEqual([[0, 2]]);
      expect(onHold.mock.calls).toEqual([["a"], [null]]);
      expect(transforms()).toEqual(["", "", ""]);
      expect(dragged()).toEqual([false, false, false]);
    });

    it("is put nowhere where it comes back to its place", () => {
      start(0, "mouse");
      dispatch(at("pointermove", middle(2)));
      dispatch(at("pointerup", middle(0)));
      expect(onDrop).not.toHaveBeenCalled();
      expect(onHold).toHaveBeenLastCalledWith(null);
    });

    it("isn't clicked by being let go, and a click without dragging stays one", () => {
      start(0, "mouse");
      expect(dispatch(at("pointerup", middle(0))).defaultPrevented).toBe(false);
      start(0, "mouse");
      dispatch(at("pointermove", middle(1)));
      expect(dispatch(at("pointerup", middle(1))).defaultPrevented).toBe(true);
    });

    it("is let go for good: no move counts any more", () => {
      start(0, "mouse");
      dispatch(at("pointermove", middle(1)));
      dispatch(at("pointerup", middle(1)));
      dispatch(at("pointermove", middle(2)));
      dispatch(at("pointerup", middle(2)));
      expect(onDrop).toHaveBeenCalledOnce();
      expect(transforms()).toEqual(["", "", ""]);
    });

    it.each<[string, () => void]>([
      ["the browser takes it away", () => dispatch(new Event("pointercancel"))],
      ["Escape is pressed", () => dispatch(new KeyboardEvent("keydown", { key: "Escape" }))],
      ["the list goes", () => giveUp()],
    ])("is back in its place where %s", (_, end) => {
      start(0, "mouse");
      dispatch(at("pointermove", middle(2)));
      end();
      expect(onDrop).not.toHaveBeenCalled();
      expect(onHold).toHaveBeenLastCalledWith(null);
      expect(transforms()).toEqual(["", "", ""]);
      expect(dragged()).toEqual([false, false, false]);
    });

    it("stays in hand whatever other keys are pressed", () => {
      start(0, "mouse");
      dispatch(at("pointermove", middle(1)));
      dispatch(new KeyboardEvent("keydown", { key: "Enter" }));
      expect(dragged()).toEqual([true, false, false]);
    });

    it("opens no menu while it is dragged, and one before", () => {
      start(0, "mouse");
      expect(dispatch(at("contextmenu", middle(0))).defaultPrevented).toBe(false);
      dispatch(at("pointermove", middle(1)));
      expect(dispatch(at("contextmenu", middle(1))).defaultPrevented).toBe(true);
    });
  });

  describe("with a finger", () => {
    it("is in hand once it was held for 300 ms", () => {
      start(1, "finger");
      vi.advanceTimersByTime(299);
      expect(dragged()).toEqual([false, false, false]);
      vi.advanceTimersByTime(1);
      expect(dragged()).toEqual([false, true, false]);
      expect(onHold.mock.calls).toEqual([["b"]]);
      expect(dispatch(touch("touchmove", middle(2))).defaultPrevented).toBe(true);
      dispatch(touch("touchend", 0, 0));
      expect(onDrop.mock.calls).toEqual([[1, 2]]);
    });

    it("may tremble by 8 px until then", () => {
      start(1, "finger");
      expect(dispatch(touch("touchmove", middle(1) + 8)).defaultPrevented).toBe(false);
      vi.advanceTimersByTime(300);
      expect(dragged()).toEqual([false, true, false]);
    });

    it.each<[string, () => Event]>([
      ["moves by more, which is scrolling", () => touch("touchmove", middle(1) + 9)],
      ["moves sideways by more", () => touch("touchmove", middle(1), 1, 19)],
      ["gets company, which is zooming", () => touch("touchmove", middle(1), 2)],
      ["goes, which is a tap", () => touch("touchend", 0, 0)],
      ["is taken away by the browser", () => touch("touchcancel", 0, 0)],
    ])("isn't in hand where the finger %s before that", (_, happening) => {
      start(1, "finger");
      expect(dispatch(happening()).defaultPrevented).toBe(false);
      vi.advanceTimersByTime(1_000);
      expect(onHold).not.toHaveBeenCalled();
      dispatch(touch("touchmove", middle(2)));
      dispatch(touch("touchend", 0, 0));
      expect(onDrop).not.toHaveBeenCalled();
    });

    it("stays in hand where a second finger comes, and is put where the first one was last", () => {
      start(1, "finger");
      vi.advanceTimersByTime(300);
      dispatch(touch("touchmove", middle(0), 2));
      expect(dragged()).toEqual([false, true, false]);
      expect(dispatch(touch("touchend", 0, 0)).defaultPrevented).toBe(true);
      expect(onDrop.mock.calls).toEqual([[1, 0]]);
    });

    it("is back in its place where the browser takes the finger away", () => {
      start(1, "finger");
      vi.advanceTimersByTime(300);
      dispatch(touch("touchmove", middle(2)));
      dispatch(touch("touchcancel", 0, 0));
      expect(onDrop).not.toHaveBeenCalled();
      expect(dragged()).toEqual([false, false, false]);
    });
  });

  describe("near an edge", () => {
    /** What scrolls is 400 px high, from 100 on. */
    function scrollerAt(scrollTop: number): HTMLElement {
      const scroller = document.createElement("div");
      scroller.getBoundingClientRect = () => new DOMRect(0, 100, 200, 400);
      let top = scrollTop;
      Object.defineProperty(scroller, "scrollTop", {
        get: () => top,
        set: (to: number) => {
          top = Math.min(Math.max(to, 0), 1_000);
        },
      });
      return scroller;
    }
    /** How far the list scrolls in a frame while the mouse is there. */
    function scrolledAt(y: number, from = 500): number {
      const scroller = scrollerAt(from);
      start(0, "mouse", scroller);
      dispatch(at("pointermove", y));
      frame?.();
      giveUp();
      return scroller.scrollTop - from;
    }

    it("the list scrolls, the faster the nearer it is, and by 14 px in a frame at most", () => {
      // 48 px from the edge at 500, and from the one at 100.
      expect([452, 453, 460, 466, 467, 900].map((y) => scrolledAt(y))).toEqual([
        0, 1, 8, 14, 14, 14,
      ]);
      expect([148, 147, 140, 134, 133, 50].map((y) => scrolledAt(y))).toEqual([
        0, -1, -8, -14, -14, -14,
      ]);
    });

    it("it goes on scrolling in each frame, and the row stays under the mouse", () => {
      const scroller = scrollerAt(500);
      start(0, "mouse", scroller);
      dispatch(at("pointermove", 900));
      const from = 900 - middle(0);
      expect(transforms()[0]).toBe(`translateY(${from}px)`);
      frame?.();
      frame?.();
      expect(scroller.scrollTop).toBe(528);
      expect(transforms()[0]).toBe(`translateY(${from + 28}px)`);
    });

    it("it ends where there is nothing more to see", () => {
      expect(scrolledAt(900, 995)).toBe(5);
      expect(scrolledAt(50, 0)).toBe(0);
    });

    it("it stands once the row was let go", () => {
      const scroller = scrollerAt(500);
      start(0, "mouse", scroller);
      dispatch(at("pointermove", 900));
      dispatch(at("pointerup", 900));
      const last = frame;
      frame = undefined;
      last?.();
      expect(scroller.scrollTop).toBe(500);
      expect(frame).toBeUndefined();
    });
  });
});
