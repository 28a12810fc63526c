// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppContextValue } from "@/components/shell/app-provider";
import { Observable } from "@/lib/observable";
import { ToastStore } from "@/lib/toasts";
import { ThreadList } from "./thread-list";

let app: AppContextValue;
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => app }));

interface Thread {
  id: string;
  title: string;
  created_at: string;
}

/** The conversation that is open. */
class Open extends Observable<{ id: string | null }> {
  constructor() {
    super({ id: "b" });
  }
}

class Chat extends Observable<{ active: Open }> {
  constructor(private readonly list: Threads) {
    super({ active: new Open() });
  }
  remove(id: string): () => void {
    return this.list.remove(id);
  }
}

/** What of the conversations the list looks at and does. */
class Threads extends Observable<{ threads: Thread[]; load: "ready" }> {
  constructor(...ids: string[]) {
    const created_at = "2030-01-01T00:00:00Z";
    super({ threads: ids.map((id) => ({ id, title: id, created_at })), load: "ready" });
  }
  /** Becomes what it is after something has happened. */
  async become(changes: object): Promise<void> {
    this.patch(changes);
  }
  async rename(id: string, title: string): Promise<void> {
    const { threads } = this.getSnapshot();
    this.patch({ threads: threads.map((one) => (one.id === id ? { ...one, title } : one)) });
  }
  remove(id: string): () => void {
    const { threads } = this.getSnapshot();
    this.patch({ threads: threads.filter((one) => one.id !== id) });
    return () => this.patch({ threads });
  }
}

describe("ThreadList", () => {
  let root: Root;
  let chat: Threads;
  let toasts: ToastStore;
  const onOpen = vi.fn();

  beforeEach(async () => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    chat = new Threads("a", "b", "c");
    toasts = new ToastStore();
    app = { chat: new Chat(chat), threads: chat, toasts } as unknown as AppContextValue;
    root = createRoot(document.body.appendChild(document.createElement("div")));
    onOpen.mockReset();
    await act(async () => root.render(<ThreadList onOpen={onOpen} />));
  });
  afterEach(async () => {
    await act(async () => root.unmount());
    for (const { id } of toasts.getSnapshot()) toasts.dismiss(id);
    document.body.replaceChildren();
  });

  const find = <E extends HTMLElement>(selector: string): E => {
    const element = document.querySelector<E>(selector);
    if (!element) throw new Error(`${selector} isn't on the page`);
    return element;
  };
  const press = (selector: string): Promise<void> =>
    act(async () => {
      find(selector).focus();
      find(selector).click();
    });
  const titles = (): string[] => chat.getSnapshot().threads.map(({ title }) => title);
  const focused = (): string | null | undefined =>
    document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;
  const input = () => find<HTMLInputElement>("[data-testid=thread-title-input]");
  const enter = (value: string): Promise<void> =>
    act(async () => {
      const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value") ?? {};
      set?.call(input(), value);
      input().dispatchEvent(new Event("input", { bubbles: true }));
    });

  it("returns to the button when a title has been changed by Enter", async () => {
    await press('[aria-label="Rename “b”"]');
    expect(focused()).toBe("Conversation title");
    await enter("B");
    const submit = new Event("submit", { bubbles: true, cancelable: true });
    await act(async () => {
      input().form?.dispatchEvent(submit);
    });
    // Else the browser would load the page anew.
    expect(submit.defaultPrevented).toBe(true);
    expect(titles()).toEqual(["a", "B", "c"]);
    expect(focused()).toBe("Rename “B”");
  });

  it("returns to the button on Escape, changes nothing, and leaves the dialog around it open", async () => {
    await press('[aria-label="Rename “b”"]');
    await enter("B");
    const key = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
    await act(async () => {
      input().dispatchEvent(key);
    });
    expect(key.defaultPrevented).toBe(true);
    expect(titles()).toEqual(["a", "b", "c"]);
    expect(focused()).toBe("Rename “b”");
  });

  it("saves, and leaves the focus alone, when one goes elsewhere", async () => {
    await press('[aria-label="Rename “b”"]');
    await enter("B");
    await act(async () => find('[data-row="c"] button').focus());
    expect(titles()).toEqual(["a", "B", "c"]);
    expect(focused()).toBe("c");
  });

  it("goes on to the next conversation when one is deleted, and to the list after the last", async () => {
    for (const [title, next] of [
      ["b", "Delete “c”"],
      ["c", "Delete “a”"],
      ["a", "Conversations"],
    ]) {
      await press(`[aria-label="Delete “${title}”"]`);
      expect(focused()).toBe(next);
    }
    expect(titles()).toEqual([]);
  });

  it("leaves the focus to the last conversation when there are no older ones, and to the list when there are none", async () => {
    Object.assign(chat, { loadMore: () => chat.become({ hasMore: false }) });
    await act(() => chat.become({ hasMore: true }));
    await press("section > button:last-of-type");
    expect(focused()).toBe("c");

    Object.assign(chat, { refresh: () => chat.become({ load: "loading" }) });
    await act(() => chat.become({ threads: [], load: "error" }));
    await press("section button");
    expect(focused()).toBe("Conversations");
  });

  it("tells which conversation is open, to those who can't see it too", () => {
    const current = document.querySelectorAll("[aria-current]");
    expect([...current].map((element) => element.textContent)).toEqual(["b"]);
  });

  describe("searching", () => {
    const shown = (): (string | null)[] =>
      [...document.querySelectorAll("[data-testid=thread-item]")].map((row) => row.textContent);
    const search = (words: string): Promise<void> =>
      act(async () => {
        const field = find<HTMLInputElement>("[data-testid=thread-search]");
        const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value") ?? {};
        set?.call(field, words);
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });

    /** Pages of conversations that are read one after the other; null fails to be. */
    class Paged extends Threads {
      readonly loadMore = vi.fn(async (): Promise<void> => {
        this.patch({ loadingMore: true } as never);
        const page = await Promise.resolve(this.pages.shift());
        this.patch({ loadingMore: false } as never);
        if (!page) return;
        const read = page.map((id) => ({ id, title: id, created_at: "2029-01-01T00:00:00Z" }));
        const more = { threads: [...this.getSnapshot().threads, ...read] };
        this.patch({ ...more, hasMore: this.pages.length > 0 } as never);
      });
      constructor(private readonly pages: (string[] | null)[]) {
        super("a", "b", "c", "d", "e", "f", "g", "h");
        this.patch({ hasMore: true } as never);
      }
    }
    const showPages = async (...pages: (string[] | null)[]): Promise<Paged> => {
      const list = new Paged(pages);
      app = { chat: new Chat(list), threads: list, toasts } as unknown as AppContextValue;
      await act(async () => root.render(<ThreadList key="paged" onOpen={() => undefined} />));
      return list;
    };

    it("finds conversations that weren't read yet", async () => {
      const list = await showPages(["rent"], ["milk", "more milk"]);
      expect(list.loadMore).not.toHaveBeenCalled();
      await search("milk");
      expect(shown()).toEqual(["milk", "more milk"]);
    });

    it("doesn't ask again and again for what can't be read", async () => {
      const list = await showPages(null);
      await search("milk");
      expect(list.loadMore).toHaveBeenCalledOnce();
      await search("milk and");
      expect(list.loadMore).toHaveBeenCalledTimes(2);
    });
  });

  const text = () => document.querySelector("section")?.textContent ?? "";
  const thread = (id: string, changes: object = {}) => ({
    ...{ id, title: id, created_at: "2030-01-01T00:00:00Z" },
    ...changes,
  });

  it("opens the conversation that is pressed", async () => {
    await press('[data-row="c"] button');
    expect(onOpen).toHaveBeenCalledExactlyOnceWith("c");
  });

  it("calls one without a title a new one, to be renamed from nothing", async () => {
    await act(() => chat.become({ threads: [thread("x", { title: null })] }));
    expect(find('[data-row="x"] button').textContent).toBe("New conversation");
    await press('[aria-label="Rename “New conversation”"]');
    expect(input().value).toBe("");
    expect(input().maxLength).toBe(200);
  });

  describe("gives another title", () => {
    const rename = () => vi.spyOn(chat, "rename");
    const submit = () =>
      act(async () => {
        input().form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
      });

    it.each([
      ["  B  ", [["b", "B"]]],
      ["   ", []],
      ["b", []],
      [" b ", []],
    ])("only where it is one: %j", async (title, renamed) => {
      const calls = rename();
      await press('[aria-label="Rename “b”"]');
      await enter(title);
      await submit();
      expect(calls.mock.calls).toEqual(renamed);
      expect(document.querySelector("[data-testid=thread-title-input]")).toBeNull();
    });

    it("and takes it back", async () => {
      await press('[aria-label="Rename “b”"]');
      await enter("B");
      await submit();
      expect(told()).toEqual(["Renamed to “B”"]);
      await act(async () => expect(toasts.actOnNewest()).toBe(true));
      expect(titles()).toEqual(["a", "b", "c"]);
    });

    it("to one that had none without an Undo, as there is nothing to go back to", async () => {
      await act(() => chat.become({ threads: [thread("x", { title: null })] }));
      await press('[aria-label="Rename “New conversation”"]');
      await enter("X");
      await submit();
      expect(titles()).toEqual(["X"]);
      expect(told()).toEqual([]);
    });

    it("on Escape no more than while a character is being made", async () => {
      await press('[aria-label="Rename “b”"]');
      const key = (init: KeyboardEventInit) =>
        act(async () => {
          input().dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, ...init }));
        });
      await key({ key: "Escape", isComposing: true });
      await key({ key: "a" });
      expect(input().value).toBe("b");
    });
  });

  const told = () => toasts.getSnapshot().map(({ message }) => message);

  it("deletes at once, and offers an Undo", async () => {
    await press('[aria-label="Delete “b”"]');
    expect(titles()).toEqual(["a", "c"]);
    expect(told()).toEqual(["Deleted the conversation “b”"]);
    await act(async () => expect(toasts.actOnNewest()).toBe(true));
    expect(titles()).toEqual(["a", "b", "c"]);
    expect(told()).toEqual([]);
  });

  it("tells of several deletions in one message", async () => {
    await act(() => chat.become({ threads: [thread("a"), thread("x", { title: null })] }));
    await press('[aria-label="Delete “a”"]');
    await press('[aria-label="Delete “New conversation”"]');
    expect(told()).toEqual(["Deleted 2 conversations"]);
    expect(toasts.getSnapshot()[0]?.parts.map(({ subject }) => subject)).toEqual([
      "a",
      "New conversation",
    ]);
  });

  it("can be searched from eight conversations on", async () => {
    const shown = () => document.querySelector("[data-testid=thread-search]") !== null;
    const threads = ["a", "b", "c", "d", "e", "f", "g"].map((id) => thread(id));
    await act(() => chat.become({ threads }));
    expect(shown()).toBe(false);
    await act(() => chat.become({ threads: [...threads, thread("h")] }));
    expect(shown()).toBe(true);
  });

  it("says where there is nothing, and what that means", async () => {
    const skeleton = () => document.querySelectorAll(".animate-breathe").length;
    await act(() => chat.become({ threads: [], load: "loading" }));
    expect([text(), skeleton()]).toEqual(["", 3]);
    await act(() => chat.become({ load: "ready" }));
    expect([text(), skeleton()]).toEqual(["Your conversations will be listed here.", 0]);
    const refresh = vi.fn();
    Object.assign(chat, { refresh });
    await act(() => chat.become({ load: "error" }));
    expect(text()).toBe("The conversations couldn’t be loaded.Try again");
    await press("section button");
    expect(refresh).toHaveBeenCalledOnce();
  });

  it("shows older ones where there are some, and says that it reads them", async () => {
    const loadMore = vi.fn();
    Object.assign(chat, { loadMore });
    const button = () => find("section > button:last-of-type");
    await act(() => chat.become({ hasMore: true, loadingMore: false }));
    expect(button().textContent).toBe("Show older");
    expect([button().getAttribute("aria-busy"), button().querySelector("svg")]).toEqual([
      "false",
      null,
    ]);
    await press("section > button:last-of-type");
    expect(loadMore).toHaveBeenCalledOnce();
    await act(() => chat.become({ loadingMore: true }));
    expect(button().getAttribute("aria-busy")).toBe("true");
    expect(button().querySelector("svg")).not.toBeNull();
    await act(() => chat.become({ hasMore: false }));
    expect(text()).not.toContain("Show older");
  });

  it("has the open conversation stand out", () => {
    const looks = ["a", "b"].map((id) =>
      find(`[data-row="${id}"]`).className.includes("bg-accent-soft"),
    );
    expect(looks).toEqual([false, true]);
  });
});
