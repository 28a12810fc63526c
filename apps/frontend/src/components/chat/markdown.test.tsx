import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "./markdown";
import MarkdownRenderer from "./markdown-renderer";

/** As it is drawn, without the direction of its text, which all of it has. */
const html = (text: string): string =>
  renderToStaticMarkup(<MarkdownRenderer text={text} />).replace(/ dir="auto"|(?<=>)\n/g, "");

describe("Markdown", () => {
  it.each([
    ["**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"],
    ["- one\n- two", "<ul><li>one</li><li>two</li></ul>"],
    ["3. three", '<ol start="3"><li>three</li></ol>'],
    ["a\nb", "<p>a<br/>b</p>"],
    ["# Title", '<h3 data-level="1">Title</h3>'],
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

  it("draws tables that scroll, with the alignment that was asked for", () => {
    const table = html("| Task | Due |\n| --- | ---: |\n| milk | today |");
    expect(table).toMatch(/<section .*<table>.*<th>Task<\/th>/s);
    expect(table).toMatch(/<td style="text-align:right">today<\/td>/);
  });

  it("tells headings apart", () => {
    expect(html("# a\n\n## b\n\n### c")).toMatch(/<h3 .*>a<\/h3>.*<h4 .*>b<\/h4>.*<h5 .*>c<\/h5>/s);
  });

  it("names the language of code, and offers to copy it", () => {
    const code = html("```python\nprint(1)\n```");
    expect(code).toContain("<span>python</span>");
    expect(code).toContain('aria-label="Copy code"');
    expect(code).toContain("<code>print(1)</code>");
  });

  it("has every paragraph find its own direction", () => {
    expect(renderToStaticMarkup(<MarkdownRenderer text={"שלום!\n\nHello"} />)).toBe(
      '<p dir="auto">שלום!</p>\n<p dir="auto">Hello</p>',
    );
  });

  it.each([
    ["> ".repeat(2_500), "quotes"],
    [">".repeat(2_500), "quotes without spaces"],
    ["- ".repeat(2_500), "lists"],
  ])("shows what is nested beyond reason as it was written", (text) => {
    const shown = renderToStaticMarkup(<Markdown text={`${text} end`} />);
    expect(shown).toContain("end");
    expect(shown).not.toMatch(/<(blockquote|ul)/);
  });
});
