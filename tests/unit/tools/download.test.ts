import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tool } from "../../../tools/catalog";
import { download, getText, Unreachable, whyUnreachable } from "../../../tools/download";
import { ensure, find, platform } from "../../../tools/install";
import { folderWith } from "../support/folder";
import { half, inTurn, openWeb, page, status, type Web } from "./support/web";

const HOST = "release.example";
const FILE = `https://${HOST}/tool`;
const CONTENT = Buffer.from("#!/bin/sh\necho v2.3.4\n");
const PATIENCE = { pausesMs: [10, 10], stallMs: 300, connectMs: 2_000 };

let web: Web;
const environment = { ...process.env };

beforeEach(async () => {
  web = await openWeb([HOST, "down.example"]);
  for (const name of Object.keys(process.env)) if (/_proxy$/i.test(name)) delete process.env[name];
  process.env.HTTPS_PROXY = web.proxy;
  process.env.SSL_CERT_FILE = web.authority;
  process.env.XDG_CACHE_HOME = folderWith({});
  delete process.env.TODO_APP_OFFLINE;
});

afterEach(async () => {
  process.env = { ...environment };
  await web.close();
});

function target(): string {
  return join(folderWith({}), "file");
}

describe("a download", () => {
  it("goes by the proxy that the environment names, and trusts the machine's authorities", async () => {
    web.pages.set(`${HOST}/tool`, page(CONTENT));
    const file = target();
    await download(FILE, file, undefined, PATIENCE);
    expect(readFileSync(file)).toEqual(CONTENT);
    expect(web.asked).toEqual([`CONNECT ${HOST}`, `GET ${HOST}/tool`]);
  });

  it.each(["https_proxy", "ALL_PROXY"])("takes the proxy from %s, too", async (name) => {
    delete process.env.HTTPS_PROXY;
    process.env[name] = web.proxy;
    web.pages.set(`${HOST}/tool`, page("text"));
    await expect(getText(FILE, PATIENCE)).resolves.toBe("text");
  });

  it("goes round the proxy where NO_PROXY says so", async () => {
    process.env.NO_PROXY = HOST;
    await expect(getText(FILE, { ...PATIENCE, pausesMs: [] })).rejects.toThrow(Unreachable);
    expect(web.asked).toEqual([]);
  });

  it.each([
    ["ends half-way", half(CONTENT, "ends")],
    ["stalls", half(CONTENT, "stalls")],
    ["answers 503", status(503)],
    ["answers 429", status(429)],
  ])("is tried again where the host %s", async (_, hiccup) => {
    web.pages.set(`${HOST}/tool`, inTurn(hiccup, hiccup, page(CONTENT)));
    const file = target();
    await download(FILE, file, undefined, PATIENCE);
    expect(readFileSync(file)).toEqual(CONTENT);
  });

  it.each([
    ["ends half-way", half(CONTENT, "ends"), HOST],
    ["stalls", half(CONTENT, "stalls"), HOST],
    ["answers 503", status(503), `${HOST} answers 503`],
  ])(
    "is given up where the host still %s the third time, and leaves no file",
    async (_, play, reason) => {
      web.pages.set(`${HOST}/tool`, play);
      const file = target();
      const failed = download(FILE, file, undefined, PATIENCE);
      await expect(failed).rejects.toThrow(Unreachable);
      await expect(failed).rejects.toThrow(reason);
      expect(existsSync(file)).toBe(false);
      expect(web.asked.filter((line) => line.startsWith("GET"))).toHaveLength(3);
    },
  );

  it("isn't tried again where the file isn't there", async () => {
    await expect(getText(FILE, PATIENCE)).rejects.toThrow(`${HOST} answers 404`);
    expect(web.asked.filter((line) => line.startsWith("GET"))).toHaveLength(1);
  });

  it("names the proxy where it is the proxy that refuses, and asks it once", async () => {
    web.proxyStatus = () => 403;
    await expect(getText(FILE, PATIENCE)).rejects.toThrow(`the proxy answers 403 for ${HOST}`);
    expect(web.asked).toEqual([`CONNECT ${HOST}`]);
  });

  it("is refused from a host that an unknown authority vouches for", async () => {
    delete process.env.SSL_CERT_FILE;
    process.env.ALL_PROXY = "http://unused.invalid"; // another dispatcher than the trusting one's
    web.pages.set(`${HOST}/tool`, page(CONTENT));
    process.env.NO_PROXY = "nothing";
    await expect(getText(FILE, { ...PATIENCE, pausesMs: [] })).rejects.toThrow(/certificate/);
  });
});

describe("whether a host can be reached", () => {
  it("is not decided by one hiccup", async () => {
    let calls = 0;
    web.proxyStatus = () => (++calls < 3 ? 502 : 200);
    await expect(whyUnreachable(FILE, PATIENCE)).resolves.toBeUndefined();
  });

  it("is told with the reason, and asked once", async () => {
    web.proxyStatus = () => 403;
    for (let times = 0; times < 2; times += 1)
      await expect(whyUnreachable("https://down.example/x", PATIENCE)).resolves.toContain("403");
    expect(web.asked).toEqual(["CONNECT down.example"]);
  });
});

describe("installing a tool", () => {
  const tool = (changes: Partial<Tool> = {}): Tool => ({
    name: "frobnicate",
    version: "2.3.4",
    commands: ["frobnicate"],
    onPath: { args: ["--version"], version: /v(\d+\.\d+\.\d+)/, atLeast: "2.0.0" },
    upstream: { url: () => FILE, checksums: () => `${FILE}.sha256`, form: "file" },
    ...changes,
  });
  const publish = (content: Buffer, digest = sha256(content)): void => {
    web.pages.set(`${HOST}/tool`, page(content));
    web.pages.set(`${HOST}/tool.sha256`, page(`${digest}\n`));
  };

  it("takes its own release through the proxy, and then the cache", async () => {
    publish(CONTENT);
    const found = await ensure(tool());
    expect(found).toMatchObject({ source: "cache", version: "2.3.4" });
    expect(readFileSync(join(found.folder, "frobnicate"))).toEqual(CONTENT);
    const asked = web.asked.length;
    await ensure(tool());
    expect(web.asked).toHaveLength(asked);
  });

  it("refuses a file whose checksum is another, and keeps nothing of it", async () => {
    publish(CONTENT, sha256(Buffer.from("other")));
    await expect(ensure(tool())).rejects.toMatchObject({ what: `${FILE} has a wrong checksum` });
    await expect(find(tool())).resolves.toBeUndefined();
  });

  it.each([
    ["of another platform", "\x7fELF", /exit code/],
    ["of another version", "#!/bin/sh\necho v9.9.9\n", /says that it is 9\.9\.9/],
  ])("keeps no program %s in the cache", async (_, program, why) => {
    publish(Buffer.from(program));
    await expect(ensure(tool())).rejects.toMatchObject({ why: expect.stringMatching(why) });
    await expect(find(tool())).resolves.toBeUndefined();
  });

  const registry = [{ from: "script" as const, lines: { frobnicate: "#!/bin/sh\necho v2.3.4\n" } }];

  it("turns to package registries only where its release can't be had, and says so beforehand", async () => {
    const said = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    await ensure(tool({ registry }));
    const note = said.mock.calls
      .map(([text]) => String(text))
      .find((text) => text.startsWith("note:"));
    expect(note).toMatch(
      /release\.example answers 404.*package registries.*about \d+ min.*TODO_APP_OFFLINE=0/,
    );
    said.mockRestore();
  });

  it("doesn't turn to them where that is forbidden, or on another platform", async () => {
    process.env.TODO_APP_OFFLINE = "0";
    await expect(ensure(tool({ registry }))).rejects.toMatchObject({
      what: "frobnicate 2.3.4 can't be installed",
      why: `${HOST} answers 404`,
      next: expect.stringContaining("HTTPS_PROXY"),
    });
    delete process.env.TODO_APP_OFFLINE;
    const real = Object.getOwnPropertyDescriptor(process, "platform") as PropertyDescriptor;
    Object.defineProperty(process, "platform", { value: "darwin" });
    try {
      expect(platform().os).toBe("darwin");
      await expect(ensure(tool({ registry }))).rejects.toMatchObject({
        why: `${HOST} answers 404`,
      });
      await expect(find(tool({ registry }))).resolves.toBeUndefined();
    } finally {
      Object.defineProperty(process, "platform", real);
    }
  });
});

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
