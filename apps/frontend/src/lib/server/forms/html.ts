import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReactElement } from "react";
import { NONCE_HEADER } from "../security-headers";
import type { FormAnswer } from "./sign-in";

/** What goes into every page that is a plain form. */
export interface Assets {
  /** Style sheets, the tokens of the colours first. */
  css: string;
  /** A script that the pages also do without. */
  script: string;
  /** Lets both through the page's Content-Security-Policy. */
  nonce: string;
}

// Each path is written out, as Next.js deploys the files that it can see being read, and no others.
const read = (): Pick<Assets, "css" | "script"> => ({
  css: [
    readFileSync(join(process.cwd(), "src/app/tokens.css"), "utf8"),
    readFileSync(join(process.cwd(), "src/components/auth/forms.css"), "utf8"),
  ].join("\n"),
  script: readFileSync(join(process.cwd(), "src/components/auth/forms.js"), "utf8"),
});

let kept: Pick<Assets, "css" | "script"> | undefined;

function assets(request: Request): Assets {
  const files = kept ?? read();
  // While one works on them they are read anew each time.
  if (process.env.NODE_ENV !== "development") kept = files;
  return { ...files, nonce: request.headers.get(NONCE_HEADER) ?? "" };
}

/** The answer to a form as a response: a redirect, or the page that `render` makes of what there is to show. */
export async function formResponse<View>(
  request: Request,
  answer: FormAnswer<View>,
  render: (view: View, assets: Assets) => ReactElement,
): Promise<Response> {
  if ("redirect" in answer) {
    const headers = new Headers({ location: answer.redirect, "cache-control": "no-store" });
    for (const cookie of answer.cookies) headers.append("set-cookie", cookie);
    return new Response(null, { status: 303, headers });
  }
  // Next.js refuses a static import here, as a whole application is rendered by itself.
  const { renderToStaticMarkup } = await import("react-dom/server");
  const html = `<!doctype html>${renderToStaticMarkup(render(answer.view, assets(request)))}`;
  return new Response(html, {
    status: answer.status,
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  });
}
