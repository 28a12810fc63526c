"use client";

import { useEffect, useState } from "react";

/** Pieces of code: text, with the name of its colour. */
export type Piece = { text: string; kind: string | null };

/** Longer code isn't coloured: it would take longer than it helps. */
const LONGEST = 20_000;

/** Code, coloured as soon as the colours are there. */
export function HighlightedCode({ source, language }: { source: string; language: string | null }) {
  const [colored, setColored] = useState<{ source: string; pieces: Piece[] } | null>(null);
  useEffect(() => {
    if (!language || source.length > LONGEST) return;
    let live = true;
    void import("@/lib/chat/highlight").then(({ highlight }) => {
      const pieces = highlight(source, language);
      if (live && pieces) setColored({ source, pieces });
    });
    return () => {
      live = false;
    };
  }, [source, language]);
  if (colored?.source !== source) return <code>{source}</code>;
  return (
    <code>
      {colored.pieces.map(({ text, kind }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no identity
        <span key={index} className={kind ? `code-${kind}` : undefined}>
          {text}
        </span>
      ))}
    </code>
  );
}
