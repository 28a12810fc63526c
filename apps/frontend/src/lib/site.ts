/** Name of the site, in titles and headings. */
export const SITE_NAME = "Todo AI Chatbot";

/** What the site is for, in one sentence. */
export const SITE_DESCRIPTION = "Keep your to-do list by talking to it.";

/** How pages fit the screen, a shown keyboard included. */
export const VIEWPORT = {
  width: "device-width",
  initialScale: 1,
  interactiveWidget: "resizes-content",
} as const;

/** Colour of the browser's own frame, by colour scheme. */
export const THEME_COLOR = { light: "#f6f4ef", dark: "#151412" } as const;

/** The same by the system's colour scheme, for the documents' heads. */
export const THEME_COLORS = [
  { media: "(prefers-color-scheme: light)", color: THEME_COLOR.light },
  { media: "(prefers-color-scheme: dark)", color: THEME_COLOR.dark },
] as const;
