import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A message of a chat, as the OpenAI protocol has it. */
export interface Message {
  role: "system" | "user" | "assistant" | "tool";
  content: string | null;
}

/** What the model says next: a tool call with a command, or its answer. */
export type Turn = { kubectl: string } | { bash: string } | { answer: string };

/** A model: what it says next, by what was said so far. */
export type Model = (conversation: {
  question: string;
  /** What the tool calls gave, in order. */
  results: string[];
}) => Turn;

/** A language model by rules, behind the OpenAI protocol (streamed chat completions). */
export class ModelServer {
  /** Every request as it came, so that tests see what a model gets to see. */
  readonly received: string[] = [];
  /** Whether the server takes the key for a wrong one. */
  refuses = false;
  model: Model = () => ({ answer: "I have nothing to say." });
  private readonly server: Server = createServer((request, response) => {
    void this.answer(request, response);
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    this.received.push(body);
    if (request.url !== "/v1/chat/completions") {
      response.writeHead(404).end();
      return;
    }
    if (this.refuses) {
      const error = { message: "Incorrect API key provided", type: "invalid_request_error" };
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ error }));
      return;
    }
    const { messages, model } = JSON.parse(body) as { messages: Message[]; model: string };
    const texts = (role: Message["role"]) =>
      messages.filter((message) => message.role === role).map(({ content }) => content ?? "");
    const turn = this.model({ question: texts("user").join("\n"), results: texts("tool") });
    const chunk = (delta: object, finish_reason: string | null = null) => {
      const choices = [{ index: 0, delta, finish_reason }];
      const head = { id: "chat", object: "chat.completion.chunk", created: 1, model };
      response.write(`data: ${JSON.stringify({ ...head, choices })}\n\n`);
    };
    response.writeHead(200, { "content-type": "text/event-stream" });
    if ("answer" in turn) {
      chunk({ role: "assistant", content: turn.answer });
      chunk({}, "stop");
    } else {
      const [name, command] = "bash" in turn ? ["bash", turn.bash] : ["kubectl", turn.kubectl];
      const args = JSON.stringify({ command, modifies_resource: "no" });
      const call = { index: 0, id: `call-${this.received.length}`, type: "function" };
      chunk({ role: "assistant", tool_calls: [{ ...call, function: { name, arguments: "" } }] });
      chunk({ tool_calls: [{ index: 0, function: { arguments: args } }] });
      chunk({}, "tool_calls");
    }
    response.end("data: [DONE]\n\n");
  }
}
