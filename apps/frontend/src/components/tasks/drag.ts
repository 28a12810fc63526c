/** How long a finger has to stay on a row before it drags it, in milliseconds: shorter is scrolling. */
const HOLD_MS = 300;
/** How far it may tremble meanwhile, and a mouse move without dragging, in pixels. */
const SLACK = 8;
/** How near an edge of the list scrolls it, and how far in a frame at most, both in pixels. */
const EDGE = 48;
const STEP = 14;

/** Names the rows that can be dragged, by their ids. */
const MOVABLE = "data-movable";

export interface DragOptions {
  list: HTMLElement;
  /** What scrolls the list. */
  scroller: HTMLElement;
  /** The rows' ids in order; a long list has only some of them in the page. */
  ids: readonly string[];
  /** Hears which row is in hand, which has to stay in the page. */
  onHold(id: string | null): void;
  onDrop(from: number, to: number): void;
  /** Where the mouse has let go already: it was faster than the line on which this came. */
  ended?: MouseEvent | undefined;
}

/**
 * Follows a mouse or a finger that has come down on a row, and drags the row with it. Written here, as
 * the libraries for it are as large as a tenth of the page. Returns what gives it up.
 */
export function startDrag(
  row: HTMLElement,
  event: PointerEvent | TouchEvent,
  options: DragOptions,
): () => void {
  const over = new AbortController();
  const { signal } = over;
  const touch = "touches" in event;
  const pointOf = (from: MouseEvent | TouchEvent): { x: number; y: number } => {
    const { clientX: x, clientY: y } =
      "touches" in from ? (from.touches[0] ?? { clientX: 0, clientY: 0 }) : from;
    return { x, y };
  };
  const start = pointOf(event);
  let dragging: Dragged | undefined;

  const begin = (): void => {
    dragging = new Dragged(row, start.y, options, signal);
  };
  const end = (drop: boolean): void => {
    if (signal.aborted) return;
    over.abort();
    clearTimeout(timer);
    dragging?.end(drop);
  };
  const timer = touch ? setTimeout(begin, HOLD_MS) : undefined;
  const move = (moved: MouseEvent | TouchEvent): void => {
    const { x, y } = pointOf(moved);
    const far = Math.hypot(x - start.x, y - start.y) > SLACK;
    if (!dragging && touch && (far || (moved as TouchEvent).touches.length > 1)) {
      end(false);
      return;
    }
    if (!dragging && far) begin();
    if (!dragging) return;
    // The page would scroll, or text be selected.
    if (moved.cancelable) moved.preventDefault();
    dragging.moveTo(y);
  };
  const drop = (ended: MouseEvent | TouchEvent): void => {
    // The last moves of a mouse may not have been told one by one.
    if (!touch) move(ended);
    // What was dragged isn't clicked.
    if (dragging && ended.cancelable) ended.preventDefault();
    end(true);
  };
  const active = { signal, passive: false };
  document.addEventListener(touch ? "touchmove" : "pointermove", move as EventListener, active);
  document.addEventListener(touch ? "touchend" : "pointerup", drop as EventListener, active);
  document.addEventListener(touch ? "touchcancel" : "pointercancel", () => end(false), active);
  document.addEventListener("contextmenu", (menu) => dragging && menu.preventDefault(), active);
  document.addEventListener("keydown", ({ key }) => key === "Escape" && end(false), active);
  if (options.ended) drop(options.ended);
  return () => end(false);
}

/** A row in somebody's hand, and those that make room for it. */
class Dragged {
  private readonly id: string;
  private readonly from: number;
  private readonly startScroll: number;
  private readonly shifts = new Map<HTMLElement, number>();
  private to: number;
  private y: number;

  constructor(
    private readonly row: HTMLElement,
    private readonly startY: number,
    private readonly options: DragOptions,
    signal: AbortSignal,
  ) {
    this.id = row.getAttribute(MOVABLE) ?? "";
    this.from = options.ids.indexOf(this.id);
    this.to = this.from;
    this.y = startY;
    this.startScroll = options.scroller.scrollTop;
    row.toggleAttribute("data-dragging", true);
    options.onHold(this.id);
    const frame = (): void => {
      if (signal.aborted) return;
      this.scroll();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  moveTo(y: number): void {
    this.y = y;
    const { scroller, list, ids } = this.options;
    const offset = y - this.startY + scroller.scrollTop - this.startScroll;
    this.row.style.transform = `translateY(${offset}px)`;
    const { top, bottom, height } = this.row.getBoundingClientRect();
    this.to = this.from;
    for (const other of list.querySelectorAll<HTMLElement>(`[${MOVABLE}]`)) {
      if (other === this.row) continue;
      const index = ids.indexOf(other.getAttribute(MOVABLE) ?? "");
      const box = other.getBoundingClientRect();
      const middle = box.top + box.height / 2 - (this.shifts.get(other) ?? 0);
      // Rows have a gap of 6 px between them.
      const room = height + 6;
      if (index < this.from && top < middle) {
        this.shift(other, room);
        this.to = Math.min(this.to, index);
      } else if (index > this.from && bottom > middle) {
        this.shift(other, -room);
        this.to = Math.max(this.to, index);
      } else this.shift(other, 0);
    }
  }

  end(drop: boolean): void {
    for (const other of [this.row, ...this.shifts.keys()]) other.style.transform = "";
    this.row.toggleAttribute("data-dragging", false);
    this.options.onHold(null);
    if (drop && this.to !== this.from) this.options.onDrop(this.from, this.to);
  }

  private shift(other: HTMLElement, by: number): void {
    if ((this.shifts.get(other) ?? 0) === by) return;
    this.shifts.set(other, by);
    other.style.transform = by === 0 ? "" : `translateY(${by}px)`;
  }

  private scroll(): void {
    const { scroller } = this.options;
    const { top, bottom } = scroller.getBoundingClientRect();
    const beyond = Math.min(this.y - top - EDGE, 0) + Math.max(this.y - bottom + EDGE, 0);
    if (beyond === 0) return;
    const before = scroller.scrollTop;
    scroller.scrollTop += Math.max(-STEP, Math.min(STEP, beyond));
    if (scroller.scrollTop !== before) this.moveTo(this.y);
  }
}
