// @vitest-environment happy-dom
import { act, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatStore } from "@/lib/chat/store";
import { eventually } from "@/lib/eventually.fixture";
import { LocalOutboxStorage } from "@/lib/outbox/storage";
import { signOut } from "@/lib/sign-out";
import { type AppContextValue, AppProvider, useApp } from "./app-provider";

describe("AppProvider", () => {
  let root: Root;
  let app: AppContextValue;
  const assign = vi.fn();
  /** What the back end answers to each request. */
  let answer: (path: string) => Promise<Response>;
  /** The paths that were asked for. */
  let asked: string[];

  function Reader(): null {
    app = useApp();
    return null;
  }

  beforeEach(async () => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    asked = [];
    vi.stubGlobal("fetch", (path: string) => {
      asked.push(path.replace(/\?.*/, ""));
      return answer(path);
    });
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

  const TASKS = "/api/backend/api/tasks";
  const CHAT = "/api/backend/chatkit";
  const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

  it("reads tasks and conversations as it begins", () => {
    expect(asked).toContain(TASKS);
    expect(asked).toContain(CHAT);
  });

  describe("reads what has changed", () => {
    let clock: number;
    /** All that is being read is read. */
    const settle = async (): Promise<void> => {
      for (let time = 0; time < 2; time += 1) {
        await act(() => app.tasks.refresh());
        await act(() => app.threads.refresh());
      }
      asked = [];
    };
    beforeEach(async () => {
      await settle();
      clock = Date.now();
      vi.spyOn(Date, "now").mockImplementation(() => clock);
    });
    const comeBack = (event: "focus" | "visibilitychange") =>
      act(async () => {
        (event === "focus" ? window : document).dispatchEvent(new Event(event));
        await soon();
      });

    it.each(["focus", "visibilitychange"] as const)(
      "when one comes back to the page: %s",
      async (event) => {
        clock += 1_000;
        await comeBack(event);
        await eventually(() => expect([...new Set(asked)].sort()).toEqual([TASKS, CHAT].sort()));
      },
    );

    it("once for all that coming back causes within a second", async () => {
      clock += 1_000;
      await comeBack("visibilitychange");
      await settle();
      clock += 999;
      await comeBack("focus");
      expect(asked).toEqual([]);
      clock += 1;
      await comeBack("focus");
      await eventually(() => expect(asked).toContain(TASKS));
    });

    it("not while the page can't be seen", async () => {
      clock += 5_000;
      vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
      await comeBack("visibilitychange");
      expect(asked).toEqual([]);
    });

    it.each([
      ["tasks", { tasks: true }, TASKS],
      ["conversations", { threads: true }, CHAT],
    ])("in another tab: %s alone", async (_, message, path) => {
      const other = new BroadcastChannel("todo-data/ada");
      other.postMessage(message);
      await eventually(() => expect([...new Set(asked)]).toEqual([path]));
      other.close();
    });

    it("not for another person", async () => {
      const other = new BroadcastChannel("todo-data/grace");
      other.postMessage({ tasks: true, threads: true });
      await act(soon);
      expect(asked).toEqual([]);
      other.close();
    });

    it("nothing any more once it has gone", async () => {
      act(() => root.unmount());
      clock += 5_000;
      await comeBack("focus");
      await comeBack("visibilitychange");
      window.dispatchEvent(new Event("offline"));
      expect(asked).toEqual([]);
      expect(app.connection.getSnapshot().status).toBe("ok");
    });
  });

  it("tells the other tabs what the back end has taken", async () => {
    const other = new BroadcastChannel("todo-data/ada");
    const heard: unknown[] = [];
    other.onmessage = ({ data }) => heard.push(data);
    answer = async () => Response.json({ id: "1", data: [], items: [], has_more: false });
    await act(() => app.tasks.edit("1", { completed: true }));
    await eventually(() => expect(heard).toEqual([{ tasks: true }]));
    app.threads.rename("t1", "Shopping");
    await eventually(() => expect(heard).toEqual([{ tasks: true }, { threads: true }]));
    other.close();
  });

  it("knows by the browser that the network has gone, and asks when it is back", async () => {
    window.dispatchEvent(new Event("offline"));
    expect(app.connection.getSnapshot().status).toBe("away");
    asked = [];
    await act(async () => window.dispatchEvent(new Event("online")));
    await eventually(() => expect(app.connection.getSnapshot().status).toBe("ok"));
    expect(asked[0]).toBe("/api/backend/ready");
  });

  describe("leaving the page", () => {
    const leaves = (): boolean =>
      window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
    const full = () => vi.spyOn(LocalOutboxStorage.prototype, "write").mockReturnValue(false);

    it("is warned of where something would be lost", () => {
      full();
      expect(leaves()).toBe(true);
      act(() => void app.outbox.keep({ kind: "task.edit", id: "1", changes: {} }));
      expect(leaves()).toBe(false);
    });

    it("is nothing where all that waits is kept, or nobody would miss it", () => {
      act(() => void app.outbox.keep({ kind: "task.edit", id: "1", changes: {} }));
      expect(leaves()).toBe(true);
      app.outbox.clear();
      full();
      act(() => void app.outbox.keep({ kind: "answer.stop", key: "k" }));
      expect(leaves()).toBe(true);
    });
  });

  it("shows what failed as such", async () => {
    answer = async () => Response.json({ detail: "Too long." }, { status: 422 });
    await act(async () => void app.tasks.add({ title: "milk" }));
    await eventually(() =>
      expect(app.toasts.getSnapshot()).toMatchObject([{ message: "Too long.", tone: "danger" }]),
    );
  });

  it("offers another try where conversations couldn't be brought back", async () => {
    const ids = ["t1", "t2"];
    let status = 429;
    answer = async (path) => {
      const [, id] = /conversations\/(\w+)\/restore$/.exec(path) ?? [];
      if (!id) return Response.json({ data: [], items: [], has_more: false });
      if (status !== 200) return Response.json({ detail: "One moment, please." }, { status });
      return Response.json({ id, title: "Shopping", created_at: "2030-01-01T00:00:00Z" });
    };
    const restored = () => asked.filter((path) => path.endsWith("/restore"));
    const undo = ids.map((id) => app.chat.remove(id));
    for (const id of ids) await act(() => app.outbox.settled(`thread ${id}`));
    await act(async () => undo[0]?.());
    const message = "“New conversation” couldn't be brought back. One moment, please.";
    const shown = () => app.toasts.getSnapshot();
    await eventually(() => expect(shown()).toMatchObject([{ message, tone: "danger" }]));
    await act(async () => undo[1]?.());
    await eventually(() =>
      expect(shown()).toMatchObject([{ message: "2 conversations couldn't be brought back" }]),
    );
    status = 200;
    asked = [];
    await act(async () => app.toasts.act(shown()[0]?.id ?? 0));
    await eventually(() => expect(app.threads.getSnapshot().threads).toHaveLength(2));
    expect(restored()).toHaveLength(2);
    expect(shown()).toEqual([]);
  });

  it("names a conversation in the address of the chat alone", async () => {
    answer = async () => new Response(null, { status: 404 });
    window.history.replaceState(null, "", "/chat/t1");
    await act(async () => app.chat.follow("t1"));
    await eventually(() => expect(window.location.pathname).toBe("/chat"));
    expect(app.toasts.getSnapshot()).toMatchObject([
      { message: "That conversation doesn't exist any more.", tone: "neutral" },
    ]);
    window.history.replaceState(null, "", "/tasks");
    await act(async () => app.chat.follow("t2"));
    await eventually(() => expect(app.chat.active.id).toBeNull());
    expect(window.location.pathname).toBe("/tasks");
  });

  it("speaks of no expired session where one signs out, whatever is refused meanwhile", async () => {
    const ends: ((response: Response) => void)[] = [];
    answer = (path) =>
      path === "/api/auth/sign-out"
        ? new Promise((resolve) => ends.push(resolve))
        : Promise.resolve(new Response(null, { status: 401 }));
    const ending = signOut("ada");
    await act(() => app.tasks.refresh());
    ends.shift()?.(new Response(null, { status: 200 }));
    expect(await ending).toBe(true);
    await act(() => app.tasks.refresh());
    expect(assign).not.toHaveBeenCalled();

    const failing = signOut("ada");
    ends.shift()?.(new Response(null, { status: 503 }));
    expect(await failing).toBe(false);
    // It came to nothing, so what is refused from now on is news.
    await act(() => app.tasks.refresh());
    expect(assign).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("reason=expired"));
  });

  it("comes back to where one was after signing in", async () => {
    window.history.replaceState(null, "", "/tasks?show=today");
    answer = async () => new Response(null, { status: 401 });
    await act(() => app.tasks.refresh());
    expect(assign).toHaveBeenCalledWith("/sign-in?next=%2Ftasks%3Fshow%3Dtoday&reason=expired");
  });

  it("sends a message after the changes that were made before it, and waits 3 s for those at most", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      answer = (path) =>
        path.startsWith(TASKS)
          ? new Promise(() => undefined)
          : Promise.resolve(Response.json({ data: [], items: [], has_more: false }));
      await act(async () => void app.tasks.edit("1", { completed: true }));
      asked = [];
      await act(async () => void app.chat.send("what is open?"));
      await act(() => vi.advanceTimersByTimeAsync(2_999));
      expect(asked).not.toContain(CHAT);
      await act(() => vi.advanceTimersByTimeAsync(1));
      expect(asked).toContain(CHAT);
    } finally {
      vi.useRealTimers();
    }
  });

  it("is asked for below it alone", () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const alone = createRoot(document.createElement("div"));
    expect(() => act(() => alone.render(<Reader />))).toThrow(
      "useApp needs an AppProvider above it",
    );
  });
});
