import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { GetServerSidePropsContext } from "next";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { authPageProps } from "./auth-page-props";

const ORIGIN = "http://todo.example";

describe("authPageProps", () => {
  let server: Server;

  beforeEach(async () => {
    vi.stubEnv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing");
    vi.stubEnv("BETTER_AUTH_SECRET", "0123456789abcdef0123456789abcdef");
    vi.stubEnv("BETTER_AUTH_URL", ORIGIN);
    vi.stubEnv("BACKEND_URL", "http://127.0.0.1:1");
    const answer = authPageProps("sign-up");
    server = createServer(async (req, res) => {
      const result = await answer({ req, res } as unknown as GetServerSidePropsContext);
      res.end(JSON.stringify(result));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it("answers a form that is too long once it has arrived, instead of hanging up on it", async () => {
    const { port } = server.address() as AddressInfo;
    const sent = request({
      port,
      host: "127.0.0.1",
      method: "POST",
      path: "/sign-up",
      headers: { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
    });
    const answered = once(sent, "response");
    // As a browser does: it reads the answer when all is sent.
    for (let piece = 0; piece < 64; piece++) {
      if (!sent.write(`name=${"x".repeat(64 * 1024)}`)) await once(sent, "drain");
    }
    sent.end();
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    expect(await response.setEncoding("utf8").toArray()).toEqual([
      expect.stringContaining("something shorter"),
    ]);
  });
});
