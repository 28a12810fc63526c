import type { ReactNode } from "react";
import { SITE_DESCRIPTION, SITE_NAME, THEME_COLORS, VIEWPORT } from "@/lib/site";
import type { Theme } from "@/lib/theme";

/** What every plain page is made with. */
export interface DocumentProps {
  /** Style sheets. */
  css: string;
  /** A script that the page also does without. */
  script: string;
  /** Lets both through the page's Content-Security-Policy. */
  nonce: string;
  theme: Theme;
}

const VIEWPORT_CONTENT = `width=${VIEWPORT.width}, initial-scale=${VIEWPORT.initialScale}, interactive-widget=${VIEWPORT.interactiveWidget}`;

/** The document around forms that need no client runtime; `src/app/layout.tsx` is the other pages'. */
export function FormDocument({
  title,
  signedOut = false,
  css,
  script,
  nonce,
  theme,
  children,
}: DocumentProps & { title: string; signedOut?: boolean; children: ReactNode }) {
  return (
    <html
      lang="en"
      data-theme={theme === "system" ? undefined : theme}
      data-signed-out={signedOut ? "" : undefined}
    >
      {/* biome-ignore lint/style/noHeadElement: no page of Next.js, but a document of its own. */}
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content={VIEWPORT_CONTENT} />
        <title>{`${title} · ${SITE_NAME}`}</title>
        <meta name="description" content={SITE_DESCRIPTION} />
        <meta name="robots" content="noindex" />
        {THEME_COLORS.map(({ media, color }) => (
          <meta key={media} name="theme-color" media={media} content={color} />
        ))}
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: it is this project's own. */}
        <style nonce={nonce} dangerouslySetInnerHTML={{ __html: css }} />
      </head>
      <body>
        {children}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: it is this project's own. */}
        <script nonce={nonce} dangerouslySetInnerHTML={{ __html: script }} />
      </body>
    </html>
  );
}

/** The site's mark, above a form. */
export function Brand() {
  return (
    <div className="brand">
      {/* biome-ignore lint/performance/noImgElement: nothing resizes images here. */}
      <img src="/icon.svg" alt="" width="48" height="48" />
      <p>{SITE_NAME}</p>
    </div>
  );
}
