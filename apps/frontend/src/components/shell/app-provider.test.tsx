// @vitest-environment happy-dom
import { act, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatStore } from "@/lib/chat/store";
import { eventually } from "@/lib/eventually.fixture";
import { LocalOutboxStorage } from "@/lib/outbox/storage";
import { type AppContextValue, AppProvider, useApp } from "./app-provider";

describe("AppProvider", () => {
  let root: Root;
  let app: AppContextValue;
  const assign = vi.fn();
  /** What the back end answers to each request. */
  let answer: () => Promise<Response>;

  function Reader(): null {
    app = useApp();
    return null;
  }

  beforeEach(async () => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.stubGlobal("fetch", () => answer());
    vi.spyOn(window.location, "assign").mockImplementation(assign);
    assign.mockClear();
    localStorage.clear();
    answer = async () => Response.json({ data: [], items: [], has_more: false });
    root = createRoot(document.body);
    await act(async () =>
      root.render(
        <StrictMode>
          <AppProvider userId="ada">
            <Reader />
          </AppProvider>
        </StrictMode>,
      ),
    );
  });
  afterEach(() => {
    act(() => root.unmount());
    sessionStorage.clear();
  });

  it("ends what runs when it goes, and not in between", async () => {
    const dispose = vi.spyOn(ChatStore.prototype, "dispose");
    const later = () => new Promise((resolve) => setTimeout(resolve, 5));
    await later();
    expect(dispose).not.toHaveBeenCalled();
    act(() => root.unmount());
    await later();
    expect(dispose).toHaveBeenCalledOnce();
  });

  it("leaves for the sign-in page when the session ended during an outage, and keeps all that was written", async () => {
    answer = async () => new Response(null, { status: 503 });
    await act(() => app.chat.send("precious words"));
    app.drafts.save("a thought in between");
    expect(app.connection.getSnapshot().status).toBe("away");

    answer = async () => new Response(null, { status: 401 });
    await act(() => app.connection.retryNow());
    expect(app.connection.getSnapshot().status).toBe("ok");
    expect(assign).toHaveBeenCalledWith(expect.stringContaining("/sign-in?"));
    expect(app.drafts.load()).toBe("a thought in between");
    const kept = new LocalOutboxStorage("ada").read();
    expect(kept).toMatchObject([{ kind: "message", text: "precious words" }]);
    expect(new LocalOutboxStorage("grace").read()).toEqual([]);
  });

  describe("takes over what a closed tab has left", () => {
    /** Another tab writes something and is closed, long after this one has begun. */
    const leaveBehind = async (title: string): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      new LocalOutboxStorage("ada").write({
        ...{ kind: "task.add", id: `local-${title}`, key: title, fields: { title } },
        ...{ entry: `000000001-${title}`, tab: "closed", at: "2030-01-01T00:00:00.000Z" },
      });
    };
    const shown = () => app.tasks.getSnapshot().tasks.map(({ title }) => title);

    it("when one comes back to the page", async () => {
      answer = async () => new Response(null, { status: 503 });
      await act(() => app.tasks.refresh());
      await leaveBehind("left");
      vi.spyOn(Date, "now").mockReturnValue(Date.now() + 2_000);
      window.dispatchEvent(new Event("focus"));
      await eventually(() => expect(shown()).toEqual(["left"]));
    });

    it("when the back end is back", async () => {
      answer = async () => new Response(null, { status: 503 });
      await act(() => app.tasks.refresh());
      await leaveBehind("left");
      expect(shown()).toEqual([]);
      answer = async () => Response.json({ data: [], items: [], has_more: false });
      await act(() => app.connection.retryNow());
      await eventually(() => expect(new LocalOutboxStorage("ada").read()).toEqual([]));
    });
  });

  it("is loaded anew when somebody else has signed in, or nobody is", async () => {
    const reload = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
    const other = new BroadcastChannel("todo-auth");
    const hear = (user: string | null): Promise<void> => {
      other.postMessage({ user });
      return new Promise((resolve) => setTimeout(resolve, 20));
    };
    await hear("ada");
    expect(reload).not.toHaveBeenCalled();
    await hear("grace");
    expect(reload).toHaveBeenCalledOnce();
    await hear(null);
    expect(reload).toHaveBeenCalledTimes(2);
    other.close();
  });

  it("is loaded anew, and loses nothing, when the server knows somebody else", async () => {
    const reload = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
    answer = async () =>
      Response.json({ type: "urn:todo-app:problem:user-changed" }, { status: 409 });
    await act(async () => void app.tasks.add({ title: "secret" }));
    await eventually(() => expect(reload).toHaveBeenCalled());
    expect(new LocalOutboxStorage("ada").read()).toMatchObject([{ kind: "task.add" }]);
  });
});
