// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { eventually } from "@/lib/eventually.fixture";
import { colorScheme, watchColorScheme } from "./color-scheme";

/** A system whose colours can be changed. */
function system(dark: boolean) {
  const query = Object.assign(new EventTarget(), { matches: dark });
  vi.stubGlobal("matchMedia", () => query);
  return (now: boolean): void => {
    query.matches = now;
    query.dispatchEvent(new Event("change"));
  };
}

describe("the colours of the page", () => {
  afterEach(() => {
    delete document.documentElement.dataset.theme;
  });

  it("are the system's unless a theme is chosen", () => {
    system(true);
    expect(colorScheme()).toBe("dark");
    document.documentElement.dataset.theme = "light";
    expect(colorScheme()).toBe("light");
    system(false);
    document.documentElement.dataset.theme = "dark";
    expect(colorScheme()).toBe("dark");
  });

  it("are followed when the system or the theme changes, until that is over", async () => {
    const change = system(false);
    const seen: string[] = [];
    const stop = watchColorScheme(() => seen.push(colorScheme()));
    change(true);
    expect(seen).toEqual(["dark"]);
    document.documentElement.dataset.theme = "light";
    await eventually(() => expect(seen).toEqual(["dark", "light"]));
    stop();
    change(false);
    document.documentElement.dataset.theme = "dark";
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(seen).toHaveLength(2);
  });
});
