import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lifecycle } from "../lifecycle";
import { requestId } from "../request-id";
import { type ProxyDependencies, proxyRequest } from "./proxy";
import { MAX_BODY_BYTES } from "./request-body";

const ORIGIN = "http://todo.example";

/** The request ids that the back end keeps, as its documentation says; any other it replaces. */
const BACKEND_KEEPS = /^[A-Za-z0-9._-]{8,64}$/;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The proxy in front of a real server, which `handler` answers for. */
class Rig {
  handler: Handler = (_request, response) => response.end("{}");
  /** Whether answers name the request, as the back end's do. */
  answersAsBackend = true;
  requests: IncomingMessage[] = [];
  private server: Server | undefined;
  dependencies!: ProxyDependencies;

  get port(): number {
    return Number(new URL(this.dependencies.backendUrl).port);
  }

  /** @param port where it listens; some free one unless said */
  async start(port = 0): Promise<void> {
    const server = createServer((request, response) => {
      this.requests.push(request);
      const id = String(request.headers["x-request-id"]);
      const kept = BACKEND_KEEPS.test(id) ? id : crypto.randomUUID();
      if (this.answersAsBackend) response.setHeader("x-request-id", kept);
      this.handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    this.server = server;
    this.dependencies = {
      backendUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      trustedOrigins: [ORIGIN, "https://*.example.org"],
      authorize: async () => ({
        ...{ userId: "u1", token: "user-token", cookies: [], discard: () => undefined },
      }),
    };
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  send(
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: string; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const request = new Request(`${ORIGIN}/api/backend/${path}`, {
      method,
      headers: {
        ...(method === "GET" ? {} : { origin: ORIGIN }),
        ...(init.body === undefined ? {} : { "content-type": "application/json" }),
        ...init.headers,
      },
      ...(init.body === undefined ? {} : { body: init.body }),
      ...(init.signal ? { signal: init.signal } : {}),
    });
    const segments = new URL(request.url).pathname.split("/").slice(3);
    return proxyRequest(request, segments, this.dependencies);
  }
}

/** Status and kind of a problem, which is told in full. */
async function kindOf(response: Response): Promise<[number, string]> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({
    title: expect.any(String),
    status: response.status,
    detail: expect.any(String),
    instance: expect.stringMatching(/^\/api\/backend\//),
    request_id: response.headers.get("x-request-id"),
  });
  const [, slug = "none"] = /^urn:todo-app:problem:([a-z-]+)$/.exec(String(problem.type)) ?? [];
  return [response.status, slug];
}

describe("proxyRequest", () => {
  const rig = new Rig();

  beforeEach(async () => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    rig.requests = [];
    rig.answersAsBackend = true;
    rig.handler = (_request, response) => response.end("{}");
    await rig.start();
  });
  afterEach(() => rig.stop());

  it("asks a question again whose connection broke, but never repeats a write", async () => {
    rig.handler = (request, response) => {
      if (rig.requests.length < 3) request.socket.destroy();
      else response.end("{}");
    };
    expect((await rig.send("GET", "api/tasks")).status).toBe(200);
    expect(rig.requests).toHaveLength(3);

    rig.requests = [];
    rig.handler = (request) => request.socket.destroy();
    const write = await rig.send("POST", "api/tasks", { body: '{"title":"once"}' });
    expect(await kindOf(write)).toEqual([503, "backend-unavailable"]);
    expect(rig.requests).toHaveLength(1);
  });

  it("gives up on a back end that breaks every connection", async () => {
    rig.handler = (request) => request.socket.destroy();
    const started = performance.now();
    expect(await kindOf(await rig.send("GET", "api/tasks"))).toEqual([503, "backend-unavailable"]);
    expect(performance.now() - started).toBeLessThan(6000);
    expect(rig.requests.length).toBeGreaterThan(2);
  });

  it("waits a little for a back end that takes no connection, and gives it the whole of a write", async () => {
    const received: string[] = [];
    rig.handler = (request, response) => {
      request.setEncoding("utf8");
      request.on("data", (piece: string) => received.push(piece));
      request.on("end", () => response.writeHead(201).end("{}"));
    };
    await rig.stop();
    const written = rig.send("POST", "api/tasks", { body: '{"title":"milk"}' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await rig.start(rig.port);
    expect((await written).status).toBe(201);
    expect(received).toEqual(['{"title":"milk"}']);
    expect(rig.requests).toHaveLength(1);
  });

  it("passes a body on before it is complete, and from its beginning after a refusal", async () => {
    let proceed = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    const bodies: string[] = [];
    const tokens = ["stale", "fresh"];
    rig.dependencies.authorize = async () => ({
      userId: "u1",
      token: tokens[0] ?? "none",
      cookies: [],
      discard: () => void tokens.shift(),
    });
    rig.handler = (request, response) => {
      const at = bodies.push("") - 1;
      request.setEncoding("utf8");
      request.on("data", (piece: string) => {
        bodies[at] += piece;
        proceed();
      });
      const status = request.headers.authorization === "Bearer fresh" ? 201 : 401;
      request.on("end", () => response.writeHead(status).end("{}"));
    };
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async start(controller) {
        const encoder = new TextEncoder();
        controller.enqueue(encoder.encode('{"title":'));
        await arrived; // so the first piece is on its way without the second
        controller.enqueue(encoder.encode('"milk"}'));
        controller.close();
      },
    });
    const request = new Request(`${ORIGIN}/api/backend/api/tasks`, {
      ...{ method: "POST", body, duplex: "half" },
      headers: { origin: ORIGIN, "content-type": "application/json" },
    } as RequestInit);
    const response = await proxyRequest(request, ["api", "tasks"], rig.dependencies);
    expect(response.status).toBe(201);
    expect(bodies).toEqual(['{"title":"milk"}', '{"title":"milk"}']);
  });

  it("takes no answer for the back end's that doesn't name the request", async () => {
    rig.answersAsBackend = false;
    rig.handler = (_request, response) => response.writeHead(404).end();
    expect(await kindOf(await rig.send("GET", "api/tasks"))).toEqual([503, "backend-unavailable"]);
  });

  it("asks again, a write too, where something else answered that can't have done it", async () => {
    rig.handler = (_request, response) => {
      rig.answersAsBackend = true;
      response.writeHead(rig.requests.length === 1 ? 404 : 201).end("{}");
    };
    for (const method of ["GET", "POST"]) {
      rig.requests = [];
      rig.answersAsBackend = false;
      const init = method === "GET" ? {} : { body: '{"title":"milk"}' };
      expect((await rig.send(method, "api/tasks", init)).status).toBe(201);
      expect(rig.requests).toHaveLength(2);
    }
  });

  it("leaves a connection that leads to something else, however often it would be used again", async () => {
    let stranger: unknown;
    rig.answersAsBackend = false;
    rig.handler = (request, response) => {
      stranger ??= request.socket;
      if (request.socket === stranger) return void response.writeHead(404).end("{}");
      response.setHeader("x-request-id", request.headers["x-request-id"] ?? "");
      response.end("{}");
    };
    expect((await rig.send("GET", "api/tasks")).status).toBe(200);
    expect(rig.requests.length).toBeLessThanOrEqual(3);
  });

  it.each([502, 503, 504])(
    "repeats no write where something on the way answered %i",
    async (status) => {
      rig.answersAsBackend = false;
      rig.handler = (_request, response) => response.writeHead(status).end();
      const answer = await rig.send("POST", "api/tasks", { body: '{"title":"milk"}' });
      expect(await kindOf(answer)).toEqual([503, "backend-unavailable"]);
      expect(rig.requests).toHaveLength(1);
    },
  );

  it("passes on method, path, query, body and id, and the user's token instead of cookies", async () => {
    let received = "";
    rig.handler = (request, response) => {
      request.setEncoding("utf8");
      request.on("data", (chunk: string) => {
        received += chunk;
      });
      request.on("end", () => {
        response.writeHead(201, { "content-type": "application/json", "set-cookie": "evil=1" });
        response.end('{"id":"1"}');
      });
    };
    const response = await rig.send("POST", "api/tasks?x=1", {
      body: '{"title":"milk"}',
      headers: {
        cookie: "better-auth.session_token=secret",
        authorization: "Bearer forged",
        "x-forwarded-for": "1.2.3.4",
        "x-request-id": "abc-12345",
        "idempotency-key": "k1",
      },
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ id: "1" });
    expect(response.headers.get("x-request-id")).toBe("abc-12345");
    expect(response.headers.get("set-cookie")).toBeNull();
    const [request] = rig.requests;
    expect(request?.url).toBe("/api/tasks?x=1");
    expect(received).toBe('{"title":"milk"}');
    expect(request?.headers).toMatchObject({
      authorization: "Bearer user-token",
      "x-request-id": "abc-12345",
      "idempotency-key": "k1",
    });
    expect(request?.headers.cookie).toBeUndefined();
    expect(request?.headers["x-forwarded-for"]).toBeUndefined();
  });

  it("passes on the wish that an answer ends", async () => {
    const response = await rig.send("POST", "chatkit/stop", { body: '{"idempotency_key":"k1"}' });
    expect(response.status).toBe(200);
    expect(rig.requests[0]?.url).toBe("/chatkit/stop");
    expect((await rig.send("GET", "chatkit/stop")).status).toBe(405);
  });

  it("can be followed by one id and one trace through both servers' logs", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    written.mockClear();
    const lines = (): Record<string, unknown>[] =>
      written.mock.calls.map(([line]) => JSON.parse(String(line)));
    const traceparent = `00-${trace}-00f067aa0ba902b7-01`;
    await rig.send("GET", "api/tasks", {
      headers: { "x-request-id": "request-1", traceparent, tracestate: "rojo=1" },
    });
    const received = rig.requests[0]?.headers;
    expect(received).toMatchObject({ "x-request-id": "request-1", traceparent });
    expect(received?.tracestate).toBe("rojo=1");
    expect(lines()).toEqual([
      expect.objectContaining({ event: "proxy.request", request_id: "request-1", trace_id: trace }),
    ]);

    await rig.send("GET", "api/tasks");
    const [, line] = lines();
    const made = rig.requests[1]?.headers;
    expect(made?.["x-request-id"]).toBe(line?.request_id);
    expect(made?.traceparent).toMatch(new RegExp(`^00-${line?.trace_id}-[0-9a-f]{16}-01$`));
    expect(made).not.toHaveProperty("tracestate");
  });

  it("makes up a request id where the given one could break a log", async () => {
    const response = await rig.send("GET", "api/tasks", {
      headers: { "x-request-id": "a b{}" },
    });
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([1, 7, 8, 64, 65, 128, 129])(
    "sends a request id of %i characters on exactly if the back end keeps it",
    async (length) => {
      const given = "a".repeat(length);
      const kept = requestId(new Headers({ "x-request-id": given }));
      expect(kept === given).toBe(BACKEND_KEEPS.test(given));
      expect(kept).toMatch(BACKEND_KEEPS);
      const response = await rig.send("POST", "api/tasks", {
        body: "{}",
        headers: { "x-request-id": given },
      });
      expect(response.status).toBe(200);
    },
  );

  it.each([
    "mcp",
    "docs",
    "openapi.json",
    "health",
    "chatkit/x",
    "api/tasks/1/2",
    "api/tasks/..%2f..%2fmcp",
    "api/users",
    "@evil.example/x",
  ])("answers 404 for /%s without asking the back end", async (path) => {
    expect(await kindOf(await rig.send("GET", path))).toEqual([404, "not-found"]);
    expect(rig.requests).toHaveLength(0);
  });

  it("names the methods a path takes", async () => {
    const response = await rig.send("GET", "chatkit");
    expect(response.headers.get("allow")).toBe("POST");
    expect(await kindOf(response)).toEqual([405, "method-not-allowed"]);
  });

  it.each<[string, Record<string, string>]>([
    ["another site", { origin: "https://evil.example" }],
    ["a sandboxed frame", { origin: "null" }],
    ["a lookalike", { origin: "http://todo.example.evil.example" }],
    ["another port", { origin: "http://todo.example:8080" }],
  ])("refuses writes from %s", async (_name, headers) => {
    const response = await rig.send("DELETE", "api/tasks/1", { headers });
    expect(await kindOf(response)).toEqual([403, "untrusted-origin"]);
    expect(rig.requests).toHaveLength(0);
  });

  it("takes writes from trusted origins, patterns included", async () => {
    const headers = { origin: "https://todo.example.org" };
    expect((await rig.send("DELETE", "api/tasks/1", { headers })).status).toBe(200);
  });

  it("judges callers that name no origin by where the browser says they are", async () => {
    const send = (headers: Record<string, string>): Promise<Response> =>
      proxyRequest(
        new Request(`${ORIGIN}/api/backend/api/tasks/1`, { method: "DELETE", headers }),
        ["api", "tasks", "1"],
        rig.dependencies,
      );
    expect((await send({})).status).toBe(200);
    expect((await send({ "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await send({ "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await send({ "sec-fetch-site": "same-site" })).status).toBe(403);
  });

  it("refuses the content types that forms can send", async () => {
    const response = await rig.send("POST", "api/tasks", {
      body: "{}",
      headers: { "content-type": "text/plain" },
    });
    expect(await kindOf(response)).toEqual([415, "unsupported-media-type"]);
  });

  it("refuses bodies that are too large, announced or not", async () => {
    const body = JSON.stringify({ title: "x".repeat(MAX_BODY_BYTES) });
    rig.handler = (request, response) => {
      request.resume().on("end", () => response.end("{}"));
    };
    expect(
      await kindOf(
        await rig.send("POST", "api/tasks", {
          body,
          headers: { "content-length": String(body.length) },
        }),
      ),
    ).toEqual([413, "content-too-large"]);
    expect(await kindOf(await rig.send("POST", "api/tasks", { body }))).toEqual([
      413,
      "content-too-large",
    ]);
  });

  describe("from a page that was made for somebody", () => {
    it("answers whom it was made for, and callers that name nobody", async () => {
      const headers = { "x-expected-user": "u1" };
      expect((await rig.send("GET", "api/tasks", { headers })).status).toBe(200);
      expect((await rig.send("GET", "api/tasks")).status).toBe(200);
    });

    it.each(["GET", "DELETE"])("refuses a %s once somebody else has signed in", async (method) => {
      const headers = { "x-expected-user": "u2" };
      const response = await rig.send(method, "api/tasks/1", { headers });
      expect(await kindOf(response)).toEqual([409, "user-changed"]);
      expect(rig.requests).toHaveLength(0);
    });

    it("extends no session for it", async () => {
      rig.dependencies.authorize = async () => ({
        ...{ userId: "u1", token: "t", cookies: ["a=1"], discard: () => undefined },
      });
      const headers = { "x-expected-user": "" };
      const response = await rig.send("GET", "api/tasks", { headers });
      expect(response.status).toBe(409);
      expect(response.headers.getSetCookie()).toEqual([]);
    });
  });

  it.each(["tasks", "conversations"])(
    "passes on a request to restore one of the %s, which has no body",
    async (kind) => {
      const request = new Request(`${ORIGIN}/api/backend/api/${kind}/1/restore`, {
        method: "POST",
        headers: { origin: ORIGIN, "content-length": "0" },
        body: "",
      });
      const segments = ["api", kind, "1", "restore"];
      expect((await proxyRequest(request, segments, rig.dependencies)).status).toBe(200);
      expect(rig.requests[0]?.url).toBe(`/api/${kind}/1/restore`);
    },
  );

  it("passes on what the page does with several tasks at once", async () => {
    for (const action of ["complete", "delete", "restore", "revert"]) {
      const path = `api/tasks/${action}`;
      expect((await rig.send("POST", path, { body: "{}" })).status).toBe(200);
      expect(rig.requests.at(-1)?.url).toBe(`/${path}`);
    }
  });

  it("lets no page erase an account by itself", async () => {
    expect(await kindOf(await rig.send("DELETE", "api/account"))).toEqual([404, "not-found"]);
    expect(rig.requests).toHaveLength(0);
  });

  it("asks to sign in where there is no session", async () => {
    rig.dependencies.authorize = async () => null;
    expect(await kindOf(await rig.send("GET", "api/tasks"))).toEqual([401, "unauthorized"]);
    expect(rig.requests).toHaveLength(0);
  });

  describe("with a token that the back end refuses", () => {
    let tokens: string[];
    let discarded: string[];

    beforeEach(() => {
      tokens = ["stale", "fresh"];
      discarded = [];
      rig.dependencies.authorize = async () => {
        const [token = "none"] = tokens;
        const discard = (): void => {
          discarded.push(token);
          tokens.shift();
        };
        return { userId: "u1", token, cookies: [], discard };
      };
      rig.handler = (request, response) => {
        const good = request.headers.authorization === "Bearer fresh";
        response.writeHead(good ? 200 : 401, { "www-authenticate": "Bearer" }).end("{}");
      };
    });

    it("asks a question again with a new one", async () => {
      expect((await rig.send("GET", "api/tasks")).status).toBe(200);
      expect(discarded).toEqual(["stale"]);
      expect(rig.requests).toHaveLength(2);
    });

    it("sends a write again with a new one", async () => {
      expect((await rig.send("POST", "api/tasks", { body: "{}" })).status).toBe(200);
      expect(rig.requests).toHaveLength(2);
    });

    it("never asks to sign in where somebody is signed in", async () => {
      tokens = ["stale", "stale"];
      const refused = await rig.send("GET", "api/tasks");
      expect(refused.headers.get("retry-after")).toBe("2");
      expect(await kindOf(refused)).toEqual([503, "token-refused"]);
      expect(rig.requests).toHaveLength(2);
    });
  });

  it("says so when sessions can't be checked", async () => {
    rig.dependencies.authorize = async () => {
      throw new Error("connect ECONNREFUSED postgres://todo:secret@db");
    };
    const response = await rig.send("GET", "api/tasks");
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("secret");
  });

  it("hands on the cookies that extend the session", async () => {
    rig.dependencies.authorize = async () => ({
      userId: "u1",
      token: "t",
      cookies: ["a=1", "b=2"],
      discard: () => undefined,
    });
    const response = await rig.send("GET", "api/tasks");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  it.each([
    ["application/json", "no-store", null],
    ["text/event-stream; charset=utf-8", "no-cache, no-transform", "no"],
  ])("has %s kept by nobody, and events held back by nobody", async (type, cache, buffering) => {
    rig.handler = (_request, response) => {
      response.setHeader("content-type", type);
      response.setHeader("cache-control", "public, max-age=60");
      response.end("{}");
    };
    const { headers } = await rig.send("GET", "api/tasks");
    expect(headers.get("cache-control")).toBe(cache);
    expect(headers.get("x-accel-buffering")).toBe(buffering);
  });

  it("streams: the first piece arrives before the last is made", async () => {
    let finish = (): void => undefined;
    rig.handler = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: one\n\n");
      finish = () => response.end("data: two\n\n");
    };
    const response = await rig.send("POST", "chatkit", { body: "{}" });
    expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    expect(decoder.decode((await reader.read()).value)).toBe("data: one\n\n");
    finish();
    expect(decoder.decode((await reader.read()).value)).toBe("data: two\n\n");
    expect((await reader.read()).done).toBe(true);
  });

  it("hangs up on the back end when the reader goes away", async () => {
    const closed = new Promise<void>((resolve) => {
      rig.handler = (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: one\n\n");
        response.on("close", resolve);
      };
    });
    const response = await rig.send("POST", "chatkit", { body: "{}" });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.cancel();
    await closed;
  });

  it("hangs up on the back end when the request is aborted before an answer", async () => {
    const abort = new AbortController();
    const closed = new Promise<void>((resolve) => {
      rig.handler = (request) => {
        request.on("close", resolve);
        abort.abort();
      };
    });
    const response = await rig.send("GET", "api/tasks", { signal: abort.signal });
    expect(response.status).toBe(499);
    await closed;
  });

  it("gives up on a back end that doesn't answer", async () => {
    rig.handler = () => undefined;
    rig.dependencies.timeouts = { response: 50 };
    expect(await kindOf(await rig.send("GET", "api/tasks"))).toEqual([504, "backend-timeout"]);
  });

  it("ends a stream that has gone silent", async () => {
    rig.dependencies.timeouts = { idle: 50 };
    rig.handler = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: one\n\n");
    };
    const response = await rig.send("POST", "chatkit", { body: "{}" });
    expect(await response.text()).toBe("data: one\n\n");
  });

  it("hangs up on the back end when the reader has stopped reading", async () => {
    rig.dependencies.timeouts = { idle: 50 };
    const closed = new Promise<void>((resolve) => {
      rig.handler = (_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        const chatter = setInterval(() => response.write("data: more\n\n"), 10);
        response.on("close", () => {
          clearInterval(chatter);
          resolve();
        });
      };
    });
    const response = await rig.send("POST", "chatkit", { body: "{}" });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await closed;
  });

  it("breaks off any other answer that stays incomplete", async () => {
    rig.handler = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"items":[');
    };
    rig.dependencies.timeouts = { idle: 50 };
    const silent = await rig.send("GET", "api/tasks");
    await expect(silent.text()).rejects.toThrow("cut short");
  });

  it.each([
    ["text/event-stream", "data: one\n\n", ""],
    ["application/json", '{"items":[', "]}"],
  ])("ends an answer of %s in order while the server shuts down", async (type, begun, rest) => {
    let complete = (): void => undefined;
    rig.handler = (_request, response) => {
      response.writeHead(200, { "content-type": type });
      response.write(begun);
      complete = () => response.end("]}");
    };
    const { body } = await rig.send("POST", "chatkit", { body: "{}" });
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    const piece = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await piece()).toBe(begun);
    for (const end of [...lifecycle().streams.keys()]) end();
    complete();
    expect(await piece()).toBe(rest);
  });

  it("says that the back end is away", async () => {
    await rig.stop();
    const response = await rig.send("GET", "api/tasks");
    expect(response.headers.get("retry-after")).toBe("2");
    expect(await kindOf(response)).toEqual([503, "backend-unavailable"]);
  });

  it("follows no redirects", async () => {
    rig.handler = (_request, response) => {
      response.writeHead(307, { location: "http://169.254.169.254/" }).end();
    };
    expect(await kindOf(await rig.send("GET", "api/tasks"))).toEqual([502, "backend-redirected"]);
  });

  it("passes errors of the back end on as they are", async () => {
    rig.handler = (_request, response) => {
      response.writeHead(422, { "content-type": "application/problem+json" });
      response.end('{"title":"Invalid","status":422}');
    };
    const response = await rig.send("POST", "api/tasks", { body: "{}" });
    expect(response.status).toBe(422);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });
});
