// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { chooseTheme, currentTheme, watchTheme } from "./chosen-theme";

/** The channels of this browser's tabs. */
class Tabs {
  static open: Tabs[] = [];
  static posted: unknown[] = [];
  private listener: ((event: { data: unknown }) => void) | undefined;
  constructor(readonly name: string) {
    Tabs.open.push(this);
  }
  addEventListener(_: string, listener: (event: { data: unknown }) => void): void {
    this.listener = listener;
  }
  postMessage(data: unknown): void {
    Tabs.posted.push([this.name, data]);
  }
  hear(data: unknown): void {
    this.listener?.({ data });
  }
  close(): void {
    Tabs.open = Tabs.open.filter((one) => one !== this);
  }
}

// happy-dom doesn't know it yet.
Object.defineProperty(HTMLMetaElement.prototype, "media", {
  get(this: HTMLMetaElement) {
    return this.getAttribute("media") ?? "";
  },
});

const frame = () =>
  [...document.querySelectorAll<HTMLMetaElement>("meta")].map(({ content }) => content);

beforeEach(() => {
  [Tabs.open, Tabs.posted] = [[], []];
  vi.stubGlobal("BroadcastChannel", Tabs);
  delete document.documentElement.dataset.theme;
  document.head.innerHTML = ["light", "dark"]
    .map((scheme) => `<meta name="theme-color" media="(prefers-color-scheme: ${scheme})">`)
    .join("");
});

it("a page without a choice goes with the system", () => {
  expect(currentTheme()).toBe("system");
});

it.each([
  ["dark", ["#151412", "#151412"]],
  ["light", ["#f6f4ef", "#f6f4ef"]],
  ["system", ["#f6f4ef", "#151412"]],
] as const)(
  "%s is taken for good, by the page, the browser's frame and all tabs",
  (theme, colors) => {
    const cookie = vi.spyOn(document, "cookie", "set");
    document.documentElement.dataset.theme = "light";
    chooseTheme(theme);
    expect(currentTheme()).toBe(theme);
    expect(document.documentElement.hasAttribute("data-theme")).toBe(theme !== "system");
    expect(frame()).toEqual(colors);
    expect(cookie).toHaveBeenCalledWith(`theme=${theme}; path=/; max-age=31536000; samesite=lax`);
    expect(Tabs.posted).toEqual([["todo-theme", theme]]);
    expect(Tabs.open).toEqual([]);
  },
);

it("another tab's choice is this one's, until nobody watches", async () => {
  const listener = vi.fn();
  const stop = watchTheme(listener);
  Tabs.open[0]?.hear("dark");
  expect(currentTheme()).toBe("dark");
  await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1));
  stop();
  expect(Tabs.open).toEqual([]);
  chooseTheme("light");
  await new Promise((resolve) => setTimeout(resolve));
  expect(listener).toHaveBeenCalledTimes(1);
});
