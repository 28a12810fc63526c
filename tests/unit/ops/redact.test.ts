import { printable, REDACTED, Redactor } from "../../../ops/redact";

describe("redaction", () => {
  const plain = new Redactor();

  it.each([
    ["postgresql://todo:s3cr3t-pw@host:5432/todo", "s3cr3t-pw"],
    ["connecting to postgres://u:p%40ss:w0rd@db/x failed", "p%40ss:w0rd"],
    ["Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"],
    ["token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJhbGciOiJFZERTQSJ9"],
    ["OPENAI_API_KEY=sk-proj-0123456789abcdefABCDEF", "sk-proj-0123456789abcdefABCDEF"],
    ['{"password": "hunter22", "user": "a"}', "hunter22"],
    [`{"betterAuthSecret":"it\\"s here"}`, 'it\\"s here'],
    ["DATABASE_URL=abcd1234 next", "abcd1234"],
    ["jwt_secret: 'quoted value'", "quoted value"],
    ["key AKIAABCDEFGHIJKLMNOP", "AKIAABCDEFGHIJKLMNOP"],
    ["ghp_0123456789abcdefghijklmnop", "ghp_0123456789"],
    ["-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----", "MIIabc"],
    ["Set-Cookie: session=abcdef123456", "abcdef123456"],
  ])("takes the secret out of %j (FR-069)", (text, secret) => {
    const clean = plain.text(text);
    expect(clean).not.toContain(secret);
    expect(clean).toContain(REDACTED);
  });

  it.each([
    "GET /api/tasks 200 in 12 ms",
    "Readiness probe failed: HTTP probe failed with statuscode: 503",
    "image todo-backend:0.1.0-ce1a2fa48bc6 on http://192.168.49.2:30000/chat",
    "secretKeyRef",
  ])("leaves %j alone", (text) => {
    expect(plain.text(text)).toBe(text);
  });

  it("takes out known values wherever they stand, and in their usual encodings (FR-069)", () => {
    const url = "postgresql://todo:Zq8-kk/x2@host:5432/todo";
    const redactor = new Redactor([url, "xyzzy-plugh"]);
    const text = [
      `could not connect: ${url}`,
      "the password Zq8-kk/x2 was refused",
      "found xyzzy-plugh in a log",
      Buffer.from("xyzzy-plugh").toString("base64"),
      encodeURIComponent("Zq8-kk/x2"),
    ].join("\n");
    const clean = redactor.text(text);
    expect(clean).not.toMatch(/Zq8|xyzzy|eHl6enkt/);
    expect(clean.split(REDACTED).length).toBeGreaterThan(5);
  });

  it("goes through objects and lists", () => {
    const redactor = new Redactor(["xyzzy-plugh"]);
    expect(redactor.deep({ a: ["xyzzy-plugh"], b: { c: 1, d: "ok" } })).toEqual({
      a: [REDACTED],
      b: { c: 1, d: "ok" },
    });
  });

  it("keeps a text from taking over the terminal", () => {
    expect(printable("a\x1b[2J\x1b]0;title\x07b\rc\u202ed\ne")).toBe("abcd\ne");
  });

  it("knows a password that isn't encoded right, and none in a URL without one", () => {
    const redactor = new Redactor(["postgresql://todo:50%off-all@host/db", "https://host.example"]);
    expect(redactor.text("the word 50%off-all")).toBe(`the word ${REDACTED}`);
    expect(redactor.text("see host.example")).toBe("see host.example");
  });

  it("takes values of six characters and more, so that words and numbers stay", () => {
    const redactor = new Redactor(["secre", "sesame"]);
    expect(redactor.text("secre sesame")).toBe(`secre ${REDACTED}`);
  });

  it("takes the longest value first, so that nothing of it is left", () => {
    expect(new Redactor(["abcdef", "abcdefghi"]).text("x abcdefghi")).toBe(`x ${REDACTED}`);
  });

  it("leaves what is no text as it is", () => {
    const value = { a: null, b: 1, c: true, d: [undefined] };
    expect(plain.deep(value)).toEqual(value);
  });

  it("keeps what stands around a secret", () => {
    expect(plain.text("postgres://u:p@x@db/x")).toBe(`postgres://u:${REDACTED}@db/x`);
    expect(plain.text("a Bearer abcdefghij b")).toBe(`a Bearer ${REDACTED} b`);
    expect(plain.text("token=abc; next")).toBe(`token=${REDACTED}; next`);
  });
});
