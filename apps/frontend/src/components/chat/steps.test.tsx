// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Step } from "@/lib/chat/messages";
import type { StepEffect } from "@/lib/chat/protocol";
import { Steps } from "./steps";

const undo = vi.fn<(effect: StepEffect) => Promise<boolean>>();
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => ({ tasks: { undo } }) }));

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

  const show = (steps: Step[], folds = true) =>
    act(async () => root.render(<Steps steps={steps} folds={folds} />));
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

  it("takes all of it back at once, and says so", async () => {
    await show([deleted("milk"), deleted("bread")]);
    await act(async () => all("button")[0]?.click());
    expect(undo.mock.calls.map(([effect]) => effect.titles)).toEqual([["milk"], ["bread"]]);
    expect(all("[role=status]").map(({ textContent }) => textContent)).toEqual(["Undone."]);
    expect(buttons()).toEqual([]);
  });
});
