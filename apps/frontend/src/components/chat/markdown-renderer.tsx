import { Check } from "lucide-react";
import { Children, type ComponentProps, isValidElement, memo, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import remend from "remend";
import { CopyButton } from "./copy-button";
import { HighlightedCode } from "./highlighted-code";

const PLUGINS = [[remarkGfm, { singleTilde: false }] as const, remarkBreaksAndBoxes];

/** What is left of Markdown's tree for the plug-in below. */
interface MarkdownNode {
  type: string;
  value?: string;
  depth?: number;
  alt?: string | null;
  /** Of a table's columns. */
  align?: unknown[] | null;
  children?: MarkdownNode[];
}

/**
 * Line ends are kept, as people write them. HTML is text, and images are their descriptions: nothing is
 * loaded from elsewhere on the say-so of a model.
 */
function remarkBreaksAndBoxes() {
  return (tree: MarkdownNode): void => visit(tree);
}

/** Rows are filled up to the first one's width: beyond so many cells that is more than a page can bear. */
const MOST_CELLS = 10_000;

function visit(node: MarkdownNode): void {
  const { align, children = [] } = node;
  if (align && align.length * children.length > MOST_CELLS) node.align = null;
  node.children = node.children?.flatMap((child): MarkdownNode[] => {
    if (child.type === "html") return [{ type: "text", value: child.value ?? "" }];
    if (child.type === "image" || child.type === "imageReference") {
      return [{ type: "text", value: child.alt ?? "" }];
    }
    if (child.type === "text" && child.value?.includes("\n")) {
      return child.value
        .split("\n")
        .flatMap((value, index) => [
          ...(index > 0 ? [{ type: "break" }] : []),
          ...(value ? [{ type: "text", value }] : []),
        ]);
    }
    visit(child);
    return [child];
  });
}

/** Browsers take "/\" for "//", and leave tabs and line ends out. */
const SAFE_LINK = /^(https?:|mailto:|\/(?![\\/\s]|%5c|%0[9ad])|#)/i;

function safeUrl(url: string): string {
  return SAFE_LINK.test(url) ? url : "";
}

/** Tick boxes are drawn, as not every system has a font for their characters. */
function TickBox({ checked }: { checked: boolean }) {
  return (
    <span
      role="img"
      aria-label={checked ? "done:" : "open:"}
      className={`mr-1.5 inline-grid size-4 -translate-y-px place-items-center rounded-full border-2 align-middle print:[print-color-adjust:exact] ${
        checked ? "border-accent bg-accent text-on-accent" : "border-line-strong"
      }`}
    >
      {checked ? <Check className="size-2.5" strokeWidth={4} aria-hidden="true" /> : null}
    </span>
  );
}

const TICK_BOX = /([✅☑⬜☐]\uFE0F?)/u;

/** The children with tick-box characters drawn. */
function withBoxes(children: ReactNode): ReactNode {
  return Children.map(children, (child) => {
    if (typeof child !== "string" || !TICK_BOX.test(child)) return child;
    return child.split(TICK_BOX).map((part, index) => {
      const box = TICK_BOX.test(part);
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no identity
      return box ? <TickBox key={index} checked={/[✅☑]/u.test(part)} /> : part;
    });
  });
}

const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Nko}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** The first letter of a text, which says in which direction it is written. */
function firstLetter({ value = "", children = [] }: MarkdownNode): string | undefined {
  const own = /\p{L}/u.exec(value)?.[0];
  return own ?? children.map(firstLetter).find((letter) => letter !== undefined);
}

function isRightToLeft(node: MarkdownNode): boolean {
  return RIGHT_TO_LEFT.test(firstLetter(node) ?? "");
}

function Heading({ level, children }: { level: number; children?: ReactNode }) {
  // The page has its own headings; the assistant's come below them.
  const Tag = `h${Math.min(level + 2, 6)}` as "h3" | "h4" | "h5" | "h6";
  return (
    <Tag dir="auto" data-level={level}>
      {withBoxes(children)}
    </Tag>
  );
}

function CodeBlock({ children }: { children?: ReactNode }) {
  const code = Children.toArray(children).find((child) => isValidElement(child));
  const { className = "", children: text } = (isValidElement(code) ? code.props : {}) as {
    className?: string;
    children?: ReactNode;
  };
  const language = /language-([\w+#-]+)/.exec(className)?.[1] ?? null;
  const source = String(text ?? "").replace(/\n$/, "");
  return (
    <div className="code-block" data-testid="code-block" dir="ltr">
      <div className="flex items-center justify-between gap-2 pr-1 pl-3 text-xs text-ink-muted">
        <span>{language ?? "Text"}</span>
        <CopyButton text={source} label="Copy code" testId="code-copy" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0}>
        <HighlightedCode source={source} language={language} />
      </pre>
    </div>
  );
}

const COMPONENTS: Components = {
  h1: ({ children }) => <Heading level={1}>{children}</Heading>,
  h2: ({ children }) => <Heading level={2}>{children}</Heading>,
  h3: ({ children }) => <Heading level={3}>{children}</Heading>,
  h4: ({ children }) => <Heading level={4}>{children}</Heading>,
  h5: ({ children }) => <Heading level={4}>{children}</Heading>,
  h6: ({ children }) => <Heading level={4}>{children}</Heading>,
  p: ({ children }) => <p dir="auto">{withBoxes(children)}</p>,
  li: ({ node, children, className }) => (
    // What the browser finds leaves out paragraphs, which have a direction of their own.
    <li dir={isRightToLeft(node as MarkdownNode) ? "rtl" : "auto"} className={className}>
      {withBoxes(children)}
    </li>
  ),
  td: ({ children, style }) => (
    <td dir="auto" style={style}>
      {withBoxes(children)}
    </td>
  ),
  th: ({ children, style }) => (
    <th dir="auto" style={style}>
      {withBoxes(children)}
    </th>
  ),
  input: ({ checked }) => <TickBox checked={checked ?? false} />,
  pre: CodeBlock,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className="table-scroll" tabIndex={0} aria-label="Table">
      <table>{children}</table>
    </section>
  ),
  a: ({ href, children }: ComponentProps<"a">) => {
    if (!href) return <>{children}</>;
    const outside = /^https?:/i.test(href);
    return (
      <a href={href} {...(outside ? { target: "_blank", rel: "noreferrer" } : {})}>
        {children}
      </a>
    );
  },
};

/** Markdown as elements, drawn by react-markdown. What is begun in an `unfinished` text is completed. */
const MarkdownRenderer = memo(function MarkdownRenderer({
  text,
  unfinished = false,
}: {
  text: string;
  unfinished?: boolean;
}) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS as never} components={COMPONENTS} urlTransform={safeUrl}>
      {unfinished ? remend(text) : text}
    </ReactMarkdown>
  );
});

export default MarkdownRenderer;
