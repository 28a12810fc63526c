import NextDocument, {
  type DocumentContext,
  type DocumentInitialProps,
  Head,
  Html,
  Main,
  NextScript,
} from "next/document";
import { SITE_DESCRIPTION, THEME_COLORS } from "@/lib/site";
import { parseTheme, THEME_COOKIE, type Theme } from "@/lib/theme";

interface Props extends DocumentInitialProps {
  theme: Theme;
}

/** The document around the pages that are plain HTML forms; `src/app/layout.tsx` is the others'. */
export default class Document extends NextDocument<Props> {
  static override async getInitialProps(context: DocumentContext): Promise<Props> {
    const { cookies } = (context.req ?? {}) as { cookies?: Partial<Record<string, string>> };
    return {
      ...(await NextDocument.getInitialProps(context)),
      theme: parseTheme(cookies?.[THEME_COOKIE]),
    };
  }

  override render() {
    const { theme } = this.props;
    return (
      <Html lang="en" data-theme={theme === "system" ? undefined : theme}>
        <Head>
          <meta name="description" content={SITE_DESCRIPTION} />
          <meta name="robots" content="noindex" />
          {THEME_COLORS.map(({ media, color }) => (
            <meta key={media} name="theme-color" media={media} content={color} />
          ))}
          <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        </Head>
        <body className="font-sans antialiased">
          <Main />
          <NextScript />
        </body>
      </Html>
    );
  }
}
