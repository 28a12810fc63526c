import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { installNoUpgrades } from "./no-upgrades";

it("an offer to change the protocol is answered like any request", async () => {
  installNoUpgrades();
  const server = createServer((_request, response) => response.end("plain"));
  server.on("upgrade", () => undefined); // as Next.js does
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const body = await new Promise<string>((resolve, reject) => {
      const headers = { connection: "upgrade, http2-settings", upgrade: "h2c" };
      request({ port, host: "127.0.0.1", headers }, (response) => {
        response.setEncoding("utf8").on("data", resolve);
      })
        .on("error", reject)
        .end();
    });
    expect(body).toBe("plain");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
