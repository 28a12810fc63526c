import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { AppShell } from "./app-shell";

const state = vi.hoisted(() => ({ id: null as string | null }));
vi.mock("./app-provider", () => {
  const observable = (snapshot: () => unknown) => ({
    subscribe: () => () => undefined,
    getSnapshot: snapshot,
  });
  const active = observable(() => state);
  const app = {
    chat: observable(() => ({ active })),
    threads: observable(() => ({ threads: [] })),
    tasks: observable(() => ({ tasks: [], load: "ready" })),
  };
  return { useApp: () => app };
});
vi.mock("./sidebar", () => ({ Sidebar: () => null }));
vi.mock("./views", () => ({ Views: () => null }));
vi.mock("./shortcuts", () => ({ Shortcuts: () => null }));
vi.mock("./connection-banner", () => ({ ConnectionBanner: () => null }));
vi.mock("@/components/ui/toaster", () => ({ Toaster: () => null }));
vi.mock("next/navigation", () => ({ usePathname: () => "/tasks" }));

describe("AppShell", () => {
  /** Where the tabs lead. */
  function tabs(): (string | undefined)[] {
    const html = renderToStaticMarkup(
      <AppShell user={{ name: "Ada", email: "ada@example.com" }} theme="light" hosted={null} />,
    );
    const nav = html.slice(html.indexOf('aria-label="Pages"'));
    return [...nav.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
  }

  it("leads from the tasks back to the conversation that is open", () => {
    expect(tabs()).toEqual(["/chat", "/tasks"]);
    state.id = "t1";
    expect(tabs()).toEqual(["/chat/t1", "/tasks"]);
  });
});
