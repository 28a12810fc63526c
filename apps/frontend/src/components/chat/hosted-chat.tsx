"use client";

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useApp } from "@/components/shell/app-provider";

export interface HostedChatOptions {
  domainKey: string;
  scriptUrl: string;
}

/** How long the component's script may take before the built-in chat steps in. */
const LOAD_LIMIT_MS = 3_000;
const ELEMENT = "openai-chatkit";

interface ChatKitElement extends HTMLElement {
  setOptions(options: {
    api: { url: string; domainKey: string };
    theme?: { colorScheme: "light" | "dark" };
  }): void;
}

/** Loads the script that defines OpenAI's chat element. Rejects when it takes too long. */
export function loadChatKit(scriptUrl: string, limitMs = LOAD_LIMIT_MS): Promise<void> {
  if (customElements.get(ELEMENT)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const timer = setTimeout(() => {
      script.remove();
      reject(new Error("ChatKit's script took too long to load"));
    }, limitMs);
    script.src = scriptUrl;
    script.async = true;
    script.onerror = () => {
      clearTimeout(timer);
      reject(new Error("ChatKit's script couldn't be loaded"));
    };
    customElements.whenDefined(ELEMENT).then(() => {
      clearTimeout(timer);
      resolve();
    });
    document.head.append(script);
  });
}

/** OpenAI's hosted chat component, or `fallback` where its script can't be loaded in time. */
export function HostedChat({
  options,
  fallback,
}: {
  options: HostedChatOptions;
  fallback: ReactNode;
}) {
  const { tasks } = useApp();
  const host = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "ready" | "failed">("loading");
  const { domainKey, scriptUrl } = options;

  useEffect(() => {
    let live = true;
    loadChatKit(scriptUrl).then(
      () => live && setState("ready"),
      () => live && setState("failed"),
    );
    return () => {
      live = false;
    };
  }, [scriptUrl]);

  useEffect(() => {
    if (state !== "ready" || !host.current) return;
    const element = document.createElement(ELEMENT) as ChatKitElement;
    element.className = "h-full w-full";
    const refresh = (): void => void tasks.refresh();
    element.addEventListener("chatkit.effect", refresh);
    element.addEventListener("chatkit.response.end", refresh);
    const dark = getComputedStyle(document.documentElement).colorScheme.startsWith("dark");
    element.setOptions({
      api: { url: new URL("/api/backend/chatkit", window.location.href).href, domainKey },
      theme: { colorScheme: dark ? "dark" : "light" },
    });
    host.current.replaceChildren(element);
    return () => element.remove();
  }, [state, domainKey, tasks]);

  if (state === "failed") return fallback;
  return (
    <div
      ref={host}
      className="min-h-0 flex-1"
      aria-busy={state === "loading"}
      data-testid="hosted-chat"
    />
  );
}
