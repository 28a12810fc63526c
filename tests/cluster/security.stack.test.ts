/** What may be done, by whom, and what listens: on the deployed stack, from outside and from inside. */
import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { run } from "../../common/run";
import { type ChatEvent, type Client, newUser, threadOf } from "./support/client";
import { psql } from "./support/database";
import { eventually } from "./support/namespace";
import { baseUrl, forward, kubectl, namespace, onNode } from "./support/stack";
import { agentToken } from "./support/tokens";

jest.setTimeout(3 * 60_000);

const KEY_ID = "key-of-the-tests";
const JSON_TYPE = { "content-type": "application/json" };
/** A back end that has just asked for the issuer's keys asks again only after a while. */
const KEYS_SECONDS = 15;

let backend: Awaited<ReturnType<typeof forward>>;
beforeAll(async () => {
  backend = await forward("service/todo-app-backend", 7860);
});
afterAll(() => backend?.close());

/** Claims of a token. */
type Claims = Record<string, unknown>;

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** What the front end claims in its tokens, for the back end. */
function claimsOfUser(): Claims {
  return { sub: "somebody", iss: baseUrl, aud: baseUrl, iat: inSeconds(0), exp: inSeconds(300) };
}

/** What the back end claims in its own, for its MCP server. */
function claimsOfAgent(): Claims {
  return { ...claimsOfUser(), iss: "todo-backend", aud: "mcp", exp: inSeconds(60) };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

function jwt(header: object, claims: Claims, signature: (body: string) => Buffer | ""): string {
  const body = `${encode({ typ: "JWT", ...header })}.${encode(claims)}`;
  const signed = signature(body);
  return `${body}.${signed === "" ? "" : signed.toString("base64url")}`;
}

/** Signed as the issuer does. */
function eddsa(claims: Claims, key: KeyObject, kid = KEY_ID): string {
  return jwt({ alg: "EdDSA", kid }, claims, (body) => sign(null, Buffer.from(body), key));
}

/** Signed as the back end does. */
function hs256(claims: Claims, secret: string | Buffer): string {
  return jwt({ alg: "HS256", kid: KEY_ID }, claims, (body) =>
    createHmac("sha256", secret).update(body).digest(),
  );
}

/** What a route answers to who isn't signed in; the MCP server has one method, for anybody. */
function refusal({ method, path }: { method: string; path: string }): number {
  return path === "/mcp" && method !== "POST" ? 405 : 401;
}

/** A call of the MCP server as its protocol wants it, by whoever has the token. */
async function mcp(method: string, params: object, token: string): Promise<Response> {
  return fetch(`${backend.url}/mcp`, {
    method: "POST",
    headers: {
      ...JSON_TYPE,
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
}

interface Openapi {
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: { ChatKitReq: { discriminator: { mapping: Record<string, string> } } } };
}

async function openapi(): Promise<Openapi> {
  return (await (await fetch(`${backend.url}/openapi.json`)).json()) as Openapi;
}

/** What the back end signs its own tokens with. */
async function readJwtSecret(): Promise<string> {
  const { data } = await namespace.get<{ data: { JWT_SECRET: string } }>(
    "secret",
    "todo-app-secrets",
  );
  return Buffer.from(data.JWT_SECRET, "base64").toString();
}

describe("tokens at the back end", () => {
  const issuer = generateKeyPairSync("ed25519");
  const stranger = generateKeyPairSync("ed25519");
  const jwk = issuer.publicKey.export({ format: "jwk" });
  let routes: { method: string; path: string }[];
  let jwtSecret: string;

  const ask = async (route: { method: string; path: string }, bearer?: string): Promise<number> => {
    const response = await fetch(`${backend.url}${route.path}`, {
      method: route.method,
      body: ["POST", "PATCH", "PUT"].includes(route.method) ? "{}" : null,
      headers: { ...JSON_TYPE, ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }) },
    });
    await response.body?.cancel();
    return response.status;
  };
  const expectRefused = async (bearer?: string): Promise<void> => {
    const answers = await Promise.all(
      routes.map(async (route) => ({ ...route, status: await ask(route, bearer) })),
    );
    expect(answers).toEqual(routes.map((route) => ({ ...route, status: refusal(route) })));
  };

  beforeAll(async () => {
    // A key of the issuer's that the tests know: an old one, so that nothing new is signed by it.
    await psql(
      "todo",
      `INSERT INTO jwks (id, "publicKey", "privateKey", "createdAt") VALUES ('${KEY_ID}', '${JSON.stringify(jwk)}', '""', '2020-01-01')`,
    );
    const { paths } = await openapi();
    const open = new Set(["/health", "/ready"]);
    const rest = Object.entries(paths).flatMap(([path, methods]) =>
      open.has(path)
        ? []
        : Object.keys(methods).map((method) => ({
            method: method.toUpperCase(),
            path: path.replace(/\{\w+\}/g, randomUUID()),
          })),
    );
    expect(rest.length).toBeGreaterThan(8);
    expect(rest).toContainEqual({ method: "POST", path: "/chatkit" });
    routes = [...rest, ...["POST", "GET", "DELETE"].map((method) => ({ method, path: "/mcp" }))];
    jwtSecret = await readJwtSecret();
  });
  afterAll(() => psql("todo", `DELETE FROM jwks WHERE id = '${KEY_ID}'`));

  it("let a user's in, everywhere", async () => {
    const good = eddsa(claimsOfUser(), issuer.privateKey);
    await eventually(
      KEYS_SECONDS,
      async () => (await ask({ method: "GET", path: "/api/tasks" }, good)) === 200,
      "the new key to be known",
    );
    for (const route of routes) expect([route, await ask(route, good)]).not.toEqual([route, 401]);
    expect((await mcp("tools/list", {}, good)).status).toBe(200);
  });

  it("let the assistant's own in at the MCP server, and nowhere else", async () => {
    const own = hs256(claimsOfAgent(), jwtSecret);
    expect((await mcp("tools/list", {}, own)).status).toBe(200);
    for (const route of routes.filter(({ path }) => path !== "/mcp"))
      expect([route, await ask(route, own)]).toEqual([route, 401]);
  });

  it("are wanted on every route that has data", () => expectRefused());

  const unsigned = (claims: Claims): string => jwt({ alg: "none", kid: KEY_ID }, claims, () => "");
  const publicKeys: [form: string, key: string | Buffer][] = [
    ["PEM", issuer.publicKey.export({ format: "pem", type: "spki" })],
    ["JWK", JSON.stringify(jwk)],
    ["bytes", Buffer.from(jwk.x ?? "", "base64url")],
    ["text", jwk.x ?? ""],
  ];

  it.each<[string, () => string]>([
    ["forged, by a key that isn't the issuer's", () => eddsa(claimsOfUser(), stranger.privateKey)],
    [
      "under a key that the issuer hasn't got",
      () => eddsa(claimsOfUser(), stranger.privateKey, randomUUID()),
    ],
    ["expired", () => eddsa({ ...claimsOfUser(), exp: inSeconds(-60) }, issuer.privateKey)],
    [
      "for another audience",
      () => eddsa({ ...claimsOfUser(), aud: "http://elsewhere.test" }, issuer.privateKey),
    ],
    [
      "of another issuer",
      () => eddsa({ ...claimsOfUser(), iss: "http://elsewhere.test" }, issuer.privateKey),
    ],
    ["without an end", () => eddsa({ ...claimsOfUser(), exp: undefined }, issuer.privateKey)],
    [
      "with another user written over it",
      () => {
        const [header, , signature] = eddsa(claimsOfUser(), issuer.privateKey).split(".");
        return `${header}.${encode({ ...claimsOfUser(), sub: "victim" })}.${signature}`;
      },
    ],
    ["of a user, without a signature (alg=none)", () => unsigned(claimsOfUser())],
    ["of the assistant, without a signature (alg=none)", () => unsigned(claimsOfAgent())],
    [
      "that says HS256 over the issuer's real signature",
      () =>
        jwt({ alg: "HS256", kid: KEY_ID }, claimsOfUser(), (body) =>
          sign(null, Buffer.from(body), issuer.privateKey),
        ),
    ],
    ...publicKeys.flatMap(([form, key]): [string, () => string][] => [
      [
        `of a user, by HS256 with the issuer's public key as the secret (${form})`,
        () => hs256(claimsOfUser(), key),
      ],
      [
        `of the assistant, by HS256 with the issuer's public key as the secret (${form})`,
        () => hs256(claimsOfAgent(), key),
      ],
    ]),
    ["of a user, by HS256 with a wrong secret", () => hs256(claimsOfUser(), randomUUID())],
    ["of the assistant, by HS256 with a wrong secret", () => hs256(claimsOfAgent(), randomUUID())],
    ["of the assistant, by HS256 with no secret", () => hs256(claimsOfAgent(), "")],
    ["of a user, by HS256 with the back end's own secret", () => hs256(claimsOfUser(), jwtSecret)],
    [
      "of the assistant, expired",
      () => hs256({ ...claimsOfAgent(), exp: inSeconds(-60) }, jwtSecret),
    ],
    ["that is none", () => "not-a-token"],
  ])("one %s is refused on every route", (_, make) => expectRefused(make()));
});

it("no token of a user's can be had by scripts of the page", async () => {
  const user = await newUser(baseUrl);
  const asked = await user.request("/api/auth/token");
  expect([asked.status, await asked.text()]).toEqual([404, expect.not.stringContaining("ey")]);
});

describe("two users", () => {
  let owner: Client;
  let other: Client;
  let taskId: string;
  let threadId: string;
  /** The owner's messages, and the assistant's to them. */
  let itemIds: string[];
  /** Everything that the owner has, as the owner sees it. */
  let before: string;

  const everythingOf = async (user: Client): Promise<string> =>
    JSON.stringify([
      await user.tasks(),
      await user.messages(threadId),
      JSON.parse(await user.text("/api/backend/api/conversations")),
    ]);

  beforeAll(async () => {
    [owner, other] = await Promise.all([newUser(baseUrl), newUser(baseUrl)]);
    taskId = (await owner.addTask("mine alone")).id;
    const events = await owner.chat("add something private");
    threadId = threadOf(events);
    itemIds = idsOf(events);
    expect(itemIds.length).toBeGreaterThan(1);
    before = await everythingOf(owner);
  });
  afterEach(async () => expect(await everythingOf(owner)).toBe(before));

  it("have nothing of each other's by any route", async () => {
    const task = `/api/backend/api/tasks/${taskId}`;
    const conversation = `/api/backend/api/conversations/${threadId}`;
    const tries: [string, RequestInit][] = [
      [task, {}],
      [task, { method: "PATCH", body: '{"completed":true}' }],
      [task, { method: "DELETE" }],
      [conversation, {}],
      [`${conversation}/messages`, {}],
      [conversation, { method: "PATCH", body: '{"title":"mine now"}' }],
      [conversation, { method: "DELETE" }],
    ];
    for (const [path, init] of tries) {
      const { status } = await other.request(path, init);
      expect([init.method ?? "GET", path, status]).toEqual([init.method ?? "GET", path, 404]);
    }
    expect(await other.tasks()).toEqual([]);
  });

  it("have nothing of each other's by any request of ChatKit", async () => {
    const chatkit = (type: string, params: object): Promise<Response> =>
      other.request("/api/backend/chatkit", {
        method: "POST",
        body: JSON.stringify({ type, params }),
      });
    const own = threadOf(await other.chat("hello"));
    const [item = ""] = itemIds;
    const input = {
      ...{ content: [{ type: "input_text", text: "what is here?" }], attachments: [] },
      ...{ quoted_text: null, inference_options: {} },
    };
    const foreign = { thread_id: threadId };
    const action = { action: { type: "press", payload: {} }, item_id: item };
    const tries: [type: string, params: object, status: number][] = [
      ["threads.get_by_id", foreign, 404],
      ["threads.update", { ...foreign, title: "mine now" }, 404],
      ["threads.delete", foreign, 404],
      ["threads.add_user_message", { ...foreign, input }, 404],
      ["threads.retry_after_item", { ...foreign, item_id: item }, 404],
      ["items.list", foreign, 404],
      // Nothing to go on from; feedback isn't kept; a place in the list isn't named by a conversation.
      ["threads.retry_after_item", { thread_id: own, item_id: item }, 200],
      ["items.list", { thread_id: own, after: item }, 200],
      ["threads.list", { after: threadId }, 422],
      ["items.feedback", { ...foreign, item_ids: itemIds, kind: "negative" }, 200],
      // Of the protocol, but nothing that this chat has.
      ["threads.custom_action", { ...foreign, ...action }, 422],
      ["threads.sync_custom_action", { ...foreign, ...action }, 422],
      ["threads.add_client_tool_output", { ...foreign, result: {} }, 422],
      ["attachments.delete", { attachment_id: item }, 422],
    ];
    for (const [type, params, status] of tries) {
      const response = await chatkit(type, params);
      expect([type, response.status]).toEqual([type, status]);
      expect(await response.text()).not.toMatch(/private|mine alone/);
    }
    const { mapping } = (await openapi()).components.schemas.ChatKitReq.discriminator;
    const tried = new Set([...tries.map(([type]) => type), "threads.create"]); // which names nothing
    expect(Object.keys(mapping).filter((type) => !tried.has(type))).toEqual([]);
  });

  it("have nothing of each other's by any tool of the MCP server", async () => {
    const token = await agentToken(other, await readJwtSecret());
    const listed = (await (await mcp("tools/list", {}, token)).json()) as {
      result: { tools: { name: string; inputSchema: { properties?: object } }[] };
    };
    const byId = listed.result.tools
      .filter(({ inputSchema }) => "task_id" in (inputSchema.properties ?? {}))
      .map(({ name }) => name);
    expect(byId).toEqual(expect.arrayContaining(["complete_task", "delete_task", "update_task"]));
    const call = async (name: string, args: object): Promise<unknown> =>
      (
        (await (await mcp("tools/call", { name, arguments: args }, token)).json()) as {
          result: unknown;
        }
      ).result;
    for (const name of byId) {
      const args = { task_id: taskId, ...(name === "update_task" && { title: "mine now" }) };
      expect([name, await call(name, args)]).toMatchObject([
        name,
        { isError: true, content: [{ text: expect.stringMatching(/There is no such task\.$/) }] },
      ]);
    }
    for (const args of [{}, { search: "mine" }, { status: "open" }])
      expect(await call("list_tasks", args)).toMatchObject({ structuredContent: { tasks: [] } });
  });

  it("have nothing of each other's by what they say to the assistant", async () => {
    for (const words of [
      "what is on my list?",
      `complete task ${taskId}`,
      `delete task ${taskId}`,
      "delete mine alone",
      "mark mine alone as done",
    ]) {
      const events = await other.chat(words);
      expect(
        JSON.stringify(events.filter(({ item }) => item?.type === "assistant_message")),
      ).not.toMatch(/something private/);
    }
  });
});

/** The items that a stream of events has added to its conversation. */
function idsOf(events: readonly ChatEvent[]): string[] {
  return events
    .filter(({ type }) => type === "thread.item.done")
    .flatMap(({ item }) => (item as { id?: string } | undefined)?.id ?? []);
}

test("pods are held to Pod Security restricted, and a pod that isn't is refused", async () => {
  const labels = await kubectl(
    "get",
    "namespace",
    namespace.name,
    "--output=jsonpath={.metadata.labels}",
  );
  expect(JSON.parse(labels)).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
  const image = (await namespace.pods("backend"))[0]?.spec.containers[0]?.image ?? "";
  const pod = [
    "run",
    "intruder",
    "--image",
    image,
    "--image-pull-policy=Never",
    "--dry-run=server",
  ];
  const refused = await namespace.try([...pod, "--privileged"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/violates PodSecurity "restricted/);
});

test("pods run as UID 1000, on a read-only root, without capabilities or a token (FR-003)", async () => {
  const status = "open('/proc/1/status').read()";
  const python = `import re; s = ${status}; print(re.search(r'Uid:\\s+(\\d+)', s)[1], re.search(r'CapEff:\\s+(\\w+)', s)[1])`;
  const backend = [
    "exec",
    "deployment/todo-app-backend",
    "--container=backend",
    "--",
    "python",
    "-c",
  ];
  expect(await kubectl(...backend, python)).toBe("1000 0000000000000000");
  const write = await namespace.try([...backend, "open('/app/x', 'w')"]);
  expect(write.stderr).toMatch(/Read-only file system/);
  const node = "require('fs').readFileSync('/proc/1/status','utf8').match(/Uid:\\s+(\\d+)/)[1]";
  const frontend = ["exec", "deployment/todo-app-frontend", "--", "node"];
  expect(await kubectl(...frontend, "-p", node)).toBe("1000");
  const token = await namespace.try([
    ...frontend,
    "-e",
    "require('fs').statSync('/var/run/secrets/kubernetes.io')",
  ]);
  expect(token.stderr).toMatch(/ENOENT/);
});

describe("what listens", () => {
  /** A socket that waits for connections. */
  interface Listener {
    /** Whether only its own host reaches it. */
    loopback: boolean;
    port: number;
  }
  const LISTENING = "0A"; // as the kernel writes the state
  const FILES = ["/proc/net/tcp", "/proc/net/tcp6"];
  /** Minikube's own: SSH, etcd, containerd, kube-proxy, kubelet, the API server. */
  const NODES_OWN = [22, 2379, 2380, 8443, 10_010, 10_249, 10_250, 10_256];

  const listeners = (text: string): Listener[] =>
    text
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === LISTENING)
      .map((columns) => {
        const [address = "", port = ""] = columns[1]?.split(":") ?? [];
        // Bytes stand in reverse: 127.0.0.1 is 0100007F, ::1 is 00…01000000.
        const loopback = /^[0-9A-F]{6}7F$|^0{24}01000000$/.test(address);
        return { loopback, port: Number.parseInt(port, 16) };
      });
  const portsOf = (text: string): number[] =>
    [...new Set(listeners(text).map(({ port }) => port))].sort((a, b) => a - b);

  test("in a pod is its one port", async () => {
    const python = `print(''.join(open(f).read() for f in ${JSON.stringify(FILES)}))`;
    const node = `${JSON.stringify(FILES)}.map(f => require('fs').readFileSync(f, 'utf8')).join('')`;
    const expected = {
      backend: { port: 7860, command: ["python", "-c", python] },
      frontend: { port: 3000, command: ["node", "-p", node] },
    };
    const pods = await namespace.pods();
    expect(pods.length).toBeGreaterThan(1);
    for (const { metadata, spec } of pods) {
      for (const { name } of spec.containers) {
        const { port, command } = expected[name as keyof typeof expected];
        const exec = ["exec", metadata.name, "--container", name, "--", ...command];
        expect([name, portsOf(await kubectl(...exec))]).toEqual([name, [port]]);
      }
    }
  });

  test("on the node is the cluster's own, and the stack's one port is the front end's", async () => {
    const { stdout } = await onNode("cat", ...FILES);
    const reachable = listeners(stdout).filter(({ loopback }) => !loopback);
    expect(reachable.map(({ port }) => port)).toContain(8443);
    expect(reachable.filter(({ port }) => !NODES_OWN.includes(port))).toEqual([]);
    const services = await namespace.list<{
      metadata: { name: string };
      spec: { ports: { nodePort?: number }[]; externalIPs?: string[] };
      status: { loadBalancer: { ingress?: unknown[] } };
    }>("services");
    const published = services.flatMap(({ metadata, spec }) =>
      spec.ports.flatMap(({ nodePort }) => (nodePort ? [[metadata.name, nodePort]] : [])),
    );
    const { hostname, port } = new URL(baseUrl);
    expect(published).toEqual([["todo-app-frontend", Number(port)]]);
    for (const { spec, status } of services)
      expect([spec.externalIPs, status.loadBalancer.ingress]).toEqual([undefined, undefined]);
    // From this machine: what is published answers, the back end and the database don't.
    expect(await connects(hostname, Number(port))).toBe(true);
    for (const closed of [7860, 3000, 5432]) expect(await connects(hostname, closed)).toBe(false);
  });

  test("for the database is one port, on loopback alone: pods reach it on the nodes' network", async () => {
    const bindings = (await run("docker", ["port", process.env.TEST_DATABASE_CONTAINER ?? ""]))
      .split("\n")
      .map((line) => line.split(" -> ")[1]?.split(":") ?? []);
    expect(bindings.map(([address]) => address).sort()).toEqual(["127.0.0.1"]);
    const [port, ...others] = new Set(bindings.map(([, number]) => Number(number)));
    expect(others).toEqual([]);
    // What Docker says is what the kernel does.
    const here = FILES.map((file) => readFileSync(file, "utf8")).join("\n");
    const open = listeners(here).filter((listener) => listener.port === port);
    expect(open.map(({ loopback }) => loopback)).toEqual([true]);
  });
});

/** Whether somebody takes a connection; a host that doesn't answer is as good as one that refuses. */
function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(3000, () => end(false));
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}
