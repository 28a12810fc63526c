import highlighter from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const LANGUAGES = { bash, css, javascript, json, markdown, python, sql, typescript, xml, yaml };

for (const [name, definition] of Object.entries(LANGUAGES)) {
  highlighter.registerLanguage(name, definition);
}

/** The colours that the design has, by highlight.js's names. */
const KINDS: Readonly<Record<string, string>> = {
  keyword: "keyword",
  literal: "keyword",
  built_in: "keyword",
  string: "string",
  regexp: "string",
  number: "number",
  comment: "comment",
  quote: "comment",
  attr: "name",
  attribute: "name",
  title: "name",
  name: "name",
  tag: "name",
  section: "name",
  variable: "name",
};

/** A node of highlight.js's tree, which its types keep to themselves. */
interface TreeNode {
  scope?: string;
  children: (string | TreeNode)[];
}

/** Code in coloured pieces; null where the language isn't known. */
export function highlight(
  source: string,
  language: string,
): { text: string; kind: string | null }[] | null {
  if (!highlighter.getLanguage(language)) return null;
  const result = highlighter.highlight(source, { language, ignoreIllegals: true });
  const { rootNode } = result._emitter as unknown as { rootNode: TreeNode };
  const pieces: { text: string; kind: string | null }[] = [];
  const walk = (node: TreeNode, kind: string | null): void => {
    for (const child of node.children) {
      if (typeof child === "string") pieces.push({ text: child, kind });
      else walk(child, KINDS[child.scope?.split(".")[0] ?? ""] ?? kind);
    }
  };
  walk(rootNode, null);
  return pieces;
}
