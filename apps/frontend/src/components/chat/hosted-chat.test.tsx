// @vitest-environment happy-dom
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppContextValue } from "@/components/shell/app-provider";
import { eventually } from "@/lib/eventually.fixture";
import { ToastStore } from "@/lib/toasts";
import { HostedChat, loadChatKit } from "./hosted-chat";

let app: AppContextValue;
vi.mock("@/components/shell/app-provider", () => ({ useApp: () => app }));

let scripts = 0;
/** A script that nobody has tried to load. */
const newScript = (): string => `https://cdn.example/${++scripts}/chatkit.js`;

/** Keeps the page from really fetching the script. */
function holdScript(): { elements: HTMLScriptElement[] } {
  const held = { elements: [] as HTMLScriptElement[] };
  vi.spyOn(document.head, "append").mockImplementation((element) => {
    held.elements.push(element as HTMLScriptElement);
  });
  return held;
}

afterEach(() => {
  vi.useRealTimers();
  document.head.replaceChildren();
});

describe("loadChatKit", () => {
  it("gives up when the script takes longer than its limit", async () => {
    vi.useFakeTimers();
    const held = holdScript();
    const script = newScript();
    const loading = loadChatKit(script);
    const outcome = expect(loading).rejects.toThrow("too long");
    expect(held.elements[0]?.src).toBe(script);
    await vi.advanceTimersByTimeAsync(2_999);
    await vi.advanceTimersByTimeAsync(1);
    await outcome;
  });

  it("gives up at once when the script can't be had, and doesn't try that again", async () => {
    const held = holdScript();
    const script = newScript();
    const loading = loadChatKit(script);
    held.elements[0]?.onerror?.(new Event("error"));
    await expect(loading).rejects.toThrow("couldn't be loaded");
    await expect(loadChatKit(script)).rejects.toThrow("couldn't be loaded");
    expect(held.elements).toHaveLength(1);
  });
});

describe("HostedChat", () => {
  let root: Root;

  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    const part = (state: unknown) => ({
      subscribe: () => () => undefined,
      getSnapshot: () => state,
    });
    const active = { ...part({ id: null }), id: null };
    const chat = { ...part({ active }), active };
    app = {
      ...{ chat, tasks: {}, userId: "ada", toasts: new ToastStore() },
      connection: { lost: vi.fn() },
      chatClient: { stop: vi.fn(async () => undefined) },
    } as unknown as AppContextValue;
    root = createRoot(document.body.appendChild(document.createElement("div")));
  });
  afterEach(async () => {
    await act(async () => root.unmount());
    document.body.replaceChildren();
    delete document.documentElement.dataset.theme;
  });

  const show = (scriptUrl: string): Promise<void> =>
    act(async () =>
      root.render(
        <HostedChat
          options={{ domainKey: "k", scriptUrl }}
          fallback={<p data-testid="built-in">Built in</p>}
        />,
      ),
    );
  const find = (id: string): Element | null => document.querySelector(`[data-testid=${id}]`);

  it("shows that it is loading, and the built-in chat at once where that has failed before", async () => {
    const held = holdScript();
    const script = newScript();
    await show(script);
    expect(find("hosted-chat-loading")?.textContent).toBe("The chat is loading");
    await act(async () => held.elements[0]?.onerror?.(new Event("error")));
    expect(find("built-in")).not.toBeNull();
    await act(async () => root.unmount());
    root = createRoot(document.body.appendChild(document.createElement("div")));
    act(() => root.render(null));
    await show(script);
    expect(find("hosted-chat-loading")).toBeNull();
    expect(find("built-in")).not.toBeNull();
  });

  // Comes last: what is defined stays so.
  it("gives the component the page's colours, and follows them", async () => {
    holdScript();
    const dark = Object.assign(new EventTarget(), { matches: true });
    vi.stubGlobal("matchMedia", () => dark);
    const schemes: string[] = [];
    let asked: typeof fetch | undefined;
    await show(newScript());
    await act(async () =>
      customElements.define(
        "openai-chatkit",
        class extends HTMLElement {
          setOptions(options: { api: { fetch: typeof fetch }; theme: { colorScheme: string } }) {
            schemes.push(options.theme.colorScheme);
            asked = options.api.fetch;
          }
        },
      ),
    );
    await eventually(() => expect(find("hosted-chat")?.firstElementChild).not.toBeNull());
    expect(find("hosted-chat-loading")).toBeNull();
    expect(schemes).toEqual(["dark"]);
    document.documentElement.dataset.theme = "light";
    await eventually(() => expect(schemes).toEqual(["dark", "light"]));

    vi.stubGlobal("fetch", async () => new Response("{}", { status: 503 }));
    await asked?.("http://localhost/api/backend/chatkit", { method: "POST" });
    expect(app.connection.lost).toHaveBeenCalledOnce();
    // What is typed into the component would be lost, so the page stays until one wants to go.
    const assign = vi.spyOn(window.location, "assign").mockReturnValue(undefined);
    vi.stubGlobal("fetch", async () => new Response("{}", { status: 401 }));
    await asked?.("http://localhost/api/backend/chatkit", { method: "POST" });
    expect(assign).not.toHaveBeenCalled();
    app.toasts.actOnNewest();
    expect(assign).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("reason=expired"));

    const reload = vi.spyOn(window.location, "reload").mockReturnValue(undefined);
    const type = "urn:todo-app:problem:user-changed";
    vi.stubGlobal("fetch", async () => Response.json({ type }, { status: 409 }));
    await asked?.("http://localhost/api/backend/chatkit", { method: "POST" });
    expect(reload).toHaveBeenCalledOnce();

    // Its Stop button aborts; so does going elsewhere, which isn't meant to stop anything.
    const sent: Request[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      sent.push(request);
      return new Response(new ReadableStream());
    });
    const ask = async (): Promise<AbortController> => {
      const controller = new AbortController();
      await asked?.("http://localhost/api/backend/chatkit", {
        ...{ method: "POST", body: "{}", signal: controller.signal },
      });
      return controller;
    };
    const [stopped, left] = [await ask(), await ask()];
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    expect(await sent[0]?.json()).toEqual({
      metadata: { timezone: timeZone, task_sort: "position" },
    });
    stopped.abort();
    expect(app.chatClient.stop).toHaveBeenCalledOnce();
    await act(async () => root.render(null));
    left.abort();
    expect(app.chatClient.stop).toHaveBeenCalledOnce();

    await loadChatKit(newScript());
  });
});
