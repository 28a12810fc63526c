import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

/** Methods of which the Fetch API's `Request` can't be made: it throws, and Next.js answers 500. */
const FORBIDDEN = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Has requests by such a method answered as those by any other that isn't known. */
export function installUnsupportedMethods(): void {
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    if (FORBIDDEN.has(request.method?.toUpperCase() ?? "")) request.method = "UNSUPPORTED";
  });
}
