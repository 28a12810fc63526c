import { createElement } from "react";
import { expect, it } from "vitest";
import { type Assets, formResponse } from "./html";

async function styles(): Promise<string> {
  const sent: Assets[] = [];
  const answer = { status: 200, view: null };
  await formResponse(new Request("http://todo.example/sign-in"), answer, (_, assets) => {
    sent.push(assets);
    return createElement("html");
  });
  return sent[0]?.css ?? "";
}

it("the forms' styles, which no bundler rewrites, use nothing that Safari 17.0 doesn't know", async () => {
  const css = await styles();
  expect(css).not.toMatch(/:[^;{}]*light-dark\(/);
  expect(css).toContain("var(--canvas)");
});

it("each of the forms' colours is a token that has a light and a dark value", async () => {
  const css = await styles();
  const used = new Set([...css.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name));
  expect(used.size).toBeGreaterThan(10);
  for (const name of used) {
    expect(css).toMatch(new RegExp(`${name}: var\\(--light, [^;]+\\) var\\(--dark, [^;]+\\);`));
  }
});

it.each([
  [/@media screen and \(prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}/, "dark"],
  [/:root\[data-theme="dark"\] \{([^}]*)\}/, "dark"],
  [/:root\[data-theme="light"\] \{([^}]*)\}/, "light"],
  [/:root \{([^}]*)\}/, "light"],
] as const)("%s leaves the values of %s alone", async (rule, theme) => {
  const [, block = ""] = rule.exec(await styles()) ?? [];
  expect(/--light: (initial|);/.exec(block)?.[1]).toBe(theme === "light" ? "initial" : "");
  expect(/--dark: (initial|);/.exec(block)?.[1]).toBe(theme === "dark" ? "initial" : "");
});
