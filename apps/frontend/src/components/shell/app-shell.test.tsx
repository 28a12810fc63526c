import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import type { ChatState } from "@/lib/chat/store";
import { AppShell } from "./app-shell";

const state = vi.hoisted(() => ({ activeId: null as string | null }));
vi.mock("./app-provider", () => {
  const observable = (snapshot: () => unknown) => ({
    subscribe: () => () => undefined,
    getSnapshot: snapshot,
  });
  return {
    useApp: () => ({
      chat: observable(() => state as Partial<ChatState>),
      tasks: observable(() => ({ tasks: [], load: "ready" })),
    }),
  };
});
vi.mock("./sidebar", () => ({ Sidebar: () => null }));
vi.mock("./connection-banner", () => ({ ConnectionBanner: () => null }));
vi.mock("@/components/ui/toaster", () => ({ Toaster: () => null }));
vi.mock("next/navigation", () => ({ usePathname: () => "/tasks" }));
vi.mock("next/link", () => ({
  default: ({ href, children }: { href: string; children: ReactNode }) => (
    <a href={href}>{children}</a>
  ),
}));

describe("AppShell", () => {
  /** Where the tabs lead. */
  function tabs(): (string | undefined)[] {
    const html = renderToStaticMarkup(
      <AppShell user={{ name: "Ada", email: "ada@example.com" }} theme="light">
        {null}
      </AppShell>,
    );
    const nav = html.slice(html.indexOf('aria-label="Pages"'));
    return [...nav.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
  }

  it("leads from the tasks back to the conversation that is open", () => {
    expect(tabs()).toEqual(["/chat", "/tasks"]);
    state.activeId = "t1";
    expect(tabs()).toEqual(["/chat/t1", "/tasks"]);
  });
});
