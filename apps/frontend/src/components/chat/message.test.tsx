// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatMessage } from "@/lib/chat/messages";
import type { ThreadItem } from "@/lib/chat/protocol";
import { DraftStorage } from "@/lib/drafts";
import { Observable } from "@/lib/observable";
import { ToastStore } from "@/lib/toasts";
import { Message } from "./message";
// What is loaded when it is needed is there at once: a busy machine takes a while to find it.
import "./markdown-renderer";

/** The conversation that is open. */
class Open extends Observable<{ run: string }> {
  readonly retry = vi.fn(async () => undefined);
  constructor() {
    super({ run: "idle" });
  }
  become(run: string): void {
    this.patch({ run });
  }
}

let active: Open;
let toasts: ToastStore;
const drafts = new DraftStorage("ada");
const undo = vi.fn(async () => undefined);
const edit = vi.fn((): (() => Promise<void>) | null => undo);
vi.mock("@/components/shell/app-provider", () => ({
  useApp: () => ({ chat: { active, edit }, drafts, toasts }),
}));

const base = { thread_id: "t1", created_at: "2030-01-01T00:00:00Z" };
const words = (id: string, ...texts: string[]): ThreadItem => ({
  ...{ ...base, id, type: "assistant_message" },
  content: texts.map((text) => ({ type: "output_text" as const, text })),
});
const step = (id: string, title: string): ThreadItem => ({
  ...{ ...base, id, type: "task" },
  task: { type: "custom", title, status_indicator: "loading" },
});
const answer = (running: boolean, ...items: ThreadItem[]): ChatMessage => ({
  ...{ id: "m1", role: "assistant", items, running },
});
const question = (text: string, unsent?: boolean, id = "u1"): ChatMessage => ({
  ...{ id: "m1", role: "user", running: false },
  items: [
    {
      ...{ ...base, id, type: "user_message" },
      content: [{ type: "input_text", text }],
      ...(unsent === undefined ? {} : { unsent }),
    },
  ],
});

let root: Root;
const onEdit = vi.fn();
const writeText = vi.fn(async () => undefined);

// Loaded on demand; else it would come between two steps of a test.
beforeAll(() => import("./markdown-renderer"));
beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  sessionStorage.clear();
  for (const mock of [onEdit, writeText, undo, edit]) mock.mockClear();
  active = new Open();
  toasts = new ToastStore();
  root = createRoot(document.body);
});
afterEach(() => {
  act(() => root.unmount());
  for (const { id } of toasts.getSnapshot()) toasts.dismiss(id);
});

const show = async (message: ChatMessage, last = true): Promise<void> => {
  await act(async () => root.render(<Message message={message} last={last} onEdit={onEdit} />));
  await act(() => vi.dynamicImportSettled());
};
const find = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
const press = (id: string) => act(async () => find(id)?.click());

describe("what one has written", () => {
  it("is told apart for those who hear it, as it was written", async () => {
    await show(question("*milk*\nbread"));
    expect(find("message-user")?.textContent).toContain("You: *milk*\nbread");
    expect(find("message-user")?.querySelector("[dir=auto]")?.textContent).toBe("*milk*\nbread");
  });

  it("can be copied", async () => {
    await show(question("milk"));
    expect(find("message-user-copy")?.title).toBe("Copy your message");
    await press("message-user-copy");
    expect(writeText).toHaveBeenCalledExactlyOnceWith("milk");
  });

  it("is written anew where the back end doesn't have it", async () => {
    await show(question("milk", true, "local-1"));
    await press("message-edit");
    expect(onEdit).toHaveBeenCalledExactlyOnceWith("milk");
    expect(find("message-editor")).toBeNull();
  });

  describe("can be changed where it stands", () => {
    const input = () => find("message-edit-input") as HTMLTextAreaElement;
    const type = (text: string) =>
      act(async () => {
        const { set } =
          Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value") ?? {};
        set?.call(input(), text);
        input().dispatchEvent(new Event("input", { bubbles: true }));
      });
    const key = async (init: KeyboardEventInit): Promise<void> => {
      const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
      await act(async () => input().dispatchEvent(event));
    };
    const told = () => toasts.getSnapshot().map(({ message }) => message);
    beforeEach(async () => {
      await show(question("milk"));
      await press("message-edit");
    });

    it("and begins with what it was, at its end", () => {
      expect(onEdit).not.toHaveBeenCalled();
      expect(input().value).toBe("milk");
      expect(document.activeElement).toBe(input());
      expect([input().selectionStart, input().selectionEnd]).toEqual([4, 4]);
      expect(
        document.getElementById(input().getAttribute("aria-describedby") ?? "")?.textContent,
      ).toBe("What follows is replaced. What was done with your tasks stays done.");
    });

    it("by Enter, which a line break isn't, nor a character that is being made", async () => {
      await type("  bread ");
      await key({ key: "Enter", shiftKey: true });
      await key({ key: "Enter", isComposing: true });
      expect(edit).not.toHaveBeenCalled();
      await key({ key: "Enter" });
      expect(edit).toHaveBeenCalledExactlyOnceWith("u1", "bread");
    });

    it("once: it closes as it is sent, and its button, which goes as well, doesn't get the focus", async () => {
      await key({ key: "Enter" });
      expect(find("message-editor")).toBeNull();
      expect(document.activeElement).toBe(document.body);
    });

    it("by its button, and taken back", async () => {
      await press("message-edit-send");
      expect(edit).toHaveBeenCalledExactlyOnceWith("u1", "milk");
      expect(told()).toEqual(["Your message was changed"]);
      expect(undo).not.toHaveBeenCalled();
      toasts.actOnNewest();
      expect(undo).toHaveBeenCalledOnce();
    });

    it("only to something, and while no answer is under way", async () => {
      const send = () => find("message-edit-send")?.getAttribute("aria-disabled");
      expect(send()).toBe("false");
      await type("  ");
      expect(send()).toBe("true");
      await key({ key: "Enter" });
      await type("bread");
      await act(async () => active.become("running"));
      expect(send()).toBe("true");
      await key({ key: "Enter" });
      expect(edit).not.toHaveBeenCalled();
    });

    it("and says nothing where that can't be done", async () => {
      edit.mockReturnValueOnce(null);
      await key({ key: "Enter" });
      expect(told()).toEqual([]);
    });

    it("or left as it is, by Escape or a button, and the focus returns", async () => {
      await type("bread");
      await key({ key: "Escape" });
      await press("confirm");
      expect(find("message-editor")).toBeNull();
      expect(find("message-user")?.textContent).toContain("milk");
      expect(document.activeElement).toBe(find("message-edit"));
      await press("message-edit");
      expect(input().value).toBe("milk");
      await act(async () => find("message-editor")?.querySelector("button")?.click());
      expect(find("message-editor")).toBeNull();
      expect(edit).not.toHaveBeenCalled();
    });
  });

  describe("and is half changed", () => {
    const input = () => find("message-edit-input") as HTMLTextAreaElement | null;
    const leaveAndReturn = async (): Promise<void> => {
      await act(async () => root.unmount());
      root = createRoot(document.body);
      await show(question("milk"));
    };
    const change = async (text: string): Promise<void> => {
      await show(question("milk"));
      await press("message-edit");
      const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value") ?? {};
      await act(async () => {
        set?.call(input(), text);
        input()?.dispatchEvent(new Event("input", { bubbles: true }));
      });
    };
    const pressEscape = () =>
      act(async () =>
        input()?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true })),
      );

    it("is open with that again after one has left, without taking the focus from elsewhere", async () => {
      await change("two litres of milk");
      const elsewhere = document.createElement("button");
      document.documentElement.append(elsewhere);
      elsewhere.focus();
      await leaveAndReturn();
      expect(input()?.value).toBe("two litres of milk");
      expect(document.activeElement).toBe(elsewhere);
      elsewhere.remove();
    });

    it("is asked about before that is lost, and not where nothing is", async () => {
      await change("two litres of milk");
      await pressEscape();
      expect(input()?.value).toBe("two litres of milk");
      expect(document.querySelector("dialog")?.textContent).toContain("Discard your changes?");
      const [stay] = [...document.querySelectorAll<HTMLElement>("dialog button")];
      await act(async () => stay?.click());
      expect(input()?.value).toBe("two litres of milk");
      await pressEscape();
      await press("confirm");
      expect(input()).toBeNull();
      await press("message-edit");
      await pressEscape();
      expect([input(), document.querySelector("dialog")]).toEqual([null, null]);
    });

    it("is as it was where that was discarded or sent", async () => {
      await change("bread");
      await pressEscape();
      await press("confirm");
      await leaveAndReturn();
      expect(input()).toBeNull();
      await change("bread");
      await press("message-edit-send");
      await leaveAndReturn();
      expect(input()).toBeNull();
    });
  });

  it("says where it didn't go out", async () => {
    await show(question("milk", true));
    expect(find("message-unsent")?.textContent).toBe("Not sent");
    await show(question("milk", false));
    expect(find("message-unsent")).toBeNull();
    await show(question("milk"));
    expect(find("message-unsent")).toBeNull();
  });
});

describe("an answer", () => {
  const marks = () => ["typing", "message-copy", "message-reload"].map((id) => find(id) !== null);

  it("is told apart for those who hear it, and has its formatting", async () => {
    await show(answer(false, words("a1", "Buy **milk**.")));
    expect(find("message-assistant")?.textContent).toContain("Assistant: Buy milk.");
    expect(find("markdown")?.querySelector("strong")?.textContent).toBe("milk");
  });

  it("says that more is to come as long as it does, and offers nothing until then", async () => {
    await show(answer(true, words("a1", "Buy")));
    expect(marks()).toEqual([true, false, false]);
    expect(find("typing")?.textContent).toBe("The assistant is answering");
    await show(answer(false, words("a1", "Buy")));
    expect(marks()).toEqual([false, true, true]);
  });

  it("moves its dots one after the other, until there are words that move", async () => {
    const dots = () =>
      [...(find("typing")?.querySelectorAll<HTMLElement>("[style]") ?? [])].map((dot) => [
        dot.style.animationDelay,
        dot.classList.contains("animate-breathe"),
      ]);
    await show(answer(true));
    expect(dots()).toEqual([
      ["0ms", true],
      ["180ms", true],
      ["360ms", true],
    ]);
    await show(answer(true, step("k1", "Looking")));
    expect(dots()[0]?.[1]).toBe(true);
    await show(answer(true, words("a1", "Buy")));
    expect(dots().map(([, moves]) => moves)).toEqual([false, false, false]);
  });

  it("can be had anew where it is the last one", async () => {
    await show(answer(false, words("a1", "Hello")), false);
    expect(marks()).toEqual([false, true, false]);
    await show(answer(false, words("a1", "Hello")));
    expect(find("message-reload")?.getAttribute("aria-label")).toBe("Answer again");
    await press("message-reload");
    expect(active.retry).toHaveBeenCalledOnce();
  });

  it("is copied without its steps, piece by piece", async () => {
    await show(answer(false, words("a1", "One"), step("k1", "Added: milk"), words("a2", "Two")));
    await press("message-copy");
    expect(writeText).toHaveBeenCalledExactlyOnceWith("One\n\nTwo");
  });

  it("folds its steps once it has an answer to them", async () => {
    const steps = [step("k1", "Added: milk"), step("k2", "Added: bread")];
    const folded = () => document.querySelectorAll("details").length;
    await show(answer(true, ...steps));
    expect(folded()).toBe(0);
    await show(answer(true, ...steps, words("a1", "Done")));
    expect(folded()).toBe(0);
    await show(answer(false, ...steps));
    expect(folded()).toBe(0);
    await show(answer(false, ...steps, words("a1", "Done")));
    expect(folded()).toBe(1);
  });

  it("completes what is half written in its last piece alone", async () => {
    const strong = () =>
      [...document.querySelectorAll("[data-testid=markdown] strong")].map(
        ({ textContent }) => textContent,
      );
    await show(answer(true, words("a1", "**one", "**two")));
    expect(strong()).toEqual(["two"]);
    await show(answer(false, words("a1", "**one", "**two")));
    expect(strong()).toEqual([]);
  });
});
