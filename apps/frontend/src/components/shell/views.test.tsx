// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Observable } from "@/lib/observable";
import { Views } from "./views";

class Part<State> extends Observable<State> {
  constructor(state: State) {
    super(state);
  }
  become(changes: Partial<State>): void {
    this.patch(changes);
  }
}

const { place, app } = vi.hoisted(() => ({
  place: { path: "/chat" },
  app: {} as Record<string, unknown>,
}));
vi.mock("next/navigation", () => ({ usePathname: () => place.path }));
vi.mock("./app-provider", () => ({ useApp: () => app }));
vi.mock("@/components/tasks/task-panel", () => ({ TaskPanel: () => "the tasks" }));
vi.mock("@/components/chat/chat-screen", () => ({ ChatScreen: () => "the chat" }));

describe("Views", () => {
  let root: Root;
  const follow = vi.fn();
  const conversation = new Part<{ id: string | null }>({ id: null });

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    follow.mockClear();
    const chat = Object.assign(new Part({ active: conversation }), { follow });
    const threads = new Part({ threads: [{ id: "t1", title: "Shopping" }] });
    Object.assign(app, { chat, threads });
    root = createRoot(document.body);
  });
  afterEach(() => act(() => root.unmount()));

  async function goTo(path: string): Promise<string> {
    place.path = path;
    await act(async () => root.render(<Views hosted={null} composer={{ current: null }} />));
    return document.body.textContent ?? "";
  }

  it("shows what the address names, forward and back", async () => {
    expect(await goTo("/chat")).toBe("the chat");
    expect(follow).toHaveBeenLastCalledWith(null);
    expect(await goTo("/chat/t1")).toBe("the chat");
    expect(follow).toHaveBeenLastCalledWith("t1");
    expect(await goTo("/tasks")).toBe("the tasks");
    expect(follow).toHaveBeenCalledTimes(2);
    expect(await goTo("/chat/t1")).toBe("the chat");
    expect(follow).toHaveBeenLastCalledWith("t1");
  });

  it("names the window after what is in it", async () => {
    await goTo("/chat");
    expect(document.title).toBe("New chat · Todo AI Chatbot");
    await act(async () => conversation.become({ id: "t1" }));
    expect(document.title).toBe("Shopping · Todo AI Chatbot");
    await goTo("/tasks");
    expect(document.title).toBe("Tasks · Todo AI Chatbot");
  });

  it("calls a conversation without a title, or one that isn't listed, a new one", async () => {
    await goTo("/chat");
    await act(async () => conversation.become({ id: "t2" }));
    expect(document.title).toBe("New conversation · Todo AI Chatbot");
    await act(async () => conversation.become({ id: null }));
    expect(document.title).toBe("New chat · Todo AI Chatbot");
  });

  it("has tasks as the page's main content", async () => {
    await goTo("/tasks");
    expect(document.querySelector("main")?.textContent).toBe("the tasks");
  });

  it("follows the chat alone where the address names neither", async () => {
    expect(await goTo("/elsewhere")).toBe("the chat");
    expect(follow).not.toHaveBeenCalled();
  });

  describe("the keyboard's place", () => {
    let main: HTMLElement;
    let link: HTMLElement;
    beforeEach(() => {
      main = document.createElement("div");
      Object.assign(main, { id: "main", tabIndex: -1 });
      link = document.createElement("button");
      document.documentElement.append(main, link);
    });
    afterEach(() => {
      main.remove();
      link.remove();
    });

    it("is the beginning of another view, where it was nowhere", async () => {
      await goTo("/chat");
      expect(document.activeElement).toBe(document.body);
      await goTo("/tasks");
      expect(document.activeElement).toBe(main);
    });

    it("stays where it is in another conversation, and where something has it", async () => {
      await goTo("/chat");
      await goTo("/chat/t1");
      expect(document.activeElement).toBe(document.body);
      link.focus();
      await goTo("/tasks");
      expect(document.activeElement).toBe(link);
    });
  });
});
