import { RequestError } from "../http";

const SILENT = "The connection has fallen silent.";

/**
 * Reads server-sent events and yields the data of each. Lines may be cut anywhere between two
 * chunks, multi-byte characters included. Comments and fields other than `data` are skipped, but
 * are signs of life: after `silenceMs` without any, the reading fails.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  silenceMs = Number.POSITIVE_INFINITY,
): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let buffer = "";
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await spoken(reader, silenceMs);
      buffer += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // A lone CR at the very end may be the first half of CRLF: it waits for the next chunk.
      const lines = buffer.split(done ? /\r\n|\n|\r/ : /\r\n|\n|\r(?!$)/);
      buffer = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") {
          if (data.length > 0) yield data.join("\n");
          data = [];
        } else if (line.startsWith("data:")) {
          data.push(line.slice(line[5] === " " ? 6 : 5));
        }
      }
      if (done) return;
    }
  } finally {
    // On a dead line even this may never be answered.
    void reader.cancel().catch(() => undefined);
  }
}

/** What is read next. Rejects when it takes too long. */
async function spoken(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limitMs: number,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  if (limitMs === Number.POSITIVE_INFINITY) return reader.read();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RequestError("unavailable", SILENT)), limitMs);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
