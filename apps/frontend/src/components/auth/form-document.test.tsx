// @vitest-environment happy-dom
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import type { Theme } from "@/lib/theme";
import { Brand, FormDocument } from "./form-document";

function pageOf(theme: Theme, signedOut?: boolean): Document {
  const html = renderToStaticMarkup(
    <FormDocument
      title="Sign in"
      css="h1{}"
      script="let x"
      nonce="n1"
      theme={theme}
      {...(signedOut === undefined ? {} : { signedOut })}
    >
      <Brand />
    </FormDocument>,
  );
  return new DOMParser().parseFromString(html, "text/html");
}
const contentOf = (page: Document, name: string) =>
  page.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content;

it("is a page of this site, for people and not for search engines", () => {
  const page = pageOf("system");
  expect(page.title).toBe("Sign in · Todo AI Chatbot");
  expect(page.documentElement.lang).toBe("en");
  expect(contentOf(page, "robots")).toBe("noindex");
  expect(contentOf(page, "viewport")).toBe(
    "width=device-width, initial-scale=1, interactive-widget=resizes-content",
  );
  expect(page.querySelector(".brand")?.textContent).toBe("Todo AI Chatbot");
  // The name beside it says what it is.
  expect(page.querySelector(".brand img")?.getAttribute("alt")).toBe("");
});

it("has its style sheet and its script let through", () => {
  const page = pageOf("system");
  const [style, script] = [page.querySelector("style"), page.querySelector("script")];
  expect([style?.getAttribute("nonce"), style?.textContent]).toEqual(["n1", "h1{}"]);
  expect([script?.getAttribute("nonce"), script?.textContent]).toEqual(["n1", "let x"]);
});

it("is drawn in the chosen theme, and with the system's in both of its colours", () => {
  expect(pageOf("dark").documentElement.dataset.theme).toBe("dark");
  expect(pageOf("light").documentElement.dataset.theme).toBe("light");
  const page = pageOf("system");
  expect(page.documentElement.hasAttribute("data-theme")).toBe(false);
  const colors = [...page.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")];
  expect(colors.map((color) => color.getAttribute("media")).sort()).toEqual([
    "(prefers-color-scheme: dark)",
    "(prefers-color-scheme: light)",
  ]);
  expect(new Set(colors.map(({ content }) => content)).size).toBe(2);
});

it("says that nobody is signed in where that is certain", () => {
  expect(pageOf("system").documentElement.hasAttribute("data-signed-out")).toBe(false);
  expect(pageOf("system", false).documentElement.hasAttribute("data-signed-out")).toBe(false);
  expect(pageOf("system", true).documentElement.hasAttribute("data-signed-out")).toBe(true);
});
