/** A company's network: a model behind its own authority's certificate, to be reached by its proxy alone. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createProxy } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** No name server knows it: only the proxy does. */
const HOST = "models.corp.example";
const ANSWER = "The company's model says hello.";

export class Company {
  private constructor(
    private readonly servers: readonly Server[],
    private readonly sockets: ReadonlySet<Socket>,
    /** What the proxy was asked for. */
    readonly asked: readonly string[],
    /** Where pods find the proxy. */
    readonly proxy: string,
    /** Base URL of the model's API. */
    readonly model: string,
    /** Certificate of the company's authority, PEM. */
    readonly authority: string,
  ) {}

  /** @param address of this machine, as pods see it */
  static async open(address: string): Promise<Company> {
    const { key, cert, authority } = certificate();
    const model = createServer({ key, cert }, (request, response) => {
      request.resume().on("end", () => {
        const head = { id: "chat", object: "chat.completion.chunk", created: 1, model: "own" };
        const chunk = (delta: object, finish_reason: string | null): string =>
          `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(chunk({ role: "assistant", content: ANSWER }, null));
        response.end(`${chunk({}, "stop")}data: [DONE]\n\n`);
      });
    });
    await listen(model, "127.0.0.1");
    const asked: string[] = [];
    const sockets = new Set<Socket>(); // clients keep theirs for the next request
    const proxy = createProxy().on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      const upstream = connect(portOf(model), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(upstream).pipe(socket);
      });
      for (const [one, other] of [
        [socket, upstream],
        [upstream, socket],
      ] as const)
        one.on("error", () => other.destroy());
    });
    for (const server of [model, proxy]) server.on("connection", (socket) => sockets.add(socket));
    await listen(proxy, address);
    return new Company(
      [model, proxy],
      sockets,
      asked,
      `http://${address}:${portOf(proxy)}`,
      `https://${HOST}/v1`,
      authority,
    );
  }

  get answer(): string {
    return ANSWER;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.servers.map((server) => new Promise((done) => server.close(done))));
  }
}

async function listen(server: Server, address: string): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function certificate(): { key: Buffer; cert: Buffer; authority: string } {
  const folder = mkdtempSync(join(tmpdir(), "company-"));
  writeFileSync(join(folder, "hosts.ext"), `subjectAltName=DNS:${HOST}\n`);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  };
  const fresh = ["-newkey", "rsa:2048", "-nodes"];
  openssl("req", "-x509", ...fresh, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=Corp");
  openssl("req", ...fresh, "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=models");
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "hosts.ext"];
  openssl("x509", "-req", "-in", "own.csr", ...signed, "-out", "own.crt");
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  return { key: read("own.key"), cert: read("own.crt"), authority: read("ca.crt").toString() };
}
