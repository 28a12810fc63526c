import { randomUUID } from "node:crypto";

/** One event of a ChatKit stream, as far as the tests look into it. */
export interface ChatEvent {
  type: string;
  thread?: { id: string };
  item?: { type: string; content?: { text?: string }[] };
}

export interface Task {
  id: string;
  title: string;
  completed: boolean;
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
      signal: init.signal ?? AbortSignal.timeout(30_000),
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

  /** Sends a chat message, in a new thread unless one is named, and gives every event of the answer. */
  async chat(text: string, threadId?: string): Promise<ChatEvent[]> {
    const input = {
      content: [{ type: "input_text", text }],
      attachments: [],
      quoted_text: null,
      inference_options: {},
    };
    const body = threadId
      ? { type: "threads.add_user_message", params: { thread_id: threadId, input } }
      : { type: "threads.create", params: { input } };
    const response = await this.request("/api/backend/chatkit", {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`chat: ${response.status} ${await response.text()}`);
    return (await response.text())
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice("data: ".length)) as ChatEvent);
  }

  async tasks(): Promise<Task[]> {
    const response = await this.request("/api/backend/api/tasks");
    if (!response.ok) throw new Error(`tasks: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { items: Task[] }).items;
  }

  private async authenticate(kind: string, extra: Record<string, string>): Promise<void> {
    const response = await this.request(`/api/auth/${kind}/email`, {
      method: "POST",
      body: JSON.stringify({ email: this.email, password: this.password, ...extra }),
    });
    if (!response.ok) throw new Error(`${kind}: ${response.status} ${await response.text()}`);
  }
}
