/** Both services on a database that takes encrypted connections only, with a certificate of a company's own authority. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../common/free-port";
import { makeCertificate } from "../support/certificate";
import { answer, newUser } from "./support/client";
import { required } from "./support/required";
import { Sandbox } from "./support/sandbox";

jest.setTimeout(8 * 60_000);

const BACKEND = required("CHART_TEST_BACKEND_IMAGE");
const FRONTEND = required("CHART_TEST_FRONTEND_IMAGE");
const MIGRATE = ["python", "-m", "app.migrate"];
/** As pods get `caCertificates`. */
const AUTHORITY = "/authority.crt";

// The server refuses a key that others may read, and connections from outside that aren't encrypted.
const DOCKERFILE = `FROM postgres:15
COPY --chown=postgres server.crt server.key pg_hba.conf /tls/
RUN chmod 600 /tls/server.key
CMD ["postgres", "-c", "hba_file=/tls/pg_hba.conf", "-c", "ssl=on", "-c", "ssl_cert_file=/tls/server.crt", "-c", "ssl_key_file=/tls/server.key"]
`;
const ACCESS = `local all all trust
hostssl all all all scram-sha-256
`;

describe("a database with a certificate of a company's own authority", () => {
  const sandbox = new Sandbox(`todo-tls-${process.pid}`);
  const folder = mkdtempSync(join(tmpdir(), "tls-"));
  const password = randomBytes(18).toString("hex");
  let url: string;

  const trusting = ["--volume", `${join(folder, "ca.crt")}:${AUTHORITY}:ro`];
  const environment = (query: string, host = "database"): Record<string, string> => ({
    DATABASE_URL: `postgresql://todo:${password}@${host}:5432/todo?${query}`,
    JWT_SECRET: randomBytes(32).toString("hex"),
    BETTER_AUTH_SECRET: randomBytes(32).toString("hex"),
    BETTER_AUTH_URL: url,
    FRONTEND_URL: "http://frontend:3000",
    BACKEND_URL: "http://backend:7860",
    EXTRA_CA_CERTS: AUTHORITY,
    NODE_EXTRA_CA_CERTS: AUTHORITY,
  });
  /** Makes the tables by a connection like this; gives what was said. */
  const migrate = (
    query: string,
    { host = "database", flags = trusting }: { host?: string; flags?: readonly string[] } = {},
  ): Promise<string> =>
    sandbox.runNarrow("migrate", BACKEND, {
      ...{ env: environment(query, host), command: MIGRATE, flags },
    });

  beforeAll(async () => {
    makeCertificate(folder, ["database"]);
    writeFileSync(join(folder, "Dockerfile"), DOCKERFILE);
    writeFileSync(join(folder, "pg_hba.conf"), ACCESS);
    url = `http://127.0.0.1:${await freePort()}`;
    await sandbox.open();
    const image = await sandbox.build("postgres", folder);
    await sandbox.startPostgres("database", {
      ...{ image, password, flags: ["--network-alias", "elsewhere"] },
    });
  });
  afterAll(async () => {
    await sandbox.remove();
    rmSync(folder, { recursive: true });
  });

  it.each([
    [
      "an authority that isn't known",
      "sslmode=verify-full",
      { flags: [] },
      /certificate refused.*certificate verify failed/,
    ],
    [
      "another name than the certificate's",
      "sslmode=verify-full",
      { host: "elsewhere" },
      /certificate refused.*does not match host name/,
    ],
    ["no encryption", "sslmode=disable", {}, /credentials refused.*no encryption/],
  ])("is refused, or refuses, by %s", async (_, query, options, reason) => {
    await expect(migrate(query, options)).rejects.toThrow(reason);
  });

  it("serves both services, whose connections are verified and encrypted each", async () => {
    await migrate("sslmode=verify-full");
    const env = environment("sslmode=verify-full");
    await sandbox.startNarrow("backend", BACKEND, { env, flags: trusting });
    const published = ["--publish", `${new URL(url).host}:3000`];
    await sandbox.startNarrow("frontend", FRONTEND, {
      env,
      flags: [...trusting, "--tmpfs", "/app/.next/cache:uid=1000", ...published],
    });
    for (const service of ["backend", "frontend"]) await sandbox.health(service, "healthy", 120);

    const user = await newUser(url);
    expect(answer(await user.chat("add buy milk"))).toContain("milk");
    expect((await user.tasks()).map(({ title }) => title)).toEqual(["buy milk"]);
    const sql =
      "SELECT ssl, count(*) > 1 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL GROUP BY ssl";
    const kinds = await sandbox.exec("database", "psql", "-U", "todo", "-d", "todo", "-Atc", sql);
    expect(kinds.trim()).toBe("t|t");
  });
});
