import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { Button, buttonStyle } from "./button";

it("submits nothing unless told to", () => {
  expect(renderToStaticMarkup(<Button>Ok</Button>)).toContain('<button type="button"');
  expect(renderToStaticMarkup(<Button type="submit">Ok</Button>)).toContain('type="submit"');
});

it("is the page's main one, of a finger's height, unless said otherwise", () => {
  expect(renderToStaticMarkup(<Button>Ok</Button>)).toMatch(/bg-accent.* min-h-11 px-4 "/);
  const quiet = renderToStaticMarkup(
    <Button variant="ghost" size="icon" className="more" aria-label="Close" />,
  );
  expect(quiet).toMatch(/text-ink-muted.* size-9 .* more"/);
  expect(quiet).toContain('aria-label="Close"');
  expect(quiet).not.toContain("bg-accent");
});

it("lends its look to a link", () => {
  expect(buttonStyle()).toMatch(/bg-accent.* min-h-11/);
  expect(buttonStyle({ variant: "danger", size: "sm" })).toMatch(/text-danger.* min-h-9/);
});
