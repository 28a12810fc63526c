// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Step } from "@/lib/chat/messages";
import type { StepEffect } from "@/lib/chat/protocol";
import { Steps } from "./steps";

const undo = vi.fn<(effect: StepEffect) => Promise<boolean>>();
const send = vi.fn<(text: string, metadata: unknown) => Promise<void>>();
const listeners = new Set<() => void>();
let run = "idle";
const snapshots: Record<string, { run: string }> = {
  idle: { run: "idle" },
  running: { run: "running" },
};
const active = {
  getSnapshot: () => snapshots[run],
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
const chat = { send, active };
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => ({ tasks: { undo }, chat }) }));

const looked: Step = { id: "look", title: "Looked at the list: 3 tasks", done: true };
const deleted = (title: string): Step => ({
  id: title,
  title: `Deleted: ${title}`,
  done: true,
  effect: { action: "delete", task_ids: [`id of ${title}`], titles: [title] },
});

describe("Steps", () => {
  let root: Root;

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    undo.mockReset().mockResolvedValue(true);
    root = createRoot(document.body);
  });
  afterEach(() => act(() => root.unmount()));

  const show = (steps: Step[], folds = true, last = true) =>
    act(async () => root.render(<Steps steps={steps} folds={folds} last={last} />));
  const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
  const summary = () => all("summary").map(({ textContent }) => textContent);
  const buttons = () => all("button").map(({ textContent }) => textContent);

  it("says once what was deleted, however many steps that took, with one Undo", async () => {
    await show([looked, deleted("milk"), deleted("bread"), deleted("eggs")]);
    expect(summary()).toEqual(["3 tasks deleted"]);
    expect(buttons()).toEqual(["Undo"]);
    expect(all("details")[0]?.hasAttribute("open")).toBe(false);
  });

  it("leaves out that the list was looked at for one deletion", async () => {
    await show([looked, deleted("milk")]);
    expect(summary()).toEqual(["Deleted: milk"]);
    expect(buttons()).toEqual(["Undo"]);
  });

  it("shows each step while the answer is under way", async () => {
    await show([looked, deleted("milk")], false);
    expect(all("[data-testid=tool-step]").map(({ textContent }) => textContent)).toEqual([
      "Looked at the list: 3 tasks",
      "Deleted: milk",
    ]);
    expect(summary()).toEqual([]);
  });

  describe("a question before tasks are deleted", () => {
    const approval = {
      ...{ id: "apr_1", action: "delete" as const },
      ...{ task_ids: ["1", "2"], titles: ["milk", "bread"] },
    };
    const asking: Step[] = [{ id: "ask", title: "Not done: delete 2 tasks", done: true, approval }];
    const press = (id: string) => act(async () => all(`[data-testid=${id}]`)[0]?.click());
    const become = (state: string) =>
      act(async () => {
        run = state;
        for (const listener of listeners) listener();
      });

    beforeEach(() => {
      send.mockReset().mockResolvedValue(undefined);
      run = "idle";
    });

    it("is answered once", async () => {
      await show(asking);
      await press("approve");
      const metadata = { approval: { id: "apr_1", approved: true } };
      expect(send).toHaveBeenCalledExactlyOnceWith("Yes, delete them.", metadata);
      await become("running");
      await press("approve");
      expect(send).toHaveBeenCalledOnce();
    });

    it("isn't asked again once something follows it, also when the page is loaded anew", async () => {
      await show(asking, true, false);
      expect(buttons()).toEqual([]);
      expect(all("[data-testid=tool-step]").map(({ textContent }) => textContent)).toEqual([
        "Not done: delete 2 tasks",
      ]);
    });

    it("can't be answered while an answer is under way, which would be lost", async () => {
      run = "running";
      await show(asking, false);
      const disabled = () => all("button").map((button) => button.getAttribute("aria-disabled"));
      expect(disabled()).toEqual(["true", "true"]);
      await press("approve");
      expect(send).not.toHaveBeenCalled();
      expect(buttons()).toEqual(["Delete them", "Keep them"]);
      await become("idle");
      expect(disabled()).toEqual(["false", "false"]);
      await press("decline");
      expect(send).toHaveBeenCalledOnce();
    });
  });

  it("takes back last what was done first, as a task that is deleted can't be opened again", async () => {
    const task_ids = ["1"];
    const completed: Step = {
      ...{ id: "c", title: "Completed: milk", done: true },
      effect: { action: "complete", task_ids, titles: ["milk"] },
    };
    await show([completed, deleted("milk")]);
    await act(async () => all("button")[0]?.click());
    expect(undo.mock.calls.map(([effect]) => effect.action)).toEqual(["delete", "complete"]);
  });

  it("takes all of it back at once, and says so", async () => {
    await show([deleted("milk"), deleted("bread")]);
    await act(async () => all("button")[0]?.click());
    expect(undo.mock.calls.map(([effect]) => effect.titles)).toEqual([["bread"], ["milk"]]);
    expect(all("[role=status]").map(({ textContent }) => textContent)).toEqual(["Undone."]);
    expect(buttons()).toEqual([]);
  });

  describe("what a step looks like", () => {
    const icons = () =>
      all("[data-testid=tool-step] svg").map(
        (icon) =>
          /lucide-(check|circle-alert|loader-circle)/.exec(icon.getAttribute("class") ?? "")?.[1],
      );
    const spins = () => all("[data-testid=tool-step] .animate-spin").length;

    it("is done, under way, or refused", async () => {
      await show(
        [
          deleted("milk"),
          { id: "w", title: "Looking", done: false },
          { id: "r", title: "Not done: delete", done: true },
        ],
        false,
      );
      expect(icons()).toEqual(["check", "loader-circle", "circle-alert"]);
      expect(spins()).toBe(1);
    });

    it("has what more there is to say below it", async () => {
      await show([{ id: "d", title: "Looked", detail: "3 tasks", done: true }], false);
      expect(all("[data-testid=tool-step] .block").map(({ textContent }) => textContent)).toEqual([
        "3 tasks",
      ]);
    });

    it("stands out, also where all are one line, where one of them was refused", async () => {
      const icon = () => all("summary svg")[0]?.getAttribute("class");
      await show([deleted("milk"), deleted("bread")]);
      expect(icon()).toContain("text-accent");
      await show([deleted("milk"), { id: "r", title: "Not done: delete", done: true }]);
      expect(icon()).toContain("text-warning");
    });

    it("is one line of its own where there is one step alone", async () => {
      await show([deleted("milk")]);
      expect(summary()).toEqual([]);
      expect(all("[data-testid=tool-step]")).toHaveLength(1);
    });
  });

  it("offers nothing to take back of what was added or opened again", async () => {
    const effect = (action: StepEffect["action"]): Step => ({
      ...{ id: action, title: action, done: true },
      effect: { action, task_ids: ["1"], titles: ["milk"] },
    });
    await show([effect("add"), effect("reopen")]);
    expect(buttons()).toEqual([]);
    await show([effect("complete")]);
    expect(buttons()).toEqual(["Undo"]);
  });

  it("offers to take back a change where it is known what was before", async () => {
    const effect: StepEffect = { action: "update", task_ids: ["1"], titles: ["milk"] };
    const changed = { id: "u", title: "Changed: milk", done: true };
    await show([{ ...changed, effect }]);
    expect(buttons()).toEqual([]);
    const change = { before: { 1: { due_date: null } }, after: { due_date: "2030-01-31" } };
    await show([{ ...changed, effect: { ...effect, ...change } }]);
    expect(buttons()).toEqual(["Undo"]);
    await act(async () => all("button")[0]?.click());
    expect(undo).toHaveBeenCalledExactlyOnceWith({ ...effect, ...change });
  });

  it("can be taken back once more where that failed, and once only meanwhile", async () => {
    let fail: (done: boolean) => void = () => undefined;
    undo.mockReturnValueOnce(
      new Promise((resolve) => {
        fail = resolve;
      }),
    );
    await show([deleted("milk")]);
    const button = () => all("[data-testid=step-undo]")[0];
    expect(button()?.getAttribute("aria-disabled")).toBe("false");
    await act(async () => button()?.click());
    expect(button()?.getAttribute("aria-disabled")).toBe("true");
    await act(async () => button()?.click());
    expect(undo).toHaveBeenCalledOnce();
    await act(async () => fail(false));
    expect(button()?.getAttribute("aria-disabled")).toBe("false");
    await act(async () => button()?.click());
    expect(all("[role=status]")).toHaveLength(1);
  });
});
