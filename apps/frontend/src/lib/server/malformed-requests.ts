import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

/** Methods of which the Fetch API's `Request` can't be made: it throws, and Next.js answers 500. */
const FORBIDDEN_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Where the page's router tells what it shows; Next.js answers 500 to what isn't of its making. */
const ROUTER_STATE_HEADER = "next-router-state-tree";

/** The route that answers 400 to what can't be understood. */
export const BAD_REQUEST_PATH = "/api/bad-request";

/**
 * Has requests answered as mistakes of whoever sent them that Next.js would answer 500, with a stack trace in the
 * log: those by methods that it can't take, and those whose path or host can't be understood.
 */
export function installMalformedRequests(): void {
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    if (FORBIDDEN_METHODS.has(request.method?.toUpperCase() ?? "")) request.method = "UNSUPPORTED";
    const { host, [ROUTER_STATE_HEADER]: state } = request.headers;
    // Without it the whole page is rendered, which is what a page of another release needs anyway.
    if (state !== undefined && !isRouterState(String(state))) {
      delete request.headers[ROUTER_STATE_HEADER];
    }
    if (isDecodable(request.url ?? "") && URL.canParse(`http://${host}`)) return;
    request.url = BAD_REQUEST_PATH;
    request.headers.host = "localhost";
  });
}

/** Whether a request's target is a path or URL whose percent-encoded parts are text. */
export function isDecodable(target: string): boolean {
  const [path = ""] = target.split("?");
  if (!path.startsWith("/") && !(/^https?:/i.test(path) && URL.canParse(path))) return false;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

function isRouterState(header: string): boolean {
  try {
    return isTree(JSON.parse(decodeURIComponent(header)));
  } catch {
    return false;
  }
}

/** A segment, and the trees below it by slot. */
function isTree(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 2) return false;
  const [segment, slots] = value as unknown[];
  const named = typeof segment === "string" || Array.isArray(segment);
  return named && typeof slots === "object" && slots !== null && Object.values(slots).every(isTree);
}
