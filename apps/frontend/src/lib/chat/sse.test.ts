import { describe, expect, it } from "vitest";
import { readEvents } from "./sse";

function body(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      }
      controller.close();
    },
  });
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const events: string[] = [];
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

describe("readEvents", () => {
  it("yields the data of each event and skips comments and other fields", async () => {
    const text = ': keep-alive\n\nevent: x\nid: 7\ndata: {"a":1}\n\ndata:{"b":2}\n\n';
    expect(await collect(body(text))).toEqual(['{"a":1}', '{"b":2}']);
  });

  it.each(["\n", "\r\n", "\r"])(
    "takes lines that end in %j, wherever they are cut",
    async (end) => {
      const bytes = new TextEncoder().encode(`data: grüße 🥛${end}${end}data: two${end}${end}`);
      for (let cut = 1; cut < bytes.length; cut++) {
        expect(await collect(body(bytes.slice(0, cut), bytes.slice(cut)))).toEqual([
          "grüße 🥛",
          "two",
        ]);
      }
    },
  );

  it("joins the lines of one event", async () => {
    expect(await collect(body("data: one\ndata: two\n\n"))).toEqual(["one\ntwo"]);
  });

  it("drops an event that was cut off", async () => {
    expect(await collect(body("data: whole\n\ndata: half"))).toEqual(["whole"]);
  });

  it("cancels the body when the reader stops", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("data: x\n\n")),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const _ of readEvents(endless)) break;
    expect(cancelled).toBe(true);
  });
});
