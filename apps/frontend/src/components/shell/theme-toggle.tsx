"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { THEME_COOKIE, THEMES, type Theme } from "@/lib/theme";

const LOOKS = {
  system: { label: "same as the system", icon: Monitor },
  light: { label: "light", icon: Sun },
  dark: { label: "dark", icon: Moon },
} as const;

const YEAR_SECONDS = 60 * 60 * 24 * 365;

function apply(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API isn't everywhere yet
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}

/** Goes through the themes: the system's, light, dark. */
export function ThemeToggle({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  const { label, icon: Icon } = LOOKS[theme];
  const text = `Theme: ${label}. Switch to ${LOOKS[next].label}`;
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={text}
      title={text}
      data-testid="theme"
      onClick={() => {
        apply(next);
        setTheme(next);
      }}
    >
      <Icon className="size-4.5" aria-hidden="true" />
    </Button>
  );
}
