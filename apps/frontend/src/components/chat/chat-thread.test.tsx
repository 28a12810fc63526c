// @vitest-environment happy-dom
import { act, useRef } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatClient } from "@/lib/chat/client";
import { partsOf } from "@/lib/chat/messages";
import type { ThreadEvent, ThreadItem } from "@/lib/chat/protocol";
import { ChatStore } from "@/lib/chat/store";
import { ThreadList } from "@/lib/chat/thread-list";
import { Connection } from "@/lib/connection";
import { DraftStorage } from "@/lib/drafts";
import { RequestError } from "@/lib/http";
import { Observable } from "@/lib/observable";
import { MemoryStorage } from "@/lib/outbox/memory-storage.fixture";
import { Outbox } from "@/lib/outbox/outbox";
import { ToastStore } from "@/lib/toasts";
import { ChatThread } from "./chat-thread";
import type { ComposerHandle } from "./composer";

const { app } = vi.hoisted(() => ({ app: {} as Record<string, unknown> }));
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => app }));
vi.mock("@/lib/chat/messages", async (original) => {
  const actual = await original<typeof import("@/lib/chat/messages")>();
  return { ...actual, partsOf: vi.fn(actual.partsOf) };
});

class Tasks extends Observable<unknown> {
  constructor() {
    super({ tasks: [], load: "ready" });
  }
}

const base = { thread_id: "t1", created_at: "2030-01-01T00:00:00Z" };
const assistant = (id: string, text: string): ThreadItem => ({
  ...base,
  id,
  type: "assistant_message",
  content: [{ type: "output_text", text }],
});

describe("ChatThread", () => {
  let root: Root;
  let chat: ChatStore;
  const stream = vi.fn<ChatClient["stream"]>();
  const request = vi.fn<() => Promise<{ data: ThreadItem[]; has_more: boolean }>>();

  // Loaded on demand; else it would come between two steps of a test.
  beforeAll(() => import("./markdown-renderer"));
  beforeEach(async () => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    stream.mockReset();
    request.mockReset().mockResolvedValue({ data: [], has_more: false });
    const turn = async () => ({ state: "idle" });
    const client = { stream, request, turn } as unknown as ChatClient;
    const connection = new Connection(async () => true);
    const outbox = new Outbox({ storage: new MemoryStorage(), connection, tab: "tab" });
    const list = new ThreadList({ client, connection, outbox });
    chat = new ChatStore({ client, connection, outbox, list });
    const toasts = new ToastStore();
    Object.assign(app, { chat, tasks: new Tasks(), drafts: new DraftStorage("ada"), toasts });
    await show();
  });
  afterEach(() => {
    act(() => root.unmount());
    chat.dispose();
    sessionStorage.clear();
  });

  async function show(): Promise<void> {
    root = createRoot(document.body);
    await act(async () => root.render(<Page />));
  }

  function Page() {
    return <ChatThread composer={useRef<ComposerHandle>(null)} />;
  }

  const find = <E extends HTMLElement>(id: string): E => {
    const element = document.querySelector<E>(`[data-testid="${id}"]`);
    if (!element) throw new Error(`${id} isn't on the page`);
    return element;
  };
  const count = (id: string): number => document.querySelectorAll(`[data-testid="${id}"]`).length;

  /** Waits until what has happened is on the page, which isn't drawn for every word. */
  const drawn = (): Promise<void> =>
    act(async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
    });

  const input = () => find<HTMLTextAreaElement>("chat-input");

  /** Types as a person does, as far as React can tell. */
  async function type(text: string): Promise<void> {
    const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value") ?? {};
    await act(async () => {
      set?.call(input(), text);
      input().dispatchEvent(new Event("input", { bubbles: true }));
    });
    expect(input().value).toBe(text);
  }

  it("keeps what is half typed when a suggestion is chosen", async () => {
    stream.mockRejectedValueOnce(new RequestError("failed", "Out of order", 500));
    await type("a thought");
    await act(async () => find("suggestion").click());
    expect(stream).toHaveBeenCalledOnce();
    expect(input().value).toBe("a thought");
  });

  it("keeps what was typed last when the page is left at once, and nothing that was sent", async () => {
    await type("a thought");
    act(() => root.unmount());
    await show();
    expect(input().value).toBe("a thought");

    stream.mockRejectedValueOnce(new RequestError("failed", "Out of order", 500));
    await act(async () => find("chat-send").click());
    act(() => root.unmount());
    await show();
    expect(input().value).toBe("");
  });

  it("gives back what was half written when an earlier message has taken its place", async () => {
    stream.mockRejectedValueOnce(new RequestError("rejected", "Too long", 422));
    await act(() => chat.send("one"));
    await drawn();
    const { toasts } = app as { toasts: ToastStore };
    await act(async () => find("message-edit").click());
    expect(input().value).toBe("one");
    expect(toasts.getSnapshot()).toEqual([]);

    await type("a thought");
    await act(async () => find("message-edit").click());
    expect(input().value).toBe("one");
    await act(async () => void toasts.actOnNewest());
    expect(input().value).toBe("a thought");

    // Also where one has gone elsewhere meanwhile.
    await act(async () => find("message-edit").click());
    act(() => root.unmount());
    toasts.actOnNewest();
    await show();
    expect(input().value).toBe("a thought");
  });

  it("asks before tasks are deleted until that is answered, and never again", async () => {
    const titles = ["milk", "bread"];
    const question: ThreadItem = {
      ...{ ...base, id: "k1", type: "task" },
      task: { type: "custom", title: "Not done: delete 2 tasks", status_indicator: "complete" },
      approval: { id: "apr_1", action: "delete", task_ids: ["1", "2"], titles },
    };
    const done = (item: ThreadItem): ThreadEvent => ({ type: "thread.item.done", item });
    stream.mockResolvedValueOnce(
      (async function* () {
        yield { type: "thread.created", thread: { id: "t1", created_at: base.created_at } };
        yield done(question);
        yield done(assistant("a1", "Shall I?"));
        yield done({ ...base, id: "e1", type: "end_of_turn" });
      })(),
    );
    await act(() => chat.send("delete all"));
    await drawn();
    expect(count("approval")).toBe(1);

    stream.mockRejectedValueOnce(new RequestError("unavailable", "away", 503));
    await act(async () => find("approve").click());
    await drawn();
    expect(stream.mock.lastCall?.[0].metadata).toEqual({
      approval: { id: "apr_1", approved: true },
    });
    expect(count("message-queued")).toBe(1);
    expect(count("approval")).toBe(0);
    // What keeps that it is answered is the conversation, not this page.
    act(() => root.unmount());
    await show();
    expect(count("approval")).toBe(0);
  });

  it("shows which message didn't go out, even after the next one has", async () => {
    stream.mockRejectedValueOnce(new RequestError("rejected", "Too long", 422));
    await act(() => chat.send("one"));
    await drawn();
    expect(find("message-unsent").closest("[data-testid=message-user]")?.textContent).toContain(
      "one",
    );
    stream.mockRejectedValueOnce(new RequestError("unavailable", "away", 503));
    await act(() => chat.send("two"));
    await drawn();
    expect(count("message-queued")).toBe(1);
    expect(count("message-unsent")).toBe(1);
  });

  it("draws only the message that a piece of an answer belongs to", async () => {
    let speak: (event: ThreadEvent) => void = () => undefined;
    stream.mockResolvedValueOnce(
      (async function* () {
        yield { type: "thread.created", thread: { id: "t1", created_at: base.created_at } };
        yield { type: "thread.item.added", item: assistant("a1", "One") };
        for (;;) {
          yield await new Promise<ThreadEvent>((resolve) => {
            speak = resolve;
          });
        }
      })(),
    );
    await act(async () => void chat.send("hi"));
    await drawn();
    expect(find("message-assistant").textContent).toContain("One");
    vi.mocked(partsOf).mockClear();
    const update = { content_index: 0, delta: " more" };
    await act(async () =>
      speak({
        type: "thread.item.updated",
        item_id: "a1",
        update: { type: "assistant_message.content_part.text_delta", ...update },
      }),
    );
    await drawn();
    expect(find("message-assistant").textContent).toContain("One more");
    const redrawn = new Set(vi.mocked(partsOf).mock.calls.map(([message]) => message.id));
    expect([...redrawn]).toEqual([expect.stringMatching(/^answer-/)]);
  });

  it.each([
    ["the composer", "chat-input", true],
    ["the messages, where a keyboard would open on the screen", null, false],
  ])("a button that goes when it is pressed leaves the focus to %s", async (_, id, fine) => {
    vi.spyOn(window, "matchMedia").mockReturnValue({ matches: fine } as MediaQueryList);
    const place = () => (id === null ? document.querySelector("[role=log]") : find(id));
    const press = async (button: HTMLElement | null) => {
      button?.focus();
      expect(document.activeElement).toBe(button);
      await act(async () => button?.click());
      await drawn();
      expect(button?.isConnected).toBe(false);
      expect(document.activeElement).toBe(place());
    };
    stream.mockRejectedValueOnce(new RequestError("failed", "Out of order", 500));
    await press(find("suggestion"));
    stream.mockRejectedValue(new RequestError("unavailable", "away", 503));
    await press(find("chat-retry"));
    await press(find("message-queued").querySelector("button"));
    vi.mocked(window.matchMedia).mockRestore();
  });

  it("closes the editor of a message that is refused before anybody saw it go, and shows both", async () => {
    vi.spyOn(window, "matchMedia").mockReturnValue({ matches: true } as MediaQueryList);
    const question: ThreadItem = {
      ...{ ...base, id: "u1", type: "user_message" },
      content: [{ type: "input_text", text: "one" }],
    };
    let items: ThreadItem[] = [question];
    request.mockImplementation(async () => ({ data: items, has_more: false }));
    await act(async () => chat.follow("t1"));
    await drawn();
    await act(async () => find("message-edit").click());
    // What happens shortly after this is drawn as one.
    items = [assistant("a1", "Hello"), question];
    await act(() => chat.refresh());
    expect(count("message-assistant")).toBe(1);
    stream.mockRejectedValueOnce(new RequestError("rejected", "Too long", 422));
    await act(async () => find("message-edit-send").click());
    await drawn();
    expect(count("message-editor")).toBe(0);
    expect(count("message-user")).toBe(2);
    expect(count("message-unsent")).toBe(1);
    expect(document.activeElement).toBe(input());
    vi.mocked(window.matchMedia).mockRestore();
  });

  it("does nothing on Enter while an answer is under way, and keeps what is typed", async () => {
    stream.mockResolvedValueOnce(
      (async function* () {
        yield { type: "thread.created", thread: { id: "t1", created_at: base.created_at } };
        await new Promise(() => undefined);
      })() as AsyncIterable<ThreadEvent>,
    );
    await act(async () => void chat.send("hi"));
    await drawn();
    await type("add something else");
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    await act(async () => {
      input().dispatchEvent(enter);
    });
    expect(enter.defaultPrevented).toBe(true);
    expect(input().value).toBe("add something else");
    expect(stream).toHaveBeenCalledOnce();
  });

  describe("says below the last message", () => {
    /** What the person sees there. */
    const told = () => document.querySelector("[role=log] [aria-live=polite]")?.textContent;
    const event = (text: string): ThreadEvent => ({ type: "progress_update", text }) as ThreadEvent;
    /** An answer that goes on until it is let go. */
    const under = async (...events: ThreadEvent[]): Promise<void> => {
      stream.mockResolvedValueOnce(
        (async function* () {
          yield { type: "thread.created", thread: { id: "t1", created_at: base.created_at } };
          yield* events;
          await new Promise(() => undefined);
        })() as AsyncIterable<ThreadEvent>,
      );
      await act(async () => void chat.send("hi"));
      await drawn();
    };

    it("nothing while there is nothing to say", async () => {
      expect(told()).toBe("");
      expect(document.querySelector("[role=log]")?.getAttribute("aria-busy")).toBe("false");
    });

    it("what the assistant is doing", async () => {
      await under(event("Looking at the list"));
      expect(told()).toBe("Looking at the list");
      expect(document.querySelector("[role=log]")?.getAttribute("aria-busy")).toBe("true");
    });

    it("that a message waits, which can be taken back", async () => {
      stream.mockRejectedValueOnce(new RequestError("unavailable", "away", 503));
      await act(() => chat.send("hi"));
      await drawn();
      expect(told()).toBe("Waiting to be sentCancel");
      await act(async () => find("message-queued").querySelector("button")?.click());
      await drawn();
      expect(told()).toBe("You stopped this message.Try again");
    });

    it("why it failed, with another try only where that may help", async () => {
      stream.mockRejectedValueOnce(new RequestError("rejected", "Too long", 422));
      await act(() => chat.send("hi"));
      await drawn();
      expect(told()).toBe("Too long");
      expect(count("chat-retry")).toBe(0);
      stream.mockRejectedValue(new RequestError("failed", "Out of order", 500));
      await act(() => chat.send("hi"));
      await drawn();
      expect(told()).toBe("Out of orderTry again");
      stream.mockClear();
      await act(async () => find("chat-retry").click());
      expect(stream).toHaveBeenCalledOnce();
    });
  });

  describe("begins with suggestions", () => {
    const suggested = () =>
      [...document.querySelectorAll("[data-testid=suggestion]")].map(
        ({ textContent }) => textContent,
      );

    it("of what one may write, which send it", async () => {
      expect(document.querySelector("h2")?.textContent).toBe("What would you like to get done?");
      expect(suggested()).toEqual([
        "Add a task“Add buy milk”",
        "Plan ahead“Add pay the rent due tomorrow with high priority”",
        "See what’s open“What is on my list?”",
        "Add several at once“Add call Sam and water the plants”",
      ]);
      stream.mockRejectedValueOnce(new RequestError("failed", "Out of order", 500));
      await act(async () => find("suggestion").click());
      expect(stream.mock.lastCall?.[0]).toMatchObject({
        params: { input: { content: [{ text: "Add buy milk" }] } },
      });
      await drawn();
      expect(suggested()).toEqual([]);
    });
  });
});
