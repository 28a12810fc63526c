import { createHash } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { SecretSearch } from "../../run/secrets";
import { folderWith } from "../support/folder";

const SECRET = "s3cr3t+of/the=tests?~";
const NOTHING = createHash("sha512").update("noise").digest("hex");

function search(): SecretSearch {
  return new SecretSearch({ PASSWORD: SECRET });
}

describe("a secret is found", () => {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  test.each([
    ["in clear", SECRET],
    ["in a URL", encodeURIComponent(SECRET)],
    ["in Base64", base64(SECRET)],
    ["in Base64, one byte within it", base64(`x${SECRET}y`)],
    ["in Base64, two bytes within it", base64(`xx${SECRET}yy`)],
    ["in Base64, three bytes within it", base64(`xxx${SECRET}`)],
    ["in URL-safe Base64", Buffer.from(`x${SECRET}`).toString("base64url")],
  ])("%s", (_, text) => {
    const secrets = search();
    secrets.text("logs", NOTHING);
    expect([...secrets.found]).toEqual([]);
    secrets.text("logs", `${NOTHING} ${text} ${NOTHING}`);
    expect([...secrets.found]).toEqual(["PASSWORD in logs"]);
  });

  test("where a stream parts it", async () => {
    const secrets = search();
    const halves = [SECRET.slice(0, 5), SECRET.slice(5)].map((text) => Buffer.from(text));
    await secrets.stream("image", Readable.from([Buffer.from(NOTHING), ...halves]));
    expect([...secrets.found]).toEqual(["PASSWORD in image"]);
    expect(secrets.looked.get("image")).toBe(NOTHING.length + SECRET.length);
  });
});

describe("of a folder", () => {
  test("every file is looked into, but not what is left out or linked", async () => {
    const folder = folderWith({ "a/b/c.json": NOTHING, "keys/own": SECRET, own: SECRET });
    symlinkSync(join(folder, "own"), join(folder, "a/link"));
    const secrets = search();
    await secrets.folder("state", folder, ["keys", "own"]);
    expect([...secrets.found]).toEqual([]);
    await secrets.folder("state", folder, ["keys"]);
    expect([...secrets.found]).toEqual(["PASSWORD in state"]);
  });

  test("compressed files are unpacked, and names of files count", async () => {
    const packed = folderWith({});
    const named = folderWith({ "for-s3cr3t-of-tests": "" });
    writeFileSync(join(packed, "x.gz"), gzipSync(`${NOTHING}${SECRET}`));
    const secrets = new SecretSearch({ PASSWORD: SECRET, NAME: "s3cr3t-of-tests" });
    await secrets.folder("backups", packed);
    await secrets.folder("reports", named);
    expect([...secrets.found]).toEqual(["PASSWORD in backups", "NAME in reports"]);
  });
});

test("a secret that stands anywhere by chance isn't looked for", () => {
  expect(() => new SecretSearch({ PIN: "1234" })).toThrow("PIN is too short");
});
