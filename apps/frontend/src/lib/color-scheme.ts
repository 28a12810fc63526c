export type ColorScheme = "light" | "dark";

const DARK = "(prefers-color-scheme: dark)";

/** The colours that the page shows: the chosen theme's, or the system's. */
export function colorScheme(): ColorScheme {
  const { theme } = document.documentElement.dataset;
  if (theme === "light" || theme === "dark") return theme;
  return window.matchMedia(DARK).matches ? "dark" : "light";
}

/** Calls `listener` when the theme or the system's colours change. Returns how to stop. */
export function watchColorScheme(listener: () => void): () => void {
  const query = window.matchMedia(DARK);
  query.addEventListener("change", listener);
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    query.removeEventListener("change", listener);
    observer.disconnect();
  };
}
