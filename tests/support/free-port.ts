import { freePort } from "../../common/free-port";

/** The first TCP port from one on that nothing listens on, on this machine's loopback. */
export async function firstFreePort(from: number): Promise<number> {
  for (let port = from; ; port += 1) {
    const found = await freePort(port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") throw error;
    });
    if (found !== undefined) return found;
  }
}
