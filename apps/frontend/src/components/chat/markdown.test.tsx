import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "./markdown";

const html = (text: string): string =>
  renderToStaticMarkup(<Markdown text={text} />).replace(/^<div class="prose">|<\/div>$/g, "");

describe("Markdown", () => {
  it.each([
    ["**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"],
    ["- one\n- two", "<ul><li>one</li><li>two</li></ul>"],
    ["3. three", '<ol start="3"><li>three</li></ol>'],
    ["a\nb", "<p>a<br/>b</p>"],
    ["# Title", "<h3>Title</h3>"],
    ["1\\. \\*not soft\\* \\<b>", "<p>1. *not soft* &lt;b&gt;</p>"],
    ["[x](/tasks)", '<p><a href="/tasks">x</a></p>'],
    ["Tom & `a<b`", "<p>Tom &amp; <code>a&lt;b</code></p>"],
    [
      "[x](https://example.com)",
      '<p><a href="https://example.com" target="_blank" rel="noreferrer">x</a></p>',
    ],
  ])("renders %j", (text, expected) => {
    expect(html(text)).toBe(expected);
  });

  it("draws tick boxes with a name for those who can't see them", () => {
    expect(html("1. ✅ milk\n2. ⬜ rent")).toMatch(/aria-label="done:".* milk.*aria-label="open:"/);
    expect(html("- [x] milk")).toMatch(/aria-label="done:"/);
  });

  it.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[x](javascript:alert(1))",
    "[x](data:text/html,x)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](/\\\\evil.example)",
    "[x](</\t/evil.example>)",
    "![x](https://evil.example/pixel.png)",
  ])("makes nothing active of %j", (text) => {
    const output = html(text);
    expect(output).not.toMatch(/<(script|img|a)\b/);
  });
});
