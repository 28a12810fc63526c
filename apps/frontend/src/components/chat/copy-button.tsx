"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { ensureClipboard } from "@/lib/clipboard";

const SHOWN_MS = 2_000;

/** Copies a text, and says so. */
export function CopyButton({
  text,
  label,
  testId,
}: {
  text: string | (() => string);
  label: string;
  testId: string;
}) {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const Icon = copied ? Check : Copy;
  const copy = async (): Promise<void> => {
    ensureClipboard();
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <Button
      variant="ghost"
      size="tiny"
      aria-label={copied ? "Copied" : label}
      title={label}
      data-testid={testId}
      onClick={() => void copy().catch(() => undefined)}
    >
      <Icon className="size-3.5" aria-hidden="true" />
    </Button>
  );
}
