import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A TCP port of this machine's loopback that nothing listens on. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

/** The first such port from one on. */
export async function firstFreePort(from: number): Promise<number> {
  for (let port = from; ; port += 1) {
    const found = await listenOnce(port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") throw error;
    });
    if (found !== undefined) return found;
  }
}

async function listenOnce(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
