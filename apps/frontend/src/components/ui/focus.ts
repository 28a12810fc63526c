import { type FocusEvent, type RefObject, useEffect, useLayoutEffect, useRef } from "react";

/** Whether the focus is nowhere, as what had it has been taken out of the page. */
export function isFocusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** The ref of an element, and what has it get the focus as soon as it is back in the page. */
export function useReturnFocus<E extends HTMLElement>(): [RefObject<E | null>, () => void] {
  const element = useRef<E>(null);
  const wanted = useRef(false);
  useLayoutEffect(() => {
    if (!wanted.current || !element.current) return;
    wanted.current = false;
    element.current.focus();
  });
  const giveBack = (): void => {
    wanted.current = true;
  };
  return [element, giveBack];
}

/**
 * Has somebody see to it when what had the focus is taken out of a region, be it long after it was pressed.
 * @param onLost gives the focus to something else; must stay the same
 * @returns for the region's element
 */
export function useKeptFocus(region: RefObject<HTMLElement | null>, onLost: () => void) {
  const last = useRef<Element | null>(null);
  useEffect(() => {
    const element = region.current;
    if (!element) return;
    const look = (): void => {
      // What got it while React was drawing, or before it came to life, has told nobody.
      if (element.contains(document.activeElement)) last.current = document.activeElement;
      if (!last.current || last.current.isConnected) return;
      last.current = null;
      if (isFocusLost()) onLost();
    };
    look();
    const observer = new MutationObserver(look);
    observer.observe(element, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [region, onLost]);
  return {
    onFocus: ({ target }: FocusEvent): void => {
      last.current = target;
    },
    // What goes says nothing, so this is somebody who leaves. The window's leaving doesn't count.
    onBlur: ({ target }: FocusEvent): void => {
      if (document.activeElement !== target) last.current = null;
    },
  };
}

const CONTROLS = "a[href], button, input, select, textarea";

interface Place {
  row: string;
  index: number;
  /** Which of the row's controls. */
  control: number;
}

/**
 * Keeps the keyboard's place in a list, whose rows name themselves by `data-row`: when one goes, the
 * next takes the focus over; when one moves, it keeps it; when the last goes, `fallback` gets it.
 */
export function useRowFocus(fallback: RefObject<HTMLElement | null>) {
  const list = useRef<HTMLDivElement>(null);
  const place = useRef<Place | null>(null);

  const rows = (): HTMLElement[] =>
    Array.from(list.current?.querySelectorAll<HTMLElement>("[data-row]") ?? []);
  const controls = (row: HTMLElement | undefined): HTMLElement[] =>
    Array.from(row?.querySelectorAll<HTMLElement>(CONTROLS) ?? []);

  const hold = (row: string, control: number): void => {
    place.current = { row, control, index: rows().findIndex(({ dataset }) => dataset.row === row) };
  };

  useLayoutEffect(() => {
    if (!place.current || !isFocusLost()) return;
    const { row, index, control } = place.current;
    const all = rows();
    const next = all.find(({ dataset }) => dataset.row === row) ?? all[index] ?? all.at(-1);
    const candidates = controls(next);
    const wanted = [candidates[control], ...candidates, fallback.current];
    const element = wanted.find((one) => one && !one.matches(":disabled"));
    // A list mustn't jump under the pointer when the row that was clicked moves.
    element?.focus({ preventScroll: true });
    if (element?.matches(":focus-visible")) element.scrollIntoView({ block: "nearest" });
  });

  // For the list's element.
  return {
    ref: list,
    onFocus: ({ target }: FocusEvent): void => {
      const row = target.closest<HTMLElement>("[data-row]");
      if (row?.dataset.row) hold(row.dataset.row, controls(row).indexOf(target as HTMLElement));
    },
    // Rows that go say nothing, so this is somebody who leaves. The window's leaving doesn't count.
    onBlur: (): void => {
      if (!list.current?.contains(document.activeElement)) place.current = null;
    },
  };
}
