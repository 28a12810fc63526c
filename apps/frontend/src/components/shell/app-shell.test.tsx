// @vitest-environment happy-dom
import { act, useImperativeHandle } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ComposerHandle } from "@/components/chat/composer";
import { Observable } from "@/lib/observable";
import { task } from "@/lib/tasks/task.fixture";
import { AppShell } from "./app-shell";
import type { Sidebar } from "./sidebar";
import type { Views } from "./views";

class Part<State> extends Observable<State> {
  constructor(state: State) {
    super(state);
  }
  become(changes: Partial<State>): void {
    this.patch(changes);
  }
}

const { place, app, focusComposer } = vi.hoisted(() => ({
  place: { path: "/chat" as string | null },
  app: {} as Record<string, unknown>,
  focusComposer: vi.fn(),
}));
vi.mock("./app-provider", () => ({ useApp: () => app }));
vi.mock("./sidebar", () => ({
  Sidebar: ({ user, onNewChat, onNavigate }: Parameters<typeof Sidebar>[0]) => (
    <div data-testid="sidebar">
      {user.name}
      <button type="button" data-testid="sidebar-new" onClick={onNewChat} />
      <button type="button" data-testid="sidebar-go" onClick={() => onNavigate?.()} />
    </div>
  ),
}));
vi.mock("./views", () => ({
  Views: ({ composer }: Parameters<typeof Views>[0]) => {
    useImperativeHandle(composer, () => ({ focus: focusComposer }) as unknown as ComposerHandle);
    return "the view";
  },
}));
vi.mock("./shortcuts", () => ({
  Shortcuts: ({ onNewChat }: { onNewChat: () => void }) => (
    <button type="button" data-testid="shortcut-new" onClick={onNewChat} />
  ),
}));
vi.mock("./connection-banner", () => ({ ConnectionBanner: () => null }));
vi.mock("@/components/ui/toaster", () => ({ Toaster: () => <div data-testid="toaster" /> }));
vi.mock("next/navigation", () => ({ usePathname: () => place.path }));

describe("AppShell", () => {
  let root: Root;
  const startNew = vi.fn();
  const conversation = new Part<{ id: string | null }>({ id: null });
  const tasks = new Part({ tasks: [] as ReturnType<typeof task>[] });
  const threads = new Part({ threads: [] as { id: string; title: string | null }[] });

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.useFakeTimers();
    HTMLDialogElement.prototype.showModal ??= () => undefined;
    startNew.mockReset();
    focusComposer.mockReset();
    conversation.become({ id: null });
    tasks.become({ tasks: [] });
    threads.become({ threads: [{ id: "t1", title: "Shopping" }] });
    const chat = Object.assign(new Part({ active: conversation }), { startNew });
    Object.assign(app, { chat, threads, tasks, toasts: {} });
    window.history.replaceState(null, "", "/chat");
    root = createRoot(document.body);
  });
  afterEach(() => {
    act(() => root.unmount());
    vi.useRealTimers();
  });

  async function show(path: string | null): Promise<void> {
    place.path = path;
    const user = { name: "Ada", email: "ada@example.com" };
    await act(async () => root.render(<AppShell user={user} theme="light" hosted={null} />));
  }
  const find = (selector: string) => document.querySelector<HTMLElement>(selector);
  const press = (selector: string) => act(async () => find(selector)?.click());
  const tabs = () => [...document.querySelectorAll('nav[aria-label="Pages"] a')];
  const menu = '[data-testid="open-menu"]';

  it("has the view in what one skips to", async () => {
    await show("/chat");
    expect(find("a")?.textContent).toBe("Skip to content");
    expect(find("a")?.getAttribute("href")).toBe("#main");
    expect(find("#main")?.textContent).toBe("the view");
    expect(find("#main")?.tabIndex).toBe(-1);
  });

  describe("its tabs", () => {
    it("lead from the tasks back to the conversation that is open", async () => {
      const leads = () => tabs().map((tab) => tab.getAttribute("href"));
      await show("/tasks");
      expect(leads()).toEqual(["/chat", "/tasks"]);
      await act(async () => conversation.become({ id: "t1" }));
      expect(leads()).toEqual(["/chat/t1", "/tasks"]);
    });

    it.each<[string | null, (string | null)[], string[]]>([
      ["/chat", ["page", null], ["text-accent", "text-ink-muted"]],
      ["/chat/t1", ["page", null], ["text-accent", "text-ink-muted"]],
      ["/tasks", [null, "page"], ["text-ink-muted", "text-accent"]],
      ["/chats", [null, null], ["text-ink-muted", "text-ink-muted"]],
      [null, [null, null], ["text-ink-muted", "text-ink-muted"]],
    ])("say where one is: %s", async (path, current, colors) => {
      await show(path);
      expect(tabs().map((tab) => tab.getAttribute("aria-current"))).toEqual(current);
      expect(tabs().map(({ className }) => /text-(accent|ink-muted)/.exec(className)?.[0])).toEqual(
        colors,
      );
    });

    it("tell how many tasks are open, where there are some", async () => {
      await show("/chat");
      const told = () => tabs().map(({ textContent }) => textContent);
      expect(told()).toEqual(["Chat", "Tasks"]);
      await act(async () => tasks.become({ tasks: [task("a", { completed: true })] }));
      expect(told()).toEqual(["Chat", "Tasks"]);
      await act(async () =>
        tasks.become({ tasks: [task("a"), task("b", { completed: true }), task("c")] }),
      );
      expect(told()).toEqual(["Chat", "Tasks2 open"]);
      await act(async () => tasks.become({ tasks: [task("a")] }));
      expect(told()).toEqual(["Chat", "Tasks1 open"]);
    });
  });

  it("is headed by what is shown", async () => {
    const heading = () => find("header p")?.textContent;
    await show("/chat");
    expect(heading()).toBe("New chat");
    await act(async () => conversation.become({ id: "t1" }));
    expect(heading()).toBe("Shopping");
    await act(async () => conversation.become({ id: "t2" }));
    expect(heading()).toBe("New conversation");
    await show("/tasks");
    expect(heading()).toBe("Tasks");
  });

  describe("its menu", () => {
    const expanded = () => find(menu)?.getAttribute("aria-expanded");

    it("is opened by its button, and closed by another", async () => {
      await show("/chat");
      expect(expanded()).toBe("false");
      expect(find("dialog")).toBeNull();
      await press(menu);
      expect(expanded()).toBe("true");
      expect(find("dialog")?.getAttribute("aria-label")).toBe("Menu");
      expect(find("dialog")?.textContent).toBe("Ada");
      await press('[aria-label="Close menu"]');
      expect(find("dialog")).toBeNull();
      expect(expanded()).toBe("false");
    });

    it("closes where one goes elsewhere, or opens the conversation that is there", async () => {
      await show("/chat");
      await press(menu);
      await show("/chat");
      expect(find("dialog")).not.toBeNull();
      await show("/chat/t1");
      expect(find("dialog")).toBeNull();
      await press(menu);
      await press('dialog [data-testid="sidebar-go"]');
      expect(find("dialog")).toBeNull();
    });

    it("has the messages in it, as what is outside can't be reached", async () => {
      const places = () =>
        [...document.querySelectorAll('[data-testid="toaster"]')].map(
          (toaster) => toaster.closest("dialog") !== null,
        );
      await show("/chat");
      expect(places()).toEqual([false]);
      await press(menu);
      expect(places()).toEqual([true]);
    });

    it("closes where a chat is begun", async () => {
      await show("/chat");
      await press(menu);
      await press('dialog [data-testid="sidebar-new"]');
      expect(find("dialog")).toBeNull();
      expect(startNew).toHaveBeenCalledOnce();
    });
  });

  it.each([
    ["the header", '[data-testid="header-new-chat"]'],
    ["the sidebar", 'aside [data-testid="sidebar-new"]'],
    ["the keyboard", '[data-testid="shortcut-new"]'],
  ])("begins a chat by %s, and has one write", async (_, selector) => {
    window.history.replaceState(null, "", "/tasks");
    await show("/tasks");
    await press(selector);
    expect(startNew).toHaveBeenCalledOnce();
    expect(window.location.pathname).toBe("/chat");
    expect(focusComposer).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(focusComposer).toHaveBeenCalledOnce();
  });
});
