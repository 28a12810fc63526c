// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatScreen } from "./chat-screen";

const { chat } = vi.hoisted(() => ({ chat: { follow: vi.fn() } }));
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => ({ chat }) }));
vi.mock("@/components/tasks/task-panel", () => ({ TaskPanel: () => null }));
vi.mock("./chat-thread", () => ({ ChatThread: () => null }));

describe("ChatScreen", () => {
  let root: Root;

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    chat.follow.mockClear();
    root = createRoot(document.body);
  });
  afterEach(() => {
    act(() => root.unmount());
    window.history.replaceState(null, "", "/");
  });

  const show = (threadId: string | null): void =>
    act(() => root.render(<ChatScreen threadId={threadId} hosted={null} />));

  it("opens what the address names, though the page was made for another", () => {
    window.history.replaceState(null, "", "/chat/t1");
    show(null);
    expect(chat.follow).toHaveBeenCalledExactlyOnceWith("t1");
  });

  it("follows the address back and forward, and a jump within the page", () => {
    window.history.replaceState(null, "", "/chat");
    show(null);
    expect(chat.follow).toHaveBeenLastCalledWith(null);
    window.history.replaceState(null, "", "/chat/t2#main");
    window.dispatchEvent(new Event("popstate"));
    expect(chat.follow).toHaveBeenLastCalledWith("t2");
    window.history.replaceState(null, "", "/tasks");
    window.dispatchEvent(new Event("popstate"));
    expect(chat.follow).toHaveBeenCalledTimes(2);
  });

  it("follows a link to another conversation", () => {
    window.history.replaceState(null, "", "/chat/t1");
    show("t1");
    window.history.replaceState(null, "", "/chat/t2");
    show("t2");
    expect(chat.follow).toHaveBeenLastCalledWith("t2");
  });
});
