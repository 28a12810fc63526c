// @vitest-environment happy-dom
import { act, createRef } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Conversation, RunStatus } from "@/lib/chat/conversation";
import { DraftStorage } from "@/lib/drafts";
import { Observable } from "@/lib/observable";
import { ToastStore } from "@/lib/toasts";
import { Composer, type ComposerHandle } from "./composer";

const { app } = vi.hoisted(() => ({ app: {} as Record<string, unknown> }));
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => app }));

interface State {
  run: RunStatus;
  load: "ready" | "loading" | "error";
}
class Talk extends Observable<State> {
  readonly stop = vi.fn(async () => undefined);
  constructor() {
    super({ run: "idle", load: "ready" });
  }
  become(state: Partial<State>): void {
    this.patch(state);
  }
}

describe("Composer", () => {
  let root: Root;
  let talk: Talk;
  let drafts: DraftStorage;
  let toasts: ToastStore;
  const send = vi.fn(async () => undefined);
  const handle = createRef<ComposerHandle>();

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    sessionStorage.clear();
    send.mockClear();
    talk = new Talk();
    drafts = new DraftStorage("ada");
    toasts = new ToastStore();
    Object.assign(app, { chat: { send }, drafts, toasts });
    pointer("fine");
    document.body.innerHTML = '<button id="before"></button><div id="root"></div>';
    root = createRoot(document.getElementById("root") as HTMLElement);
  });
  afterEach(() => act(() => root.unmount()));

  const pointer = (kind: "fine" | "coarse") =>
    vi
      .spyOn(window, "matchMedia")
      .mockImplementation(
        (query) => ({ matches: query === `(pointer: ${kind})` }) as MediaQueryList,
      );
  const show = () =>
    act(async () =>
      root.render(<Composer conversation={talk as unknown as Conversation} handle={handle} />),
    );
  const input = () => document.querySelector("textarea") as HTMLTextAreaElement;
  const button = () => document.querySelector("#root button") as HTMLButtonElement;
  const become = (state: Partial<State>) => act(async () => talk.become(state));
  const type = (text: string) =>
    act(async () => {
      input().value = text;
      input().dispatchEvent(new Event("input", { bubbles: true }));
    });
  /** Presses a key in the field; tells whether it was taken. */
  const press = async (key: string, init: KeyboardEventInit = {}): Promise<boolean> => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
    await act(async () => input().dispatchEvent(event));
    return event.defaultPrevented;
  };
  const submit = () =>
    act(async () => {
      const event = new Event("submit", { bubbles: true, cancelable: true });
      document.querySelector("form")?.dispatchEvent(event);
      expect(event.defaultPrevented).toBe(true);
    });

  describe("sends", () => {
    it("what is written, without the space around it, and is empty then", async () => {
      await show();
      await type("  buy milk \n");
      await submit();
      expect(send).toHaveBeenCalledExactlyOnceWith("buy milk");
      expect(input().value).toBe("");
      expect(drafts.load()).toBe("");
    });

    it("by Enter, and leaves Shift+Enter to begin a line", async () => {
      await show();
      await type("milk");
      expect(await press("Enter", { shiftKey: true })).toBe(false);
      expect(send).not.toHaveBeenCalled();
      expect(await press("Enter")).toBe(true);
      expect(send).toHaveBeenCalledExactlyOnceWith("milk");
    });

    it("nothing while a character is being made of several keys", async () => {
      await show();
      await type("ぎゅう");
      expect(await press("Enter", { isComposing: true })).toBe(false);
      // Safari ends the composing before it tells of the key.
      expect(await press("Enter", { keyCode: 229 } as KeyboardEventInit)).toBe(false);
      expect(send).not.toHaveBeenCalled();
    });

    it("no space alone", async () => {
      await show();
      await type(" \n ");
      await submit();
      expect(send).not.toHaveBeenCalled();
      expect(input().value).toBe(" \n ");
    });

    it.each<[string, Partial<State>]>([
      ["an answer is under way", { run: "running" }],
      ["an answer is being stopped", { run: "stopping" }],
      ["a message waits", { run: "queued" }],
      ["what was said is being read", { load: "loading" }],
      ["what was said couldn't be read", { load: "error" }],
    ])("nothing while %s, and keeps it", async (_, state) => {
      await show();
      await type("milk");
      await become(state);
      expect(await press("Enter")).toBe(true);
      expect(send).not.toHaveBeenCalled();
      expect(input().value).toBe("milk");
    });
  });

  describe("its button", () => {
    const looks = () => [
      button().getAttribute("aria-label"),
      button().title,
      button().dataset.testid,
      button().getAttribute("aria-disabled"),
    ];

    it("sends where there is something to send", async () => {
      await show();
      expect(looks()).toEqual(["Send", "Send (Enter)", "chat-send", "true"]);
      await type("m");
      expect(looks()).toEqual(["Send", "Send (Enter)", "chat-send", "false"]);
      await become({ load: "loading" });
      expect(looks()[3]).toBe("true");
      await become({ load: "ready", run: "queued" });
      expect(looks()).toEqual(["Send", "Send (Enter)", "chat-send", "true"]);
    });

    it("stops an answer that is under way, once", async () => {
      await show();
      await become({ run: "running" });
      expect(looks()).toEqual(["Stop", "Stop (Esc)", "chat-stop", "false"]);
      await submit();
      expect(talk.stop).toHaveBeenCalledOnce();
      expect(send).not.toHaveBeenCalled();
      await become({ run: "stopping" });
      expect(looks()).toEqual(["Stop", "Stop (Esc)", "chat-stop", "true"]);
    });

    it("gives the focus back to the field once the answer is there", async () => {
      await show();
      await become({ run: "running" });
      button().focus();
      await become({ run: "stopping" });
      expect(document.activeElement).toBe(button());
      await become({ run: "idle" });
      expect(document.activeElement).toBe(input());
    });

    it("leaves the focus where it is elsewhere", async () => {
      await show();
      await become({ run: "running" });
      document.getElementById("before")?.focus();
      await become({ run: "idle" });
      expect(document.activeElement?.id).toBe("before");
    });
  });

  it("stops the answer on Escape, and does nothing where there is none", async () => {
    await show();
    await press("Escape");
    expect(talk.stop).not.toHaveBeenCalled();
    await become({ run: "running" });
    await press("a");
    expect(talk.stop).not.toHaveBeenCalled();
    await press("Escape");
    expect(talk.stop).toHaveBeenCalledOnce();
  });

  it("takes no longer messages than the back end does, and counts down from 7,000 characters on", async () => {
    await show();
    expect(input().maxLength).toBe(8_000);
    const left = () =>
      document.querySelector("#composer-hint [aria-live=polite]")?.textContent ?? null;
    await type("x".repeat(6_999));
    expect(left()).toBeNull();
    await type("x".repeat(7_000));
    expect(left()).toBe("1000 characters left");
    await type("x".repeat(8_000));
    expect(left()).toBe("0 characters left");
    expect(input().getAttribute("aria-describedby")).toBe("composer-hint");
  });

  describe("where it appears", () => {
    it("has what was half written, and as many characters of it", async () => {
      drafts.save("half");
      await show();
      expect(input().value).toBe("half");
      expect(button().getAttribute("aria-disabled")).toBe("false");
    });

    it("has the focus, unless something else has it", async () => {
      await show();
      expect(document.activeElement).toBe(input());
    });

    it("leaves the focus to what has it", async () => {
      document.getElementById("before")?.focus();
      await show();
      expect(document.activeElement?.id).toBe("before");
    });

    it("leaves it alone for fingers, for whom a keyboard would open", async () => {
      pointer("coarse");
      await show();
      expect(document.activeElement).toBe(document.body);
    });
  });

  it("keeps each word that is typed", async () => {
    await show();
    await type("a thought");
    expect(drafts.load()).toBe("a thought");
  });

  it("is as high as what is in it where the browser doesn't see to that", async () => {
    const supports = vi.fn(() => false);
    vi.stubGlobal("CSS", { supports });
    await show();
    vi.spyOn(input(), "scrollHeight", "get").mockReturnValue(96);
    await type("two\nlines");
    expect(supports).toHaveBeenCalledWith("field-sizing", "content");
    expect(input().style.height).toBe("96px");
  });

  it("leaves its height to a browser that sees to it", async () => {
    vi.stubGlobal("CSS", { supports: () => true });
    await show();
    await type("two\nlines");
    expect(input().style.height).toBe("");
  });

  it("shows a ring to those who came by the Tab key, until they leave", async () => {
    await show();
    const release = (key: string) =>
      act(async () => {
        input().dispatchEvent(new KeyboardEvent("keyup", { key, bubbles: true }));
      });
    await release("a");
    expect(input().dataset.ring).toBeUndefined();
    await release("Tab");
    expect(input().dataset.ring).toBe("");
    await act(async () => document.getElementById("before")?.focus());
    expect(input().dataset.ring).toBeUndefined();
  });

  describe("for others", () => {
    const fill = (text: string) => act(async () => handle.current?.fill(text));
    const messages = () => toasts.getSnapshot().map(({ message }) => message);

    it("can be given the focus", async () => {
      pointer("coarse");
      await show();
      await act(async () => handle.current?.focus());
      expect(document.activeElement).toBe(input());
    });

    it("can be filled, which is kept and gets the focus", async () => {
      pointer("coarse");
      await show();
      await fill("again");
      expect(input().value).toBe("again");
      expect(drafts.load()).toBe("again");
      expect(document.activeElement).toBe(input());
      expect(button().getAttribute("aria-disabled")).toBe("false");
      expect(messages()).toEqual([]);
    });

    it("says what was replaced, and offers it back", async () => {
      await show();
      await type("a thought");
      await fill("again");
      expect(messages()).toEqual(["What you were writing was replaced."]);
      expect(toasts.getSnapshot()[0]?.action?.label).toBe("Undo");
      await act(async () => toasts.getSnapshot()[0]?.action?.run());
      expect(input().value).toBe("a thought");
      expect(drafts.load()).toBe("a thought");
    });

    it.each([
      ["space alone", "  "],
      ["the same", "again"],
    ])("says nothing where there was %s", async (_, before) => {
      await show();
      await type(before);
      await fill("again");
      expect(messages()).toEqual([]);
    });
  });
});
