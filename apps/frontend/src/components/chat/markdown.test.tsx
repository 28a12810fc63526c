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

  it("fills short rows up, but not those of a table that would have a million cells", () => {
    const cells = (columns: number, rows: number): number => {
      const head = `${"|a".repeat(columns)}|\n${"|-".repeat(columns)}|\n`;
      return html(head + "|b|\n".repeat(rows)).split("<td").length - 1;
    };
    expect(cells(3, 10)).toBe(30);
    expect(cells(500, 40)).toBe(40);
  });

  it("shows what would take minutes to draw as it was written", () => {
    const text = `${"*a **b ".repeat(1_000)}${"c** d*".repeat(1_000)}`;
    expect(renderToStaticMarkup(<Markdown text={text} />)).toBe(
      `<div class="prose"><p dir="auto" class="whitespace-pre-wrap">${text}</p></div>`,
    );
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

  it("has items of a list go the way they are written, be there paragraphs in them or not", () => {
    const directions = (text: string) => {
      const html = renderToStaticMarkup(<MarkdownRenderer text={text} />);
      return [...html.matchAll(/<li dir="(\w+)"/g)].map(([, direction]) => direction);
    };
    const expected = ["auto", "rtl", "rtl", "auto", "auto"];
    for (const gap of ["\n", "\n\n"]) {
      const items = ["milk", "(2) **חלב** milk", "خبز", "2.5", "milk חלב"];
      expect(directions(items.map((item) => `- ${item}`).join(gap))).toEqual(expected);
    }
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

  it("has the assistant's headings below the page's own, and tells four levels apart", () => {
    const levels = [1, 2, 3, 4, 5, 6].map((level) => html(`${"#".repeat(level)} x`));
    expect(levels).toEqual([
      '<h3 data-level="1">x</h3>',
      '<h4 data-level="2">x</h4>',
      '<h5 data-level="3">x</h5>',
      ...Array.from({ length: 3 }, () => '<h6 data-level="4">x</h6>'),
    ]);
  });

  it("ticks the boxes of what is done alone, in the midst of words", () => {
    const boxes = (text: string) =>
      [...html(text).matchAll(/aria-label="(\w+):" class="([^"]*)"/g)].map(([, name, look]) => [
        name,
        look?.includes("bg-accent"),
      ]);
    expect(boxes("a ✅ b ☑ c ⬜ d ☐ e")).toEqual([
      ["done", true],
      ["done", true],
      ["open", false],
      ["open", false],
    ]);
    expect(boxes("- [ ] a\n- [x] b")).toEqual([
      ["open", false],
      ["done", true],
    ]);
    expect(html("✅ a").match(/<svg/g)).toHaveLength(1);
    expect(html("⬜ a")).not.toContain("<svg");
    expect(html("a ✅ b").replace(/<span.*<\/span>/, "[]")).toBe("<p>a [] b</p>");
    expect(boxes("| ✅ a |\n| --- |\n| ⬜ b |")).toHaveLength(2);
    expect(boxes("# ✅ a")).toHaveLength(1);
    // In code they are what is meant.
    expect(boxes("`✅`")).toEqual([]);
  });

  it("has code and tables be reached by the keyboard in their order, as they scroll", () => {
    expect(html("```\nx\n```")).toContain('<pre tabindex="0">');
    expect(html("| a |\n| --- |\n| b |")).toContain('tabindex="0" aria-label="Table"');
  });

  it("calls code of no language text, and copies it as it was written", () => {
    const code = html("```\nx\n\ny\n```");
    expect(code).toContain("<span>Text</span>");
    expect(code).toContain("<code>x\n\ny</code>");
    expect(html("```c++\nx\n```")).toContain("<span>c++</span>");
  });

  it.each([
    ["[x](mailto:ada@example.com)", '<a href="mailto:ada@example.com">x</a>'],
    ["[x](#top)", '<a href="#top">x</a>'],
    [
      "[x](http://example.com)",
      '<a href="http://example.com" target="_blank" rel="noreferrer">x</a>',
    ],
    [
      "https://example.com",
      '<a href="https://example.com" target="_blank" rel="noreferrer">https://example.com</a>',
    ],
    ["[x](ftp://example.com)", "x"],
  ])("opens what is elsewhere in a tab of its own: %s", (text, link) => {
    expect(html(text)).toBe(`<p>${link}</p>`);
  });

  it("shows an image's description, and HTML as it was written", () => {
    expect(html("a ![a cat](https://example.com/x.png) b")).toBe("<p>a a cat b</p>");
    expect(html("![a cat][x]\n\n[x]: https://example.com/x.png")).toBe("<p>a cat</p>");
    expect(html("a <b>c</b>")).toBe("<p>a &lt;b&gt;c&lt;/b&gt;</p>");
  });

  it("keeps each line's end, and strikes through by two tildes alone", () => {
    expect(html("a\nb\nc")).toBe("<p>a<br/>b<br/>c</p>");
    expect(html("~~a~~ ~b~")).toBe("<p><del>a</del> ~b~</p>");
  });

  it("completes what is half written, where that is to come", () => {
    const half = (unfinished?: boolean) =>
      renderToStaticMarkup(
        <MarkdownRenderer text="**a" {...(unfinished === undefined ? {} : { unfinished })} />,
      );
    expect(half()).toBe('<p dir="auto">**a</p>');
    expect(half(true)).toBe('<p dir="auto"><strong>a</strong></p>');
  });

  it("takes 39 levels for formatting, and 40 for none", () => {
    const nested = (depth: number) =>
      renderToStaticMarkup(<Markdown text={`${"> ".repeat(depth)}x`} />);
    expect(nested(40)).toBe(
      `<div class="prose"><p dir="auto" class="whitespace-pre-wrap">${"&gt; ".repeat(40)}x</p></div>`,
    );
    expect(nested(39)).toContain('data-testid="markdown"');
  });

  it("looks at once whether a line is nested beyond reason, however near it is to that", () => {
    for (const mark of ["> ", "- ", "1. ", ">\t "]) {
      expect(renderToStaticMarkup(<Markdown text={`${mark.repeat(39)}x`} />)).toContain("markdown");
    }
  });

  it.each(["-".repeat(80), "*".repeat(80), `a\n${"-".repeat(80)}`])(
    "takes a line across the page for no nesting: %s",
    (text) => {
      expect(renderToStaticMarkup(<Markdown text={text} />)).toContain("markdown");
    },
  );
});
