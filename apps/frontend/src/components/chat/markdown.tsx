import { Check } from "lucide-react";
import { lexer, type Token, type Tokens } from "marked";
import { Fragment, memo, type ReactNode } from "react";

// Browsers take "/\" for "//", and leave tabs and line ends out.
const SAFE_LINK = /^(https?:|mailto:|\/(?![\\/\s])|#)/i;

function children(tokens: Token[] | undefined): ReactNode {
  return tokens?.map((token, index) => {
    // Tokens have no identity; they only ever grow at the end.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    return <Fragment key={index}>{render(token)}</Fragment>;
  });
}

function list(token: Tokens.List): ReactNode {
  const items = token.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity
    <li key={index}>
      {item.task ? <TickBox checked={item.checked ?? false} /> : null}
      {children(item.tokens.filter((part) => part.type !== "checkbox"))}
    </li>
  ));
  if (!token.ordered) return <ul>{items}</ul>;
  return <ol start={token.start === "" ? 1 : token.start}>{items}</ol>;
}

function table(token: Tokens.Table): ReactNode {
  return (
    <table>
      <thead>
        <tr>
          {token.header.map((cell, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity
            <th key={index}>{children(cell.tokens)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {token.rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity
          <tr key={index}>
            {row.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity
              <td key={column}>{children(cell.tokens)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function link(token: Tokens.Link): ReactNode {
  if (!SAFE_LINK.test(token.href)) return children(token.tokens);
  const outside = /^https?:/i.test(token.href);
  return (
    <a href={token.href} {...(outside ? { target: "_blank", rel: "noreferrer" } : {})}>
      {children(token.tokens)}
    </a>
  );
}

/** Tick boxes are drawn, as not every system has a font for their characters. */
function TickBox({ checked }: { checked: boolean }) {
  return (
    <span
      role="img"
      aria-label={checked ? "done:" : "open:"}
      className={`mr-0.5 inline-grid size-4 -translate-y-px place-items-center rounded-full border-2 align-middle ${
        checked ? "border-accent bg-accent text-on-accent" : "border-line-strong"
      }`}
    >
      {checked ? <Check className="size-2.5" strokeWidth={4} aria-hidden="true" /> : null}
    </span>
  );
}

const TICK_BOX = /([✅☑⬜☐]\uFE0F?)/u;

function prose(text: string): ReactNode {
  return plain(text)
    .split(TICK_BOX)
    .map((part, index) => {
      const box = TICK_BOX.test(part);
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no identity
      return box ? <TickBox key={index} checked={/[✅☑]/u.test(part)} /> : part;
    });
}

/** The lexer leaves a few entities in plain text. */
function plain(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

function render(given: Token): ReactNode {
  const token = given as Tokens.Generic & { type: string };
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading": {
      // The page has its own headings; the assistant's come below them.
      const Tag = `h${Math.min(token.depth + 2, 6)}` as "h3" | "h4" | "h5" | "h6";
      return <Tag>{children(token.tokens)}</Tag>;
    }
    case "paragraph":
      return <p>{children(token.tokens)}</p>;
    case "list":
      return list(given as Tokens.List);
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        <pre tabIndex={0}>
          <code>{token.text}</code>
        </pre>
      );
    case "blockquote":
      return <blockquote>{children(token.tokens)}</blockquote>;
    case "table":
      return table(given as Tokens.Table);
    case "hr":
      return <hr />;
    case "strong":
      return <strong>{children(token.tokens)}</strong>;
    case "em":
      return <em>{children(token.tokens)}</em>;
    case "del":
      return <del>{children(token.tokens)}</del>;
    case "codespan":
      return <code>{plain(token.text)}</code>;
    case "br":
      return <br />;
    case "link":
      return link(given as Tokens.Link);
    case "image":
      // Nothing is loaded from elsewhere on the say-so of a model.
      return token.text;
    case "escape":
      return token.text;
    case "text":
      return token.tokens ? children(token.tokens) : prose(token.text);
    default:
      return token.raw;
  }
}

/** Markdown as elements. HTML in it is shown as text, and unsafe links lose their target. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return <div className="prose">{children(lexer(text, { gfm: true, breaks: true }))}</div>;
});
