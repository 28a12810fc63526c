import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Database } from "./database";

const databaseUrl = process.env.TEST_DATABASE_URL;

describe("a database that doesn't answer", () => {
  let server: Server;
  let sockets: Socket[];

  beforeEach(async () => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    sockets = [];
    server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it("is given up on soon, so that nobody waits for it without end", async () => {
    const { port } = server.address() as AddressInfo;
    const database = new Database({
      databaseUrl: `postgresql://u@127.0.0.1:${port}/d?sslmode=disable`,
      databasePoolSize: 1,
    });
    const started = performance.now();
    await expect(database.query("SELECT 1")).rejects.toThrow(/timeout/);
    expect(performance.now() - started).toBeLessThan(5_000);
    await database.end();
  });
});

describe.skipIf(!databaseUrl)("a database without TLS", () => {
  const database = (sslmode: string) =>
    new Database({ databaseUrl: `${databaseUrl}?sslmode=${sslmode}`, databasePoolSize: 2 });

  it.each(["prefer", "allow", "disable"])("is used in plain by sslmode=%s", async (mode) => {
    const pool = database(mode);
    const answers = await Promise.all([1, 2, 3].map((n) => pool.query("SELECT $1::int AS n", [n])));
    expect(answers.map(({ rows }) => rows[0].n)).toEqual([1, 2, 3]);
    const client = await pool.connect();
    client.release();
    await pool.end();
  });

  it.each(["require", "verify-full"])("is refused by sslmode=%s", async (mode) => {
    const pool = database(mode);
    await expect(pool.query("SELECT 1")).rejects.toThrow("does not support SSL");
    await pool.end();
  });

  it("isn't asked again over a connection on which an answer didn't come", async () => {
    const pool = database("disable");
    pool.options.query_timeout = 100;
    const client = await pool.connect();
    await expect(client.query("SELECT pg_sleep(2)")).rejects.toThrow("timeout");
    client.release();
    expect(pool.totalCount).toBe(0);
    expect((await pool.query("SELECT 1 AS n")).rows).toEqual([{ n: 1 }]);
    await pool.end();
  });
});
