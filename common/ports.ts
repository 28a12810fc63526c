import { createServer } from "node:net";

/** Whether nothing listens at a port; an address that this machine hasn't got takes none. */
export function isPortFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "EADDRINUSE"))
      .listen(port, address, () => server.close(() => resolve(true)));
  });
}
