import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A server's certificate, PEM, and its key. */
export interface Certificate {
  key: Buffer;
  cert: Buffer;
  /** File of the authority that signed it, which no machine trusts by itself. */
  authority: string;
}

/** Makes a certificate that is good for these hosts, and an authority that signs it, in a folder. */
export function makeCertificate(folder: string, hosts: readonly string[]): Certificate {
  const names = hosts.map((host) => `DNS:${host}`).join(",");
  writeFileSync(join(folder, "hosts.ext"), `subjectAltName=${names}\n`);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  };
  const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...fresh, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test");
  openssl("req", ...fresh, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server");
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "hosts.ext"];
  openssl("x509", "-req", "-in", "server.csr", ...signed, "-out", "server.crt");
  return {
    key: readFileSync(join(folder, "server.key")),
    cert: readFileSync(join(folder, "server.crt")),
    authority: join(folder, "ca.crt"),
  };
}
