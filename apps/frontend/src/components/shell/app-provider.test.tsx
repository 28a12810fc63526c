// @vitest-environment happy-dom
import { act, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatStore } from "@/lib/chat/store";
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

  it("leaves for the sign-in page when the session ended during an outage, with all that was written", async () => {
    answer = async () => new Response(null, { status: 503 });
    await act(() => app.chat.send("precious words"));
    app.drafts.save("a thought in between");
    expect(app.connection.getSnapshot().status).toBe("away");

    answer = async () => new Response(null, { status: 401 });
    await act(() => app.connection.retryNow());
    expect(app.connection.getSnapshot().status).toBe("ok");
    expect(assign).toHaveBeenCalledWith(expect.stringContaining("/sign-in?"));
    expect(app.drafts.load()).toBe("precious words\n\na thought in between");
  });
});
