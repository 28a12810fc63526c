import { openChannel } from "./channel";
import { THEME_COLOR } from "./site";
import { parseTheme, THEME_COOKIE, type Theme } from "./theme";

const CHANNEL = "todo-theme";
const YEAR_SECONDS = 60 * 60 * 24 * 365;

/** The theme that the page shows: the document knows it. */
export function currentTheme(): Theme {
  return parseTheme(document.documentElement.dataset.theme);
}

function apply(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  // The browser's own frame goes with it.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    const scheme = meta.media.includes("dark") ? "dark" : "light";
    meta.content = THEME_COLOR[theme === "system" ? scheme : theme];
  }
}

/** Takes a theme, for good and in all tabs. */
export function chooseTheme(theme: Theme): void {
  apply(theme);
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API isn't everywhere yet
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  const channel = openChannel<Theme>(CHANNEL, () => undefined);
  channel.post(theme);
  channel.close();
}

/** Calls `listener` when the theme changes, here or in another tab. Returns how to stop. */
export function watchTheme(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const channel = openChannel<Theme>(CHANNEL, apply);
  return () => {
    observer.disconnect();
    channel.close();
  };
}
