/** The main path by HTTP, through the front end only: sign up, chat, find the task. */
import { randomUUID } from "node:crypto";
import { baseUrl, kubectl } from "./support";

const MINUTE = 60_000;

interface Task {
  id: string;
  title: string;
  completed: boolean;
}

let cookie = "";

async function call(
  path: string,
  body?: unknown,
  method = body === undefined ? "GET" : "POST",
): Promise<Response> {
  return fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      origin: baseUrl,
      cookie,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(MINUTE),
  });
}

async function signUp(): Promise<string> {
  const person = {
    name: "Ada",
    email: `path-${randomUUID()}@example.com`,
    password: `pass-${randomUUID()}`,
  };
  const response = await call("/api/auth/sign-up/email", person);
  expect(response.status).toBe(200);
  return response.headers
    .getSetCookie()
    .map((value) => value.split(";")[0])
    .join("; ");
}

async function tasks(): Promise<Task[]> {
  const response = await call("/api/backend/api/tasks");
  expect(response.status).toBe(200);
  return ((await response.json()) as { items: Task[] }).items;
}

beforeAll(async () => {
  cookie = await signUp();
}, MINUTE);

test("a new person has no tasks; a stranger gets none at all", async () => {
  expect(await tasks()).toEqual([]);
  const stranger = await fetch(`${baseUrl}/api/backend/api/tasks`);
  expect(stranger.status).toBe(401);
});

test(
  "what is said in the chat becomes a task, survives new pods, and is nobody else's",
  async () => {
    const content = [{ type: "input_text", text: "add buy milk" }];
    const input = { content, attachments: [], inference_options: {} };
    const response = await call("/api/backend/chatkit", {
      type: "threads.create",
      params: { input },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/text\/event-stream/);
    expect(await response.text()).toMatch(/milk/);
    expect((await tasks()).map(({ title }) => title)).toEqual(["buy milk"]);

    await kubectl("delete", "pods", "--selector", "component=backend", "--wait");
    await kubectl("rollout", "status", "deployment/todo-app-backend", "--timeout=90s");
    expect((await tasks()).map(({ title }) => title)).toEqual(["buy milk"]);

    cookie = await signUp();
    expect(await tasks()).toEqual([]);
  },
  3 * MINUTE,
);
