import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

const HEADER = "x-forwarded-for";

/**
 * The X-Forwarded-For of a request that came from `remote`: with proxies in front, the chain so far
 * and `remote`, of which the proxies are left out later; without, `remote` alone, whatever the client
 * says of itself.
 */
export function forwardedFor(
  given: string | undefined,
  remote: string,
  behindProxies: boolean,
): string {
  return behindProxies && given ? `${given}, ${remote}` : remote;
}

/**
 * Has every request tell where it came from, before anything reads it. Next.js keeps a client's own
 * X-Forwarded-For and doesn't hand out the connection, so the limits on signing in could be evaded
 * with a header.
 */
export function installClientAddress(behindProxies: boolean): void {
  subscribe("http.server.request.start", (message) => {
    const { headers, socket } = (message as { request: IncomingMessage }).request;
    const given = [headers[HEADER] ?? []].flat().join(", ");
    headers[HEADER] = forwardedFor(given, socket.remoteAddress ?? "unknown", behindProxies);
  });
}
