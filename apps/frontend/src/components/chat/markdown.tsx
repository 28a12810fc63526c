"use client";

import dynamic from "next/dynamic";
import { memo } from "react";
import { isReasonable } from "@/lib/chat/reasonable-text";
import { splitSettled, withoutBegunTable } from "@/lib/chat/settled-text";
import { MessageBoundary } from "./message-boundary";

const PlainText = ({ text }: { text: string }) => (
  <p dir="auto" className="whitespace-pre-wrap">
    {text}
  </p>
);

/** Its parser is half of a page's script: a chat without an answer does without. */
const MarkdownRenderer = dynamic(() => import("./markdown-renderer"));

/**
 * Markdown as elements. HTML in it is shown as text, unsafe links lose their target, and what can't be
 * drawn is shown as it was written. While `running`, what is half written is completed or held back, and only the
 * last paragraph is read anew with every word.
 */
export const Markdown = memo(function Markdown({
  text,
  running = false,
}: {
  text: string;
  running?: boolean;
}) {
  const plain = <PlainText text={text} />;
  if (!isReasonable(text)) return <div className="prose">{plain}</div>;
  const [settled, rest] = running ? splitSettled(text) : [text, ""];
  return (
    <div className="prose" data-testid="markdown">
      <MessageBoundary of={text} fallback={plain}>
        {settled ? <MarkdownRenderer text={settled} /> : null}
        {rest ? <MarkdownRenderer text={withoutBegunTable(rest)} unfinished /> : null}
      </MessageBoundary>
    </div>
  );
});
