import { type NextRequest, NextResponse } from "next/server";
import { PATH_HEADER } from "./lib/redirects";
import {
  contentSecurityPolicy,
  HTTPS_SECURITY_HEADERS,
  NONCE_HEADER,
} from "./lib/server/security-headers";

function chatkitOrigin(): string | undefined {
  if (!process.env.CHATKIT_DOMAIN_KEY) return undefined;
  const script = process.env.CHATKIT_SCRIPT_URL || "https://cdn.platform.openai.com";
  return URL.parse(script)?.origin;
}

/** Gives each page its own Content-Security-Policy and tells server components the path. */
export function proxy(request: NextRequest): NextResponse {
  const https = process.env.BETTER_AUTH_URL?.startsWith("https://") ?? false;
  const origin = chatkitOrigin();
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy({
    nonce,
    https,
    development: process.env.NODE_ENV === "development",
    ...(origin ? { chatkitOrigin: origin } : {}),
  });

  const { pathname, search } = request.nextUrl;
  const headers = new Headers(request.headers);
  headers.set(PATH_HEADER, `${pathname}${search}`);
  headers.set(NONCE_HEADER, nonce);
  // Next.js takes the nonce for its own scripts from here.
  headers.set("content-security-policy", policy);

  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  if (https) {
    for (const [name, value] of Object.entries(HTTPS_SECURITY_HEADERS)) {
      response.headers.set(name, value);
    }
  }
  return response;
}

export const config = {
  matcher: ["/((?!api/|_next/static/|icon\\.svg|apple-icon\\.png|manifest\\.webmanifest).*)"],
};
