/** Pulumi's state in PostgreSQL, where two people's clones find the same stack. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../common/run";
import { freePort } from "../support/free-port";
import { Sandbox } from "./support/sandbox";

jest.setTimeout(3 * 60_000);

describe("state in PostgreSQL (pulumi login postgres://…)", () => {
  const sandbox = new Sandbox(`todo-state-${process.pid}`);
  const work = mkdtempSync(join(tmpdir(), "shared-state-"));
  let backend: string;

  beforeAll(async () => {
    const port = await freePort();
    const password = randomBytes(18).toString("hex");
    backend = `postgres://todo:${password}@127.0.0.1:${port}/state?sslmode=disable`;
    await sandbox.open();
    await sandbox.startPostgres("state", {
      ...{ database: "state", password },
      flags: ["--publish", `127.0.0.1:${port}:5432`],
    });
  });
  afterAll(async () => {
    await sandbox.remove();
    rmSync(work, { recursive: true });
  });

  /** The CLI in somebody's clone, with settings of their own. */
  function pulumiOf(person: string): (...args: string[]) => Promise<string> {
    const cwd = join(work, person);
    mkdirSync(cwd);
    writeFileSync(join(cwd, "Pulumi.yaml"), "name: shared\nruntime: nodejs\n");
    const env = {
      ...process.env,
      PULUMI_BACKEND_URL: backend,
      PULUMI_CONFIG_PASSPHRASE: "shared",
      PULUMI_HOME: join(work, `home-of-${person}`),
      PULUMI_SKIP_UPDATE_CHECK: "1",
    };
    return (...args) => run("pulumi", [...args, "--non-interactive"], { cwd, env });
  }

  it("is served by the CLI of this toolchain, to one after the other", async () => {
    const ada = pulumiOf("ada");
    const bob = pulumiOf("bob");
    await ada("stack", "init", "staging");
    const stacks = JSON.parse(await bob("stack", "ls", "--json")) as { name: string }[];
    expect(stacks.map(({ name }) => name)).toEqual(["staging"]);
    await bob("stack", "select", "staging");
    await bob("config", "set", "--secret", "key", "value");
    expect(await bob("config", "get", "key")).toBe("value");
    await bob("stack", "rm", "staging", "--yes");
    expect(await ada("stack", "ls", "--json")).toBe("[]");
  });
});
