"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Button } from "@/components/ui/button";
import { chooseTheme, currentTheme, watchTheme } from "@/lib/chosen-theme";
import { THEMES, type Theme } from "@/lib/theme";

const LOOKS = {
  system: { label: "same as the system", icon: Monitor },
  light: { label: "light", icon: Sun },
  dark: { label: "dark", icon: Moon },
} as const;

/** Goes through the themes: the system's, light, dark. `initial` is what the server has rendered. */
export function ThemeToggle({ initial }: { initial: Theme }) {
  const theme = useSyncExternalStore(watchTheme, currentTheme, () => initial);
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
      onClick={() => chooseTheme(next)}
    >
      <Icon className="size-4.5" aria-hidden="true" />
    </Button>
  );
}
