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

describe("a database that takes one kind of connection alone", () => {
  const SSL_REQUEST = 80_877_103;
  let server: Server;
  let seen: string[];
  /** What the server says to who asks for TLS; without it, it hangs up. */
  let answer: string | null;

  beforeEach(async () => {
    seen = [];
    answer = "N";
    server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (bytes) => {
        const encrypted = bytes.readInt32BE(4) === SSL_REQUEST;
        seen.push(encrypted ? "tls" : "plain");
        if (encrypted && answer) socket.write(answer);
        else socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    server.close();
  });

  const open = (sslmode: string) => {
    const { port } = server.address() as AddressInfo;
    const databaseUrl = `postgresql://u@127.0.0.1:${port}/d?sslmode=${sslmode}`;
    return new Database({ databaseUrl, databasePoolSize: 1 });
  };

  it("is asked in plain where it refuses TLS and that may be, and so from then on", async () => {
    const database = open("prefer");
    await expect(database.connect()).rejects.toThrow("terminated");
    expect(seen).toEqual(["tls", "plain"]);
    await expect(database.connect()).rejects.toThrow("terminated");
    expect(seen).toEqual(["tls", "plain", "plain"]);
    await database.end();
  });

  it("isn't asked in plain where TLS is required", async () => {
    const database = open("require");
    await expect(database.connect()).rejects.toThrow("does not support SSL");
    expect(seen).toEqual(["tls"]);
    await database.end();
  });

  it("isn't asked in plain where it says nothing of TLS", async () => {
    answer = null;
    const database = open("prefer");
    await expect(database.connect()).rejects.toThrow();
    expect(seen).toEqual(["tls"]);
    await database.end();
  });

  it("tells whoever asks by a callback, too", async () => {
    const database = open("require");
    const error = await new Promise((resolve) => database.connect((failure) => resolve(failure)));
    expect(error).toBeInstanceOf(Error);
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
