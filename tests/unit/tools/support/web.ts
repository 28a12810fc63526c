import { createServer as createProxy, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { type Certificate, makeCertificate } from "../../../support/certificate";
import { folderWith } from "../../support/folder";

/** Plays one answer of a web host. */
export type Play = (request: IncomingMessage, response: ServerResponse) => void;

/** A private internet: every name leads to one HTTPS server, by way of a proxy. */
export interface Web {
  /** Where the proxy listens. */
  proxy: string;
  /** File of the authority that signs for every host. */
  authority: string;
  /** What the server answers, by "host/path"; 404 where nothing is said. */
  pages: Map<string, Play>;
  /** What was asked for: "CONNECT host" of the proxy, "GET host/path" of the server. */
  asked: string[];
  /** The proxy's answer to each host: 200 lets it through. */
  proxyStatus: (host: string) => number;
  close(): Promise<void>;
}

/** An answer that is as it should be. */
export function page(content: string | Buffer): Play {
  return (_, response) => void response.end(content);
}

export function status(code: number): Play {
  return (_, response) => void response.writeHead(code).end();
}

/** An answer that ends half-way, or goes silent there. */
export function half(content: Buffer, then: "ends" | "stalls"): Play {
  return (_, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, content.length / 2), () => {
      if (then === "ends") response.socket?.destroy();
    });
  };
}

/** Gives the plays one after the other; the last stays. */
export function inTurn(...plays: Play[]): Play {
  let turn = 0;
  return (request, response) => {
    const play = plays[Math.min(turn++, plays.length - 1)];
    play?.(request, response);
  };
}

/** @param hosts the names that the server's certificate is good for */
export async function openWeb(hosts: readonly string[]): Promise<Web> {
  const { key, cert, authority } = certificate(hosts);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket.on("error", () => undefined).on("close", () => sockets.delete(socket)));
  };
  const web: Omit<Web, "proxy" | "close"> = {
    authority,
    pages: new Map(),
    asked: [],
    proxyStatus: () => 200,
  };
  const server = createServer({ key, cert }, (request, response) => {
    const address = `${request.headers.host}${request.url}`;
    web.asked.push(`${request.method} ${address}`);
    (web.pages.get(address) ?? status(404))(request, response);
  });
  const proxy = createProxy().on("connect", (request, socket: Socket) => {
    keep(socket);
    const [host = ""] = (request.url ?? "").split(":");
    web.asked.push(`CONNECT ${host}`);
    const code = web.proxyStatus(host);
    socket.write(`HTTP/1.1 ${code} -\r\n\r\n`);
    if (code !== 200) return void socket.end();
    const upstream = connect(portOf(server), "127.0.0.1");
    keep(upstream);
    socket.pipe(upstream).pipe(socket);
  });
  for (const each of [server, proxy]) {
    each.on("connection", keep);
    await new Promise<void>((resolve) => each.listen(0, "127.0.0.1", resolve));
  }
  return Object.assign(web, {
    proxy: `http://127.0.0.1:${portOf(proxy)}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([server, proxy].map((each) => new Promise((done) => each.close(done))));
    },
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

let made: (Certificate & { names: string }) | undefined;

/** The same for the same hosts. */
function certificate(hosts: readonly string[]): Certificate {
  const names = hosts.join();
  if (made?.names !== names) made = { names, ...makeCertificate(folderWith({}), hosts) };
  return made;
}
