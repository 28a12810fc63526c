/** What the headers of a page depend on. */
export interface SecurityContext {
  /** Fresh for each response; Next.js puts it on its own scripts. */
  nonce: string;
  /** Whether people reach the site by https. */
  https: boolean;
  /** Origin of OpenAI's ChatKit component, when it is in use. */
  chatkitOrigin?: string;
  /** The development server needs eval and a web socket. */
  development?: boolean;
}

/** Request header in which the proxy passes the nonce on to pages with a script of their own. */
export const NONCE_HEADER = "x-nonce";

/** Where browsers report what the policy has kept out. */
export const CSP_REPORT_PATH = "/api/csp-reports";

/** Name of that address among a page's `Reporting-Endpoints`. */
const REPORT_ENDPOINT = "csp";

/** Content-Security-Policy of the pages. */
export function contentSecurityPolicy(context: SecurityContext): string {
  const extra = context.chatkitOrigin ? ` ${context.chatkitOrigin}` : "";
  const directives = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${context.nonce}' 'strict-dynamic'${context.development ? " 'unsafe-eval'" : ""}${extra}`,
    // OpenAI's component brings styles of its own into the page, which know no nonce; one would
    // turn off what lets them in.
    `style-src 'self' ${context.chatkitOrigin || context.development ? "'unsafe-inline'" : `'nonce-${context.nonce}'`}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${context.development ? " ws:" : ""}${extra}`,
    `frame-src ${extra.trim() || "'none'"}`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  if (context.https) directives.push("upgrade-insecure-requests");
  // Over plain http browsers know no endpoints, and `report-to` would have them leave `report-uri` aside.
  if (context.https) directives.push(`report-to ${REPORT_ENDPOINT}`);
  directives.push(`report-uri ${CSP_REPORT_PATH}`);
  return directives.join("; ");
}

/** Headers of every response, whatever it carries. */
export const COMMON_SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "strict-origin-when-cross-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "cross-origin-resource-policy": "same-origin",
};

/** Content-Security-Policy of what isn't a page. */
export const API_CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * Further headers of pages that are reached by https; browsers ignore them, with a warning, elsewhere. They
 * promise nothing for subdomains, which may be somebody else's.
 */
export const HTTPS_SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "strict-transport-security": "max-age=31536000",
  "cross-origin-opener-policy": "same-origin",
  "reporting-endpoints": `${REPORT_ENDPOINT}="${CSP_REPORT_PATH}"`,
};
