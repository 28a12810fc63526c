import { subscribe } from "node:diagnostics_channel";
import type { Server, Socket } from "node:net";

/**
 * Has requests that offer another protocol, such as HTTP/2 in the clear, answered as they are: nothing here speaks
 * another one. Next.js listens for such offers and then leaves the connection open without a word and without a
 * limit; where nobody listens, Node.js takes them for plain requests.
 */
export function installNoUpgrades(): void {
  subscribe("net.server.socket", (message) => {
    const { server } = (message as { socket: Socket & { server?: Server } }).socket;
    server?.removeAllListeners("upgrade");
  });
}
