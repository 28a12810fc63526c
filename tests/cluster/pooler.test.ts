/** Both services behind PgBouncer as Debian has it, which gives a connection to each transaction anew. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../common/free-port";
import { answer, newUser } from "./support/client";
import { required } from "./support/required";
import { Sandbox } from "./support/sandbox";

jest.setTimeout(8 * 60_000);

const BACKEND = required("CHART_TEST_BACKEND_IMAGE");
const FRONTEND = required("CHART_TEST_FRONTEND_IMAGE");
const PEOPLE = 8;
/** Fewer than people, so that they share them. */
const SERVER_CONNECTIONS = 3;

const DOCKERFILE = `FROM postgres:15
RUN apt-get update && apt-get install -y --no-install-recommends pgbouncer
COPY pgbouncer.ini /etc/pgbouncer/
USER postgres
ENTRYPOINT ["sh", "-c", "printf '\\"todo\\" \\"%s\\"\\\\n' \\"$PASSWORD\\" >/tmp/users && exec pgbouncer /etc/pgbouncer/pgbouncer.ini"]
`;
const CONFIG = `[databases]
todo = host=database port=5432 dbname=todo
[pgbouncer]
listen_addr = *
listen_port = 6432
unix_socket_dir =
auth_type = scram-sha-256
auth_file = /tmp/users
pool_mode = transaction
default_pool_size = ${SERVER_CONNECTIONS}
max_client_conn = 200
`;

describe("a pooler between both services and the database", () => {
  const sandbox = new Sandbox(`todo-pooler-${process.pid}`);
  const folder = mkdtempSync(join(tmpdir(), "pooler-"));
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const password = randomBytes(18).toString("hex");
    await sandbox.open();
    await sandbox.startPostgres("database", { password });
    writeFileSync(join(folder, "Dockerfile"), DOCKERFILE);
    writeFileSync(join(folder, "pgbouncer.ini"), CONFIG);
    const image = await sandbox.build("pgbouncer", folder);
    await sandbox.start("pooler", image, { env: { PASSWORD: password } });
    const env = {
      DATABASE_URL: `postgresql://todo:${password}@pooler:6432/todo?pgbouncer=true`,
      JWT_SECRET: randomBytes(32).toString("hex"),
      BETTER_AUTH_SECRET: randomBytes(32).toString("hex"),
      BETTER_AUTH_URL: url,
      FRONTEND_URL: "http://frontend:3000",
      BACKEND_URL: "http://backend:7860",
    };
    await sandbox.runNarrow("migrate", BACKEND, { env, command: ["python", "-m", "app.migrate"] });
    await sandbox.startNarrow("backend", BACKEND, { env });
    await sandbox.startNarrow("frontend", FRONTEND, {
      env,
      flags: ["--tmpfs", "/app/.next/cache:uid=1000", "--publish", `127.0.0.1:${port}:3000`],
    });
    for (const service of ["backend", "frontend"]) await sandbox.health(service, "healthy", 120);
  });
  afterAll(async () => {
    await sandbox.remove();
    rmSync(folder, { recursive: true });
  });

  it("serves more people than it has connections, each with their own tasks and chats", async () => {
    const people = await Promise.all(Array.from({ length: PEOPLE }, () => newUser(url)));
    const own = people.map((_, index) => [`buy ${index} apples`, `call friend ${index}`]);
    await Promise.all(
      people.map(async (person, index) => {
        const [said = "", added = ""] = own[index] ?? [];
        expect(answer(await person.chat(`add ${said}`))).toContain(said);
        await person.addTask(added);
      }),
    );
    const tasks = await Promise.all(people.map((person) => person.tasks()));
    expect(tasks.map((list) => list.map(({ title }) => title))).toEqual(own);
    const sql = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'";
    const count = ["psql", "-U", "todo", "-d", "todo", "-Atc", sql];
    // The one that asks is among them.
    expect(Number(await sandbox.exec("database", ...count))).toBeLessThanOrEqual(
      SERVER_CONNECTIONS + 1,
    );
  });
});
