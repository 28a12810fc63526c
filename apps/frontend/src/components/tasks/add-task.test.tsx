// @vitest-environment happy-dom
import { act, useRef } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DraftStorage } from "@/lib/drafts";
import type { ParsedTask } from "@/lib/tasks/client";
import { AddTask } from "./add-task";

const { app } = vi.hoisted(() => ({ app: {} as Record<string, unknown> }));
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => app }));

describe("AddTask", () => {
  let root: Root;
  let drafts: DraftStorage;
  const parse = vi.fn<(text: string) => Promise<ParsedTask>>();
  const onAdd = vi.fn();
  const TYPED = "call Sam tomorrow p1";
  const READ: ParsedTask = {
    ...{ title: "call Sam", due_date: "2030-01-16", priority: "high" },
    understood: [
      { start: 9, end: 17, kind: "date" },
      { start: 18, end: 20, kind: "priority" },
    ],
  };

  beforeEach(async () => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.useFakeTimers({ now: new Date("2030-01-15T12:00:00Z") });
    sessionStorage.clear();
    drafts = new DraftStorage("ada");
    parse.mockReset().mockResolvedValue(READ);
    onAdd.mockReset();
    Object.assign(app, { taskClient: { parse }, drafts });
    root = createRoot(document.body);
    await act(async () => root.render(<Form />));
  });
  afterEach(() => {
    act(() => root.unmount());
    vi.useRealTimers();
  });

  function Form() {
    return <AddTask input={useRef<HTMLInputElement>(null)} onAdd={onAdd} />;
  }

  const find = <E extends HTMLElement = HTMLElement>(id: string) =>
    document.querySelector<E>(`[data-testid="${id}"]`) as E;
  const input = () => find<HTMLInputElement>("task-add-input");
  const type = (text: string) =>
    act(async () => {
      const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value") ?? {};
      set?.call(input(), text);
      input().dispatchEvent(new Event("input", { bubbles: true }));
    });
  const submit = () =>
    act(async () => {
      input().form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    });
  const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
  const hint = () => find("task-add-hint").textContent;
  const marked = () => [...document.querySelectorAll("mark")].map(({ textContent }) => textContent);

  it("tells where a title comes to its longest, as what is more is cut off", async () => {
    await type("w".repeat(200));
    expect(find("room-left").textContent).toBe("0 characters left");
    await type("w");
    expect(find("room-left").textContent).toBe("");
  });

  it("takes no longer titles than the back end does, and nothing that is empty", async () => {
    expect(input().maxLength).toBe(200);
    const button = () => find<HTMLButtonElement>("task-add-submit").disabled;
    expect(button()).toBe(true);
    await type("  ");
    expect(button()).toBe(true);
    await submit();
    expect(onAdd).not.toHaveBeenCalled();
    await type("milk");
    expect(button()).toBe(false);
  });

  it("takes one word for a title without asking", async () => {
    await type(" milk ");
    await pass(1_000);
    await submit();
    expect(onAdd).toHaveBeenCalledExactlyOnceWith({ title: "milk" });
    expect(parse).not.toHaveBeenCalled();
    expect(input().value).toBe("");
    expect(drafts.load("new-task")).toBe("");
  });

  it("looks at what was typed after a pause of 250 ms, once", async () => {
    await type("call Sam");
    await pass(200);
    await type(TYPED);
    await pass(249);
    expect(parse).not.toHaveBeenCalled();
    await pass(1);
    expect(parse).toHaveBeenCalledExactlyOnceWith(TYPED);
    await submit();
    expect(parse).toHaveBeenCalledOnce();
    expect(onAdd).toHaveBeenCalledExactlyOnceWith({
      ...{ title: "call Sam", due_date: "2030-01-16", priority: "high" },
    });
  });

  it("waits 700 ms for what was typed to be understood, and takes it as it stands then", async () => {
    parse.mockReturnValue(new Promise(() => undefined));
    await type(TYPED);
    await submit();
    await pass(699);
    expect(onAdd).not.toHaveBeenCalled();
    await pass(1);
    expect(onAdd).toHaveBeenCalledExactlyOnceWith({ title: TYPED });
  });

  it("takes it as it stands at once where it can't be asked, or the page is hidden", async () => {
    parse.mockRejectedValueOnce(new Error("away"));
    await type(TYPED);
    await submit();
    await pass(0);
    expect(onAdd).toHaveBeenCalledExactlyOnceWith({ title: TYPED });
    parse.mockReturnValue(new Promise(() => undefined));
    await type("two words");
    await submit();
    await act(async () => document.dispatchEvent(new Event("visibilitychange")));
    expect(onAdd).toHaveBeenLastCalledWith({ title: "two words" });
    // What is left looks whether it is another day.
    expect(vi.getTimerCount()).toBe(1);
  });

  it("marks what was understood where it stands, be there space before it", async () => {
    await type(`  ${TYPED}`);
    await pass(250);
    expect(marked()).toEqual(["tomorrow", "p1"]);
    expect(find("task-add-marks").textContent).toBe(`  ${TYPED}`);
    expect(find("task-add-marks").style.transform).toMatch(/translateX\(-?0px\)/);
    await act(async () => {
      input().scrollLeft = 30;
      input().dispatchEvent(new Event("scroll", { bubbles: true }));
    });
    expect(find("task-add-marks").style.transform).toBe("translateX(-30px)");
  });

  it("marks nothing twice where what was understood overlaps", async () => {
    parse.mockResolvedValue({
      ...READ,
      understood: [
        { start: 0, end: 8, kind: "date" },
        { start: 5, end: 17, kind: "date" },
      ],
    });
    await type(TYPED);
    await pass(250);
    expect(marked()).toEqual(["call Sam", " tomorrow"]);
    expect(find("task-add-marks").textContent).toBe(TYPED);
  });

  it.each<[Partial<ParsedTask>, string]>([
    [{}, "call SamTomorrowHigh priorityKeep it as typed"],
    [{ priority: "low" }, "call SamTomorrowLow priorityKeep it as typed"],
    [{ priority: "medium" }, "call SamTomorrowKeep it as typed"],
    [{ due_date: null }, "call SamHigh priorityKeep it as typed"],
    [{ due_date: null, priority: "medium" }, ""],
  ])("tells what it has read: %o", async (changes, words) => {
    parse.mockResolvedValue({ ...READ, ...changes });
    await type(TYPED);
    await pass(250);
    expect(hint()).toBe(words);
  });

  it("takes a line as it stands where that is wanted, and the next one as before", async () => {
    await type(TYPED);
    await pass(250);
    await act(async () => find("task-add-literal").click());
    expect([hint(), marked()]).toEqual(["", []]);
    expect(document.activeElement).toBe(input());
    await submit();
    await pass(0);
    expect(onAdd).toHaveBeenLastCalledWith({ title: TYPED });
    await type(`${TYPED} or so`);
    await pass(250);
    expect(hint()).toContain("Tomorrow");
  });

  it("keeps what is half typed", async () => {
    await type("half a");
    expect(drafts.load("new-task")).toBe("half a");
  });
});
