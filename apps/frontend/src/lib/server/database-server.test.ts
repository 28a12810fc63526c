import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Database } from "./database";

const SSL_REQUEST = 80_877_103;
/** AuthenticationOk and ReadyForQuery: whoever has begun is in. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** As PostgreSQL begins a connection: encrypted where that is asked for, if it has a certificate. */
function serve(socket: Socket, certificate: { key: Buffer; cert: Buffer } | undefined): void {
  socket.on("error", () => undefined);
  socket.once("data", (begin) => {
    if (begin.readInt32BE(4) !== SSL_REQUEST) return void socket.write(WELCOME);
    socket.write(certificate ? "S" : "N");
    if (!certificate) return void socket.once("data", () => socket.write(WELCOME));
    const secure = new TLSSocket(socket, { isServer: true, ...certificate });
    secure.on("error", () => undefined).once("data", () => secure.write(WELCOME));
  });
}

describe("a server with a certificate of a company's own authority", () => {
  let folder: string;
  let server: Server;
  let authority: string;

  /** How a connection by this query was begun; the reason where it wasn't. */
  async function connected(query: string, host = "localhost"): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const databaseUrl = `postgresql://todo:x@${host}:${port}/todo?${query}`;
    const pool = new Database({ databaseUrl, databasePoolSize: 1 });
    try {
      const client = (await pool.connect()) as unknown as {
        connection: { stream: object };
        release(destroy: boolean): void;
      };
      const { stream } = client.connection;
      client.release(true);
      return stream instanceof TLSSocket ? "encrypted" : "plain";
    } catch (error) {
      return (error as Error).message;
    } finally {
      await pool.end();
    }
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "server-"));
    authority = join(folder, "ca.crt");
    writeFileSync(join(folder, "hosts"), "subjectAltName=DNS:localhost\n");
    const openssl = (...args: string[]) =>
      execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const fresh = ["-newkey", "rsa:2048", "-nodes"];
    openssl("req", "-x509", ...fresh, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=corp");
    openssl("req", ...fresh, "-keyout", "key", "-out", "csr", "-subj", "/CN=server");
    const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "hosts"];
    openssl("x509", "-req", "-in", "csr", ...signed, "-out", "cert");
    const certificate = {
      key: readFileSync(join(folder, "key")),
      cert: readFileSync(join(folder, "cert")),
    };
    server = createServer((socket) => serve(socket, certificate));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    vi.stubEnv("SSL_CERT_FILE", "");
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["", "encrypted"],
    ["sslmode=disable", "plain"],
    ["sslmode=allow", "plain"],
    ["sslmode=prefer", "encrypted"],
    ["sslmode=require", "encrypted"],
  ])("is used without a question by %j", async (query, expected) => {
    expect(await connected(query)).toBe(expected);
  });

  it.each([
    "sslmode=verify-ca",
    "sslmode=verify-full",
    "sslrootcert=system",
    "sslmode=verify-full&sslrootcert=system",
  ])("is trusted by %s only with the company's authority", async (query) => {
    expect(await connected(query)).toMatch(/unable to verify|self-signed/);
    vi.stubEnv("SSL_CERT_FILE", authority);
    expect(await connected(query)).toBe("encrypted");
  });

  it("must have the name that is asked for by verify-full, and need not for verify-ca", async () => {
    const root = `sslrootcert=${authority}`;
    expect(await connected(`sslmode=verify-full&${root}`, "127.0.0.1")).toMatch(/does not match/);
    expect(await connected(`sslmode=verify-ca&${root}`, "127.0.0.1")).toBe("encrypted");
  });
});
