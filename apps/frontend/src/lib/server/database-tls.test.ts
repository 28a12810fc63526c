import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { databaseTarget } from "./database-tls";

const BASE = "postgresql://todo:p%40ss@db.example:5432/todo";
const UNVERIFIED = { rejectUnauthorized: false };

describe("databaseTarget", () => {
  let folder: string;
  let root: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tls-"));
    root = join(folder, "root.crt");
    writeFileSync(root, "an authority");
  });
  beforeEach(() => {
    vi.stubEnv("SSL_CERT_FILE", "");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each<[string, unknown[]]>([
    ["", [UNVERIFIED, false]],
    ["sslmode=disable", [false]],
    ["sslmode=allow", [false, UNVERIFIED]],
    ["sslmode=prefer", [UNVERIFIED, false]],
    ["sslmode=require", [UNVERIFIED]],
    ["sslmode=verify-full", [{}]],
    ["sslmode=verify-full&sslrootcert=system", [{}]],
    ["sslrootcert=system", [{}]],
    ["sslnegotiation=direct", [UNVERIFIED]],
  ])("tries what libpq does for %j", (query, attempts) => {
    expect(databaseTarget(query ? `${BASE}?${query}` : BASE)).toEqual({
      connectionString: BASE,
      attempts,
    });
  });

  it("verifies by the file that is named, and the name only where that is asked for", () => {
    const of = (mode: string): ConnectionOptions => {
      const [only, ...others] = databaseTarget(
        `${BASE}?sslmode=${mode}&sslrootcert=${root}`,
      ).attempts;
      expect(others).toEqual([]);
      return only as ConnectionOptions;
    };
    expect(of("verify-full")).toEqual({ ca: "an authority" });
    for (const mode of ["verify-ca", "require"]) {
      const tls = of(mode);
      expect(tls.ca).toBe("an authority");
      expect(tls.rejectUnauthorized).toBeUndefined();
      expect(tls.checkServerIdentity?.("another.example", {} as never)).toBeUndefined();
    }
  });

  it("trusts the authorities that OpenSSL is pointed to", () => {
    vi.stubEnv("SSL_CERT_FILE", root);
    const system = `${BASE}?sslmode=verify-full&sslrootcert=system`;
    expect(databaseTarget(system).attempts).toEqual([{ ca: "an authority" }]);
  });

  it("brings the client's own certificate", () => {
    const query = `sslmode=require&sslcert=${root}&sslkey=${root}`;
    expect(databaseTarget(`${BASE}?${query}`).attempts).toEqual([
      { ...UNVERIFIED, cert: "an authority", key: "an authority" },
    ]);
  });

  it("leaves the URL's other parameters alone", () => {
    const { connectionString } = databaseTarget(`${BASE}?sslmode=require&schema=public`);
    expect(connectionString).toBe(`${BASE}?schema=public`);
  });

  it.each([
    ["sslmode=no-verify", "sslmode must be one of disable, allow"],
    ["sslmode=require&sslrootcert=system", "goes with sslmode=verify-full only"],
    ["sslmode=verify-full&sslrootcert=/nowhere.crt", "/nowhere.crt, can't be read (ENOENT)"],
  ])("refuses %s, without telling the URL", (query, message) => {
    const error = (() => {
      try {
        return databaseTarget(`${BASE}?${query}`);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain("p%40ss");
  });
});
