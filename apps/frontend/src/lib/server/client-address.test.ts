import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { getIP } from "better-auth/api";
import { afterEach, describe, expect, it } from "vitest";
import { forwardedFor, installClientAddress } from "./client-address";

describe("forwardedFor", () => {
  it.each([
    ["nothing is said", undefined],
    ["somebody else's address is claimed", "198.51.100.7"],
    ["a chain is made up", "198.51.100.7, 10.0.0.1"],
  ])("is the connection's address where there is no proxy and %s", (_case, given) => {
    expect(forwardedFor(given, "203.0.113.5", false)).toBe("203.0.113.5");
  });

  describe("behind proxies in 10.0.0.0/8", () => {
    const client = (given: string | undefined, remote: string) =>
      getIP(new Headers({ "x-forwarded-for": forwardedFor(given, remote, true) }), {
        advanced: { ipAddress: { trustedProxies: ["10.0.0.0/8"] } },
      });

    it("leads to the client that the proxy names", () => {
      expect(client("198.51.100.7", "10.0.0.1")).toBe("198.51.100.7");
      expect(client("198.51.100.7, 10.9.9.9", "::ffff:10.0.0.1")).toBe("198.51.100.7");
    });

    it("leads past what a client made up before it came to the proxy", () => {
      expect(client("192.0.2.99, 198.51.100.7", "10.0.0.1")).toBe("198.51.100.7");
    });

    it("leads to whoever comes past the proxy", () => {
      expect(client("198.51.100.7", "203.0.113.5")).toBe("203.0.113.5");
    });
  });
});

describe("installClientAddress", () => {
  const server = createServer((message, response) => response.end(seen(message)));
  const seen = (message: IncomingMessage): string => String(message.headers["x-forwarded-for"]);

  afterEach(() => {
    server.close();
  });

  it("corrects what requests say before the server sees them", async () => {
    installClientAddress(false);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const body = await new Promise<string>((resolve, reject) => {
      const headers = { "x-forwarded-for": "198.51.100.7" };
      request({ port, host: "127.0.0.1", headers }, (response) => {
        response.setEncoding("utf8").on("data", resolve);
      })
        .on("error", reject)
        .end();
    });
    expect(body).toBe("127.0.0.1");
  });
});
