import { describe, expect, it } from "vitest";
import { readLimited } from "./limited-body";

const post = (body: BodyInit | null, headers: HeadersInit = {}): Request =>
  new Request("http://todo.example", {
    ...{ method: "POST", body, headers, duplex: "half" },
  } as RequestInit);

describe("readLimited", () => {
  it("takes a body up to the limit in bytes, and none beyond", async () => {
    expect(await readLimited(post("äbc"), 4)).toBe("äbc");
    expect(await readLimited(post("äbcd"), 4)).toBeNull();
    expect(await readLimited(post(null), 4)).toBe("");
  });

  it("puts characters together that arrive in halves", async () => {
    const [first, second] = Buffer.from("ä");
    const halves = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of [first, second]) controller.enqueue(Uint8Array.of(byte ?? 0));
        controller.close();
      },
    });
    expect(await readLimited(post(halves), 4)).toBe("ä");
  });

  it("reads nothing of what is announced as too long, and stops where the limit is", async () => {
    let pulled = 0;
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(1024));
        },
      });
    expect(await readLimited(post(endless()), 4096)).toBeNull();
    expect(pulled).toBeLessThan(10);
    pulled = 0;
    expect(await readLimited(post(endless(), { "content-length": "5000" }), 4096)).toBeNull();
    expect(pulled).toBeLessThan(2);
  });
});
