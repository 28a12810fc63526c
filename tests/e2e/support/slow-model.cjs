// A model that is slow, and says what it is told: it speaks the OpenAI chat completions protocol on loopback. The
// user's last message is its script: "say WORDS PAUSE" streams so many words, with so many milliseconds between
// them; "add TASKS PAUSE" adds so many tasks before that; "raw: TEXT" says the text, word by word.
const { createServer } = require("node:http");
const { setTimeout: sleep } = require("node:timers/promises");

const DEFAULT_WORDS = 5;
const DEFAULT_PAUSE_MS = 20;
/** Long enough for a busy browser to draw most words by themselves. */
const RAW_PAUSE_MS = 100;

function chunk(delta, finish_reason = null) {
  const base = { id: "c", object: "chat.completion.chunk", created: 1, model: "slow" };
  return `data: ${JSON.stringify({ ...base, choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
}

function textOf({ content }) {
  if (!Array.isArray(content)) return String(content ?? "");
  return content.map(({ text = "" }) => text).join(" ");
}

function numbers(script, pattern) {
  return (pattern.exec(script) ?? []).slice(1).map(Number);
}

async function* answer({ messages }) {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  const script = textOf(messages[asked]);
  const done = messages.slice(asked).filter(({ role }) => role === "tool").length;
  const [tasks = 0, taskPause = 0] = numbers(script, /add (\d+) (\d+)/);
  if (done < tasks) {
    await sleep(taskPause);
    const call = { name: "add_task", arguments: JSON.stringify({ title: `task ${done + 1}` }) };
    const id = `call_${done}_${Math.random().toString(36).slice(2)}`;
    yield chunk({
      role: "assistant",
      tool_calls: [{ index: 0, id, type: "function", function: call }],
    });
    yield chunk({}, "tool_calls");
    return;
  }
  const [count = DEFAULT_WORDS, pause = DEFAULT_PAUSE_MS] = numbers(script, /say (\d+) (\d+)/);
  const [, raw] = /raw: ([\s\S]*)/.exec(script) ?? [];
  const words = raw?.split(" ") ?? Array.from({ length: count }, (_, index) => `word${index + 1}`);
  for (const word of words) {
    yield chunk({ role: "assistant", content: `${word} ` });
    await sleep(raw === undefined ? pause : RAW_PAUSE_MS);
  }
  yield chunk({}, "stop");
}

createServer(async (request, response) => {
  if (request.method !== "POST") return response.end();
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for await (const piece of answer(JSON.parse(Buffer.concat(pieces)))) {
    if (response.destroyed) return;
    response.write(piece);
  }
  response.end("data: [DONE]\n\n");
}).listen(Number(process.env.PORT), "127.0.0.1");
