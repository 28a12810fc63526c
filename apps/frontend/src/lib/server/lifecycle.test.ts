import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { installShutdown, isDraining, lifecycle, trackStream } from "./lifecycle";

const LIMITS = { drain: 300, connections: 1_200, exit: 1_800, answers: 4_000 };
/** What a busy machine may take longer. */
const SLACK_MS = 1_500;

describe("installShutdown", () => {
  const agent = new Agent({ keepAlive: true });
  let server: Server;
  let port: number;
  let terminate: () => void;
  let stopTimers: () => void;
  /** The answer whose stream was ended. */
  let ended: ServerResponse | undefined;

  beforeEach(async () => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const timers = vi.spyOn(globalThis, "setInterval");
    stopTimers = () => {
      for (const { value } of timers.mock.results) clearInterval(value as NodeJS.Timeout);
    };
    const before = process.listeners("SIGTERM");
    installShutdown(LIMITS);
    const [stop] = process.listeners("SIGTERM").filter((listener) => !before.includes(listener));
    if (!stop) throw new Error("nothing listens to SIGTERM");
    process.removeListener("SIGTERM", stop).removeListener("SIGINT", stop);
    terminate = () => stop("SIGTERM");
    server = createServer((message, response) => {
      if (message.url === "/late")
        return void setTimeout(() => {
          response.write("data: one\n\n");
          trackStream(() => response.end("data: cut\n\n"));
          setTimeout(() => response.end("data: whole\n\n"), 500);
        }, LIMITS.exit + 300);
      if (message.url === "/never") return;
      if (message.url === "/aged") {
        response.write("data: one\n\n");
        const forget = trackStream(() => {
          forget();
          ended = response;
          // The end of a web stream comes to the socket in a later turn of the event loop.
          setImmediate(() => response.end("data: last\n\n"));
        });
        return;
      }
      if (message.url === "/slow") return void setTimeout(() => response.end(), LIMITS.drain + 200);
      response.write("data: one\n\n");
      if (message.url !== "/stream") response.end();
      else trackStream(() => response.end("data: last\n\n"));
    });
    // Longer than anything here: connections don't leave by themselves.
    server.keepAliveTimeout = 60_000;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    // The process hasn't left: what the next test begins with is taken back.
    stopTimers();
    lifecycle().draining = false;
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });

  const get = async (path: string): Promise<IncomingMessage> => {
    const sent = request({ host: "127.0.0.1", port, path, agent }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return response;
  };

  it("serves a little longer, then takes nothing new, ends streams and is gone", async () => {
    const exited = new Promise<number>((resolve) => {
      vi.spyOn(process, "exit").mockImplementation(() => {
        resolve(performance.now());
        return undefined as never;
      });
    });
    const unused = connect(port, "127.0.0.1");
    await once(unused, "connect");
    const stream = await get("/stream");
    let received = "";
    stream.setEncoding("utf8").on("data", (text: string) => {
      received += text;
    });
    const ended = once(stream, "end");
    expect(isDraining()).toBe(false);

    const started = performance.now();
    terminate();
    expect(isDraining()).toBe(true);
    const late = await get("/");
    expect(late.headers.connection).toBe("close");
    late.resume();

    await sleep(LIMITS.drain + 100);
    expect(received).toBe("data: one\n\n");
    await ended;
    expect(received).toBe("data: one\n\ndata: last\n\n");
    const [refused] = await once(connect(port, "127.0.0.1"), "error");
    expect(refused).toMatchObject({ code: "ECONNREFUSED" });

    const took = (await exited) - started;
    expect(took).toBeGreaterThanOrEqual(LIMITS.connections - 50);
    expect(took).toBeLessThan(LIMITS.connections + SLACK_MS);
  });

  it("waits longer for an answer that hasn't begun, and lets it come to its end", async () => {
    const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
    const late = get("/late");
    await once(server, "request");
    terminate();
    const response = await late;
    expect(exit).not.toHaveBeenCalled();
    let received = "";
    response.setEncoding("utf8").on("data", (text: string) => {
      received += text;
    });
    await once(response, "end");
    expect(received).toBe("data: one\n\ndata: whole\n\n");
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0), SLACK_MS);
  });

  it("lets the last words of a stream out, also where it ends it as it would leave", async () => {
    const exited = new Promise<boolean>((resolve) => {
      vi.spyOn(process, "exit").mockImplementation(() => {
        resolve(ended?.writableFinished ?? false);
        return undefined as never;
      });
    });
    terminate();
    // It is a second old, and ended, just after the moment to leave.
    await sleep(LIMITS.exit - 900);
    const stream = await get("/aged");
    let received = "";
    stream.setEncoding("utf8").on("data", (text: string) => {
      received += text;
    });
    expect(await exited).toBe(true);
    await vi.waitFor(() => expect(received).toBe("data: one\n\ndata: last\n\n"));
  });

  it("waits no longer than its last limit for an answer that doesn't begin", async () => {
    const exited = new Promise<number>((resolve) => {
      vi.spyOn(process, "exit").mockImplementation(() => {
        resolve(performance.now());
        return undefined as never;
      });
    });
    const never = get("/never");
    never.catch(() => undefined); // its connection is closed at the end
    await once(server, "request");
    const started = performance.now();
    terminate();
    const took = (await exited) - started;
    expect(took).toBeGreaterThanOrEqual(LIMITS.answers);
    expect(took).toBeLessThan(LIMITS.answers + SLACK_MS);
    // The server leaves too once its last connection is gone: that belongs to this test.
    const closed = once(server, "close");
    server.closeAllConnections();
    await closed;
  });

  it("asks the client to leave with an answer that was under way too", async () => {
    vi.spyOn(process, "exit").mockReturnValue(undefined as never);
    const slow = get("/slow");
    await once(server, "request");
    terminate();
    expect((await slow).headers.connection).toBe("close");
  });

  it("answers what follows the last of a stream at once on the same connection", async () => {
    vi.spyOn(process, "exit").mockReturnValue(undefined as never);
    const stream = await get("/stream");
    const { localPort } = stream.socket;
    stream.resume();
    terminate();
    await once(stream, "end");
    await sleep(50); // the agent has it back, and the server has looked after it
    const next = await get("/");
    expect([next.socket.localPort, next.headers.connection]).toEqual([localPort, "close"]);
    next.resume();
  });

  it("answers on a connection that was idle, and is gone as soon as clients keep none", async () => {
    const exited = new Promise<number>((resolve) => {
      vi.spyOn(process, "exit").mockImplementation(() => {
        resolve(performance.now());
        return undefined as never;
      });
    });
    const first = await get("/");
    const { localPort } = first.socket;
    first.resume();
    await once(first, "end");

    const started = performance.now();
    terminate();
    await sleep(LIMITS.drain + 200);
    const last = await get("/");
    expect(last.socket.localPort).toBe(localPort);
    expect(last.headers.connection).toBe("close");
    last.resume();
    expect((await exited) - started).toBeLessThan(LIMITS.connections);
  });
});
