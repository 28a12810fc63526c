import { randomUUID } from "node:crypto";

const REQUEST_LIMIT_MS = 30_000;

/** One event of a ChatKit stream, as far as the tests look into it. */
export interface ChatEvent {
  type: string;
  thread?: { id: string };
  item?: { type: string; content?: { text?: string }[] };
}

export interface Task {
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  /** YYYY-MM-DD. */
  due_date: string | null;
  priority: string;
}

/** What a new task may have beside its title. */
export type TaskDetails = Partial<Pick<Task, "due_date" | "priority">>;

/** What somebody said in a conversation. */
export interface Message {
  role: "user" | "assistant";
  text: string;
}

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** An answer other than the expected one, with its beginning. */
export class HttpError extends Error {
  constructor(
    what: string,
    readonly status: number,
    body: string,
  ) {
    super(`${what}: ${status} ${body.slice(0, 200)}`);
  }
}

/** A user of the deployed application, who talks to the front end only, as a browser does. */
export class Client {
  readonly email = `user-${randomUUID()}@example.com`;
  private readonly password = `pw-${randomUUID()}`;
  private cookie = "";

  constructor(readonly baseUrl: string) {}

  /** Any request with the user's session. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(new URL(path, this.baseUrl), {
      ...init,
      headers: {
        origin: this.baseUrl,
        "content-type": "application/json",
        cookie: this.cookie,
        ...(init.headers as Record<string, string> | undefined),
      },
      signal: init.signal ?? AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    if (cookies.length > 0) this.cookie = cookies.join("; ");
    return response;
  }

  async signUp(): Promise<void> {
    await this.authenticate("sign-up", { name: "Test User" });
  }

  async signIn(): Promise<void> {
    await this.authenticate("sign-in", {});
  }

  /** Who is signed in, by the session's cookie; undefined where nobody is. */
  async session(): Promise<string | undefined> {
    const response = await this.request("/api/auth/get-session");
    return ((await response.json()) as { user?: { email: string } } | null)?.user?.email;
  }

  /**
   * Sends a chat message and gives every event of the answer.
   *
   * @param threadId conversation to go on with; a new one unless named
   * @param key names the message across repeated sendings of it
   */
  async chat(text: string, threadId?: string, key?: string): Promise<ChatEvent[]> {
    const input = {
      content: [{ type: "input_text", text }],
      attachments: [],
      quoted_text: null,
      inference_options: {},
    };
    const body = threadId
      ? { type: "threads.add_user_message", params: { thread_id: threadId, input } }
      : { type: "threads.create", params: { input } };
    const stream = await this.text("/api/backend/chatkit", {
      method: "POST",
      body: JSON.stringify(body),
      ...(key && { headers: { "idempotency-key": key } }),
    });
    return stream
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice("data: ".length)) as ChatEvent);
  }

  /** Every task, the oldest first. */
  tasks(): Promise<Task[]> {
    return this.all<Task>("/api/backend/api/tasks?sort=created_at&limit=100");
  }

  async addTask(title: string, details: TaskDetails = {}): Promise<Task> {
    const init = { method: "POST", body: JSON.stringify({ title, ...details }) };
    return JSON.parse(await this.text("/api/backend/api/tasks", init)) as Task;
  }

  async completeTask(id: string): Promise<void> {
    const init = { method: "PATCH", body: JSON.stringify({ completed: true }) };
    await this.text(`/api/backend/api/tasks/${id}`, init);
  }

  async deleteTask(id: string): Promise<void> {
    await this.text(`/api/backend/api/tasks/${id}`, { method: "DELETE" });
  }

  /** Everything that was said in a conversation, the oldest first. */
  messages(threadId: string): Promise<Message[]> {
    return this.all<Message>(`/api/backend/api/conversations/${threadId}/messages?limit=100`);
  }

  /** The text of a successful answer. @throws HttpError */
  async text(path: string, init: RequestInit = {}): Promise<string> {
    const response = await this.request(path, init);
    const text = await response.text();
    if (!response.ok) throw new HttpError(`${init.method ?? "GET"} ${path}`, response.status, text);
    return text;
  }

  private async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page = JSON.parse(await this.text(`${path}${after}`)) as Page<T>;
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    return items;
  }

  private async authenticate(kind: string, extra: Record<string, string>): Promise<void> {
    await this.text(`/api/auth/${kind}/email`, {
      method: "POST",
      body: JSON.stringify({ email: this.email, password: this.password, ...extra }),
    });
  }
}

/** A user who has just signed up. */
export async function newUser(baseUrl: string): Promise<Client> {
  const user = new Client(baseUrl);
  await user.signUp();
  return user;
}

/** What the assistant said in a stream of events. */
export function answer(events: readonly ChatEvent[]): string {
  return events
    .filter(({ type, item }) => type === "thread.item.done" && item?.type === "assistant_message")
    .flatMap(({ item }) => item?.content?.map(({ text }) => text ?? "") ?? [])
    .join("\n");
}

/** The conversation that a stream of events has started. @throws Error where it has started none */
export function threadOf(events: readonly ChatEvent[]): string {
  const id = events.find(({ type }) => type === "thread.created")?.thread?.id;
  if (!id) throw new Error("no conversation was started");
  return id;
}
