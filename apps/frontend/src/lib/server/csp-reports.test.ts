import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answerCspReport, MAX_REPORT_BYTES, REPORT_LIMITS, ReportLimit } from "./csp-reports";

const OLD = {
  "csp-report": {
    "document-uri": "https://todo.example/chat/thr_1?show=today#x",
    "violated-directive": "script-src-elem",
    "effective-directive": "script-src-elem",
    "original-policy": "default-src 'self'",
    "blocked-uri": "https://evil.example/x.js?token=secret",
    "source-file": "https://todo.example/_next/a.js",
    "line-number": 7,
    disposition: "enforce",
    "status-code": 200,
  },
};
const NEW = [
  {
    type: "csp-violation",
    age: 10,
    url: "https://todo.example/chat",
    user_agent: "Chromium",
    body: {
      documentURL: "https://todo.example/chat?x=1",
      effectiveDirective: "style-src-attr",
      blockedURL: "inline",
      sourceFile: null,
      lineNumber: 3,
      disposition: "enforce",
    },
  },
  { type: "deprecation", age: 1, url: "https://todo.example/chat", body: { id: "x" } },
];

describe("reports of what the policy has kept out", () => {
  let limit: ReportLimit;
  let now: number;
  let lines: Record<string, unknown>[];

  beforeEach(() => {
    now = 1_000_000;
    limit = new ReportLimit(() => now);
    lines = [];
    vi.spyOn(process.stdout, "write").mockImplementation((line) => {
      lines.push(JSON.parse(String(line)));
      return true;
    });
  });
  afterEach(() => vi.restoreAllMocks());

  const send = (body: unknown, address = "192.0.2.1"): Promise<Response> =>
    answerCspReport(
      new Request("https://todo.example/api/csp-reports", {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
      { limit, address },
    );

  it("are a line each, in the form of report-uri", async () => {
    const response = await send(OLD);
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(lines).toEqual([
      {
        timestamp: expect.any(String),
        level: "warning",
        event: "csp.violation",
        request_id: response.headers.get("x-request-id"),
        document: "https://todo.example/chat/thr_1",
        directive: "script-src-elem",
        blocked: "https://evil.example/x.js",
        source: "https://todo.example/_next/a.js",
        line: 7,
        disposition: "enforce",
        dropped_before: 0,
      },
    ]);
  });

  it("are a line each, in the form of the Reporting API, which may send other things along", async () => {
    expect((await send(NEW)).status).toBe(204);
    expect(lines).toMatchObject([
      {
        event: "csp.violation",
        document: "https://todo.example/chat",
        directive: "style-src-attr",
        blocked: "inline",
        source: "",
        line: 3,
      },
    ]);
  });

  it.each([
    { "blocked-uri": "chrome-extension://abc/x.js" },
    { "source-file": "moz-extension" },
    { "source-file": "safari-web-extension://abc/x.js" },
  ])("say nothing of a person's own extensions: %j", async (fields) => {
    const response = await send({ "csp-report": { ...OLD["csp-report"], ...fields } });
    expect(response.status).toBe(204);
    expect(lines).toEqual([]);
  });

  it("keep no more than the beginning of a word, and one line whatever is in it", async () => {
    await send({
      "csp-report": { ...OLD["csp-report"], "blocked-uri": `a\n${"x".repeat(9_999)}` },
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.blocked).toBe(`a\n${"x".repeat(198)}`);
  });

  it.each([
    "",
    "{",
    "null",
    "7",
    "{}",
    '{"csp-report":{}}',
    '{"csp-report":{"document-uri":7}}',
    '[{"type":"csp-violation","body":{"documentURL":"x"}}]',
    '[{"type":"csp-violation"}]',
    "[7]",
  ])("aren't %j", async (body) => {
    const response = await send(body);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ type: "urn:todo-app:problem:bad-request" });
    expect(lines).toEqual([]);
  });

  it("aren't read beyond what browsers send", async () => {
    const response = await send("x".repeat(MAX_REPORT_BYTES + 1));
    expect(response.status).toBe(413);
    expect(lines).toEqual([]);
  });

  it("are told up to a number in a minute, for each address and for all of them", async () => {
    const { perMinute, perMinuteAndAddress } = REPORT_LIMITS;
    for (let count = 0; count < perMinuteAndAddress; count += 1) {
      expect((await send(OLD)).status).toBe(204);
    }
    const refused = await send(OLD);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    // Another address is heard, until all together have had enough.
    for (let count = perMinuteAndAddress; count < perMinute; count += 1) {
      expect((await send(OLD, `192.0.2.${count}`)).status).toBe(204);
    }
    expect((await send(OLD, "198.51.100.1")).status).toBe(429);
    expect(lines).toHaveLength(perMinute);

    now += 60_000;
    expect((await send(OLD)).status).toBe(204);
    expect(lines.at(-1)).toMatchObject({ dropped_before: 1 });
    expect(lines.map(({ dropped_before }) => dropped_before).filter(Boolean)).toEqual([1, 1]);
  });

  it("of one body count one by one", async () => {
    const many = Array.from({ length: REPORT_LIMITS.perMinuteAndAddress + 5 }, () => NEW[0]);
    expect((await send(many)).status).toBe(429);
    expect(lines).toHaveLength(REPORT_LIMITS.perMinuteAndAddress);
  });
});
