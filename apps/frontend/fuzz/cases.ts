import { gzipSync } from "node:zlib";
import type { Random } from "./random";

/** One request, as bytes on the wire. */
export interface Case {
  /** For a failure's message. */
  name: string;
  /** What is sent, piece by piece. */
  pieces: Buffer[];
  /** Whether the request is one that an answer must come to; if not, whoever sent it hangs up soon. */
  complete: boolean;
}

/** In whose name requests are sent, at times. */
export interface Sender {
  cookie: string;
  /** The site's own. */
  origin: string;
}

const PATHS = [
  ...["/", "/chat", "/chat/thr_1", "/tasks", "/account", "/sign-in", "/sign-up", "/nowhere"],
  ...["/api/health", "/api/auth/sign-in/email", "/api/auth/sign-up/email", "/api/auth/sign-out"],
  ...["/api/auth/get-session", "/api/auth/jwks", "/api/auth/token", "/api/auth/revoke-sessions"],
  ...[
    "/api/backend/chatkit",
    "/api/backend/api/tasks",
    "/api/backend/api/tasks/1",
    "/api/backend/mcp",
  ],
  ...[
    "/api/backend/ready",
    "/_next/static/x.js",
    "/_next/image?url=/icon.svg&w=64&q=1",
    "/icon.svg",
  ],
  ...["/_next/data/x/sign-in.json", "/sign-in.rsc", "/chat.segments/_tree.segment.rsc", "/api"],
];
const ODD_SEGMENTS = [
  ...[
    "%00",
    "%ff",
    "%zz",
    "%",
    "%2e%2e",
    "..",
    "../..",
    "%2F",
    "%5c",
    "\\",
    "//",
    ";a=b",
    "%u0041",
  ],
  ...[
    "%F0%9F%98%80",
    "%c0%ae",
    "?",
    "??",
    "?next=//evil.example",
    "?next=%00",
    "?reason=%ff",
    "#x",
  ],
  ...["?_rsc=1", "?__nextLocale=x", "[...all]", "(forms)", "?constructor[prototype]=1", "?a[]=%"],
];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const ODD_METHODS = ["TRACE", "PROPFIND", "PURGE", "LOCK", "M-SEARCH", "QUERY", "get", "X"];
const CONTENT_TYPES = [
  ...["application/json", "application/x-www-form-urlencoded", "text/plain", "application/xml"],
  ...[
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/json; charset=utf-7",
    "",
  ],
  ...["text/x-component", "application/x-www-form-urlencoded; charset=\u0001", "a".repeat(500)],
];
const ODD_HEADERS: ReadonlyArray<readonly [name: string, values: readonly string[]]> = [
  ["rsc", ["1", "x"]],
  ["next-action", ["x", "a".repeat(40), `${"0".repeat(42)}`]],
  ["next-router-state-tree", ["[", "%5B%22%22%5D", "%", "[".repeat(3000)]],
  ["next-router-prefetch", ["1", "2"]],
  ["next-router-segment-prefetch", ["/_tree", "/../x", "%"]],
  ["next-url", ["/x", "http://["]],
  ["x-nextjs-data", ["1"]],
  ["x-middleware-subrequest", ["src/proxy:src/proxy:src/proxy:src/proxy:src/proxy"]],
  ["x-forwarded-host", ["evil.example", "a b", "[", "x".repeat(3000)]],
  ["x-forwarded-proto", ["https", "javascript", "https,http"]],
  ["x-forwarded-for", ["1.2.3.4", "::", "x".repeat(2000), ",,,,", "%"]],
  ["x-forwarded-port", ["99999", "x"]],
  ["x-request-path", ["//evil.example"]],
  ["x-request-id", ["a".repeat(65), "a b", "\u00ff"]],
  ["traceparent", ["00-", "ff".repeat(3000), `00-${"0".repeat(32)}-${"0".repeat(16)}-00`]],
  ["tracestate", ["=", "a=b,".repeat(2000), "\u00ff"]],
  ["x-expected-user", ["", "x", "x".repeat(5000)]],
  ["x-nonce", ["'unsafe-inline'"]],
  ["origin", ["null", "http://[", "https://evil.example", "x".repeat(3000)]],
  ["referer", ["http://[", "x".repeat(3000)]],
  ["accept", ["text/html", "*/*;q=x", ",".repeat(2000)]],
  ["accept-encoding", ["gzip", "br", "x;q=9", "gzip,".repeat(500)]],
  ["accept-language", ["*", "-", "de;q=", "x-".repeat(1000)]],
  ["range", ["bytes=0-", "bytes=9-1", `bytes=${"0-1,".repeat(500)}`]],
  ["if-none-match", ["*", 'W/"', '"'.repeat(500)]],
  ["if-modified-since", ["x", "Thu, 01 Jan 1970 00:00:00 GMT"]],
  ["authorization", ["Bearer x", "Basic %%%", "x".repeat(5000)]],
  [
    "cookie",
    ["=", ";;;", "theme=%", "better-auth.session_token=%E0%A4%A", `a=${"b".repeat(6000)}`],
  ],
  ["connection", ["close", "upgrade", "keep-alive, x"]],
  ["upgrade", ["websocket", "h2c"]],
  ["expect", ["100-continue", "200-ok"]],
  ["te", ["trailers"]],
  ["content-encoding", ["gzip", "br", "x"]],
  ["purpose", ["prefetch"]],
  ["sec-fetch-site", ["cross-site", "none", "x"]],
  ["user-agent", ["", "Googlebot", "x".repeat(7000)]],
];

function path(random: Random): string {
  let target = random.pick(PATHS);
  // Half of the requests get to where they are read.
  if (random.onceIn(2)) return target;
  for (let odd = random.below(3); odd > 0; odd--) target += `/${random.pick(ODD_SEGMENTS)}`;
  if (random.onceIn(12)) target += `/${random.bytes(20).toString("latin1").replace(/[\s]/g, "x")}`;
  if (random.onceIn(12)) target += `${random.pick(["/", "?x="])}${"a/".repeat(random.below(7000))}`;
  if (random.onceIn(12))
    target = `${random.pick(["http://evil.example", "//evil.example", "\\"])}${target}`;
  return random.onceIn(60) ? random.pick(["*", "", "http://", "x", "/\u0000"]) : target;
}

function headers(random: Random, { cookie, origin }: Sender): string[] {
  const lines = [
    `host: ${random.onceIn(50) ? random.pick(["", "[", "a b", "evil.example:x"]) : "localhost"}`,
  ];
  if (random.onceIn(2)) lines.push(`cookie: ${cookie}`);
  if (!random.onceIn(3)) lines.push(`origin: ${origin}`);
  for (let odd = random.below(4); odd > 0; odd--) {
    const [name, values] = random.pick(ODD_HEADERS);
    lines.push(`${name}: ${random.pick(values)}`);
  }
  if (random.onceIn(20)) lines.push(`x-long: ${"y".repeat(random.below(40_000))}`);
  if (random.onceIn(20))
    for (let many = random.below(1500); many > 0; many--) lines.push(`x-${many}: 1`);
  if (random.onceIn(40))
    lines.push(
      `${random
        .bytes(8)
        .toString("latin1")
        .replace(/[\r\n]/g, "")}: x`,
    );
  return lines;
}

function json(random: Random): string {
  const account = {
    name: "Ada",
    email: `fuzz-${random.below(1e9)}@example.com`,
    password: "x".repeat(8),
  };
  switch (random.below(9)) {
    case 0:
      return "[".repeat(random.below(200_000));
    case 1:
      return `${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`;
    case 2:
      return JSON.stringify({ ...account, name: "\u0000\ud800\u202e".repeat(random.below(40)) });
    case 3:
      return JSON.stringify({ ...account, email: "@".repeat(random.below(15_000)) });
    case 4:
      return JSON.stringify({
        ...account,
        [random.pick(["image", "callbackURL", "__proto__"])]: {},
      });
    case 5:
      return JSON.stringify({
        email: random.pick([null, 1, [], {}, true]),
        password: { length: 9 },
      });
    case 6:
      return `{"__proto__":{"email":"a@b.c"},"constructor":{"prototype":{}},"email":1e999}`;
    case 7:
      return JSON.stringify({
        type: "threads.create",
        params: { input: "x".repeat(random.below(300_000)) },
      });
    default:
      return JSON.stringify({ title: "x".repeat(random.below(300_000)) });
  }
}

function body(random: Random): Buffer {
  switch (random.below(8)) {
    case 0:
      return random.bytes(random.below(2000));
    case 1:
      return Buffer.from(`email=${"%F0%9F".repeat(random.below(3000))}&password=%00&name=%`);
    case 2:
      return Buffer.from("a=1&".repeat(random.below(5000)));
    case 3:
      return Buffer.from(
        `--x\r\ncontent-disposition: form-data; name="1_$ACTION_ID_${"a".repeat(40)}"\r\n\r\n\r\n--x--`,
      );
    case 4:
      return gzipSync(Buffer.alloc(random.below(8_000_000)));
    case 5:
      return random.onceIn(8)
        ? Buffer.alloc(random.below(30_000_000), "x")
        : Buffer.alloc(70_000, "[");
    default:
      return Buffer.from(json(random));
  }
}

function chunked(content: Buffer): Buffer[] {
  const size = 64 * 1024;
  const pieces: Buffer[] = [];
  for (let at = 0; at < content.length; at += size) {
    const piece = content.subarray(at, at + size);
    pieces.push(
      Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]),
    );
  }
  return [...pieces, Buffer.from("0\r\n\r\n")];
}

/** A request that `random` has made up. */
export function makeCase(random: Random, sender: Sender): Case {
  const method = random.onceIn(8) ? random.pick(ODD_METHODS) : random.pick(METHODS);
  const target = path(random);
  const lines = headers(random, sender);
  const name = `${method} ${target.slice(0, 120)}`;
  if (random.onceIn(50)) {
    return { name: "noise", pieces: [random.bytes(random.below(3000))], complete: false };
  }
  const start = (): Buffer =>
    Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1");
  if (["GET", "HEAD"].includes(method) && !random.onceIn(5)) {
    return { name, pieces: [start()], complete: true };
  }

  const content = body(random);
  lines.push(`content-type: ${random.onceIn(2) ? CONTENT_TYPES[0] : random.pick(CONTENT_TYPES)}`);
  switch (random.below(8)) {
    case 0: // announces more than it sends
      lines.push(`content-length: ${content.length + 1 + random.below(300_000_000)}`);
      return { name: `${name} (cut)`, pieces: [start(), content], complete: false };
    case 1: // contradicts itself
      lines.push(
        "content-length: 5",
        random.pick(["content-length: 6", "transfer-encoding: chunked"]),
      );
      return { name: `${name} (contradicts)`, pieces: [start(), content], complete: false };
    case 2:
      lines.push(`transfer-encoding: ${random.pick(["gzip", "chunked, chunked", "x"])}`);
      return { name: `${name} (coding)`, pieces: [start(), content], complete: false };
    case 3:
    case 4:
      lines.push("transfer-encoding: chunked");
      return { name: `${name} (chunked)`, pieces: [start(), ...chunked(content)], complete: true };
    default:
      lines.push(`content-length: ${content.length}`);
      return { name, pieces: [start(), content], complete: true };
  }
}
