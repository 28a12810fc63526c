/** What may be done, by whom, and what listens: on the deployed stack, from outside and from inside. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import { run, tryRun } from "../../common/run";
import { type Client, newUser } from "./support/client";
import { psql } from "./support/database";
import { baseUrl, forward, kubectl, namespace } from "./support/stack";

jest.setTimeout(3 * 60_000);

const KEY_ID = "key-of-the-tests";
const LISTENING = "0A"; // as /proc/net/tcp writes the state

/** Claims of a token; those of a good one unless said. */
type Claims = Record<string, unknown>;

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

/** A token as the issuer makes them, signed by the key unless the algorithm is none. */
function token(
  claims: Claims,
  key: KeyObject,
  header: object = { alg: "EdDSA", kid: KEY_ID },
): string {
  const now = Math.floor(Date.now() / 1000);
  const body = `${encode({ typ: "JWT", ...header })}.${encode({
    ...{ sub: "somebody", iss: baseUrl, aud: baseUrl, iat: now, exp: now + 300 },
    ...claims,
  })}`;
  const unsigned = (header as { alg?: string }).alg === "none";
  return `${body}.${unsigned ? "" : sign(null, Buffer.from(body), key).toString("base64url")}`;
}

describe("tokens at the back end", () => {
  const issuer = generateKeyPairSync("ed25519");
  const stranger = generateKeyPairSync("ed25519");
  let backend: Awaited<ReturnType<typeof forward>>;

  const status = async (bearer: string): Promise<number> => {
    const headers = { authorization: `Bearer ${bearer}` };
    const response = await fetch(`${backend.url}/api/tasks`, { headers });
    await response.body?.cancel();
    return response.status;
  };

  beforeAll(async () => {
    // A key of the issuer's that the tests know: an old one, so that nothing new is signed by it.
    const publicKey = JSON.stringify(issuer.publicKey.export({ format: "jwk" }));
    await psql(
      "todo",
      `INSERT INTO jwks (id, "publicKey", "privateKey", "createdAt") VALUES ('${KEY_ID}', '${publicKey}', '""', '2020-01-01')`,
    );
    backend = await forward("service/todo-app-backend", 7860);
  });
  afterAll(async () => {
    backend?.close();
    await psql("todo", `DELETE FROM jwks WHERE id = '${KEY_ID}'`);
  });

  it("lets a good one in", async () => {
    expect(await status(token({}, issuer.privateKey))).toBe(200);
  });

  it.each<[string, () => string]>([
    ["forged, by a key that isn't the issuer's", () => token({}, stranger.privateKey)],
    [
      "under a key that the issuer hasn't got",
      () => token({}, stranger.privateKey, { alg: "EdDSA", kid: randomUUID() }),
    ],
    ["expired", () => token({ exp: Math.floor(Date.now() / 1000) - 60 }, issuer.privateKey)],
    ["for another audience", () => token({ aud: "http://elsewhere.test" }, issuer.privateKey)],
    ["of another issuer", () => token({ iss: "http://elsewhere.test" }, issuer.privateKey)],
    [
      "without a signature (alg=none)",
      () => token({}, issuer.privateKey, { alg: "none", kid: KEY_ID }),
    ],
    [
      "that says it is signed with a shared secret",
      () => token({}, issuer.privateKey, { alg: "HS256", kid: KEY_ID }),
    ],
    ["without an end", () => token({ exp: undefined }, issuer.privateKey)],
    [
      "with another user written over it",
      () => {
        const [header, , signature] = token({}, issuer.privateKey).split(".");
        return `${header}.${token({ sub: "victim" }, issuer.privateKey).split(".")[1]}.${signature}`;
      },
    ],
    ["that is none", () => "not-a-token"],
  ])("refuses one %s", async (_, make) => {
    expect(await status(make())).toBe(401);
  });

  it("refuses a request without one on every route that has data", async () => {
    const { paths } = (await (await fetch(`${backend.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const open = new Set(["/health", "/ready"]);
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      open.has(path)
        ? []
        : Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
    );
    expect(routes.length).toBeGreaterThan(8);
    for (const { path, method } of routes) {
      const url = `${backend.url}${path.replace(/\{\w+\}/g, randomUUID())}`;
      const body = ["POST", "PATCH", "PUT"].includes(method) ? "{}" : null;
      const response = await fetch(url, {
        method,
        body,
        headers: { "content-type": "application/json" },
      });
      expect([method, path, response.status]).toEqual([method, path, 401]);
    }
    const mcp = await fetch(`${backend.url}/mcp`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect(mcp.status).toBe(401);
  });
});

describe("two users", () => {
  let owner: Client;
  let other: Client;
  let taskId: string;
  let threadId: string;

  beforeAll(async () => {
    [owner, other] = await Promise.all([newUser(baseUrl), newUser(baseUrl)]);
    taskId = (await owner.addTask("mine alone")).id;
    const events = await owner.chat("add something private");
    threadId = events.find(({ type }) => type === "thread.created")?.thread?.id ?? "";
    expect(threadId).not.toBe("");
  });

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
    const chatkit = async (type: string, params: object) =>
      other.request("/api/backend/chatkit", {
        method: "POST",
        body: JSON.stringify({ type, params }),
      });
    expect((await chatkit("threads.get_by_id", { thread_id: threadId })).status).toBe(404);
    expect((await chatkit("items.list", { thread_id: threadId })).status).toBe(404);
    expect(await other.tasks()).toEqual([]);
    expect(await owner.tasks()).toHaveLength(2);
  });

  it("have nothing of each other's by any tool of the assistant", async () => {
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
    expect(await owner.tasks()).toEqual([
      expect.objectContaining({ title: "mine alone", completed: false }),
      expect.objectContaining({ completed: false }),
    ]);
  });
});

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

test("nothing listens that shouldn't: one port in each pod, one on the node, the database on loopback and the cluster's network", async () => {
  const listeners = (text: string): number[] => [
    ...new Set(
      text
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter((columns) => columns[3] === LISTENING)
        .map((columns) => Number.parseInt(columns[1]?.split(":")[1] ?? "", 16)),
    ),
  ];
  const files = ["/proc/net/tcp", "/proc/net/tcp6"];
  const backend = await kubectl(
    ...["exec", "deployment/todo-app-backend", "--container=backend", "--", "python", "-c"],
    `print(''.join(open(f).read() for f in ${JSON.stringify(files)}))`,
  );
  expect(listeners(backend)).toEqual([7860]);
  const frontend = await kubectl(
    ...["exec", "deployment/todo-app-frontend", "--", "node", "-p"],
    `${JSON.stringify(files)}.map(f => require('fs').readFileSync(f, 'utf8')).join('')`,
  );
  expect(listeners(frontend)).toEqual([3000]);
  const ports = await run("docker", ["port", process.env.TEST_DATABASE_CONTAINER ?? ""]);
  const gateway = await run("docker", [
    "network",
    "inspect",
    "minikube",
    "--format",
    "{{(index .IPAM.Config 0).Gateway}}",
  ]);
  expect(
    ports
      .split("\n")
      .map((line) => line.split(" -> ")[1]?.split(":")[0])
      .sort(),
  ).toEqual(["127.0.0.1", gateway].sort());
  // The back end is not to be had from outside the cluster.
  const ip = new URL(baseUrl).hostname;
  const probe = await tryRun("curl", ["--silent", "--max-time", "3", `http://${ip}:7860/health`]);
  expect(probe.code).not.toBe(0);
});
