import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/**
 * A TCP port of this machine's loopback that nothing listens on.
 * @param wanted the port to try; whichever is free unless said
 * @throws Error EADDRINUSE where something listens there
 */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
