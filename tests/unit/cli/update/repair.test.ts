import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Session } from "../../../../cli/session/session";
import { ROOT } from "../../../../cli/session/workspace";
import { endNow, isPulumi, orphansIn, releaseLocks, vanished } from "../../../../cli/update/repair";
import { processesIn } from "../../../../common/processes";
import { fingerprint } from "../../../../components/secrets/fingerprint";
import { folderWith } from "../../support/folder";

const VALUES = { DATABASE_URL: "postgresql://u:p@h/d", JWT_SECRET: "j".repeat(48) };
const MADE = {
  resources: [
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:Secret",
    "kubernetes:helm.sh/v3:Release",
  ].map((type) => ({ urn: `urn::${type}`, type })),
};
const BEGUN = { resources: MADE.resources.slice(0, 1) };

const encoded = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
const secret = (values: Record<string, string>) => ({
  kind: "Secret",
  metadata: { name: "todo-app-secrets" },
  data: encoded(values),
});
const deployment = {
  kind: "Deployment",
  metadata: { name: "todo-app-backend" },
  spec: { template: { metadata: { annotations: { "checksum/secret": fingerprint(VALUES) } } } },
};
const record = {
  kind: "Secret",
  metadata: {
    name: "sh.helm.release.v1.todo-app.v1",
    labels: { owner: "helm", name: "todo-app", version: "1", status: "deployed" },
  },
};

describe("what was taken away behind Pulumi's back", () => {
  test("is nothing where all is as it was made", () => {
    expect(vanished(MADE, [secret(VALUES), deployment, record], true)).toEqual([]);
  });

  test("is nothing where nothing was made", () => {
    expect(vanished({}, [], false)).toEqual([]);
  });

  test.each([
    ["the Secret", [deployment, record], ["Secret todo-app-secrets is gone"]],
    [
      "a value of the Secret",
      [secret({ ...VALUES, JWT_SECRET: "x" }), deployment, record],
      ["Secret todo-app-secrets has other values"],
    ],
    ["the release", [secret(VALUES), deployment], ["Helm release todo-app is gone"]],
    [
      "all in the namespace",
      [],
      ["Secret todo-app-secrets is gone", "Helm release todo-app is gone"],
    ],
  ])("is told: %s", (_, objects, expected) => {
    expect(vanished(MADE, objects, true)).toEqual(expected);
  });
});

describe("a cluster that was deleted after an update that had only begun", () => {
  test("has no namespace any more, which is told", () => {
    expect(vanished(BEGUN, [], false)).toEqual(["the namespace is gone"]);
  });

  test("has it still: then nothing is missing", () => {
    expect(vanished(BEGUN, [], true)).toEqual([]);
  });
});

describe("plugins whose Pulumi was killed", () => {
  const HOME = "/cache/pulumi-home";
  const CLONE = "/home/ada/todo-app";
  const PLUGIN = `${HOME}/plugins/resource-kubernetes-v4.25.0/pulumi-resource-kubernetes 127.0.0.1:1`;
  const OWN = `node ${CLONE}/node_modules/@pulumi/pulumi/cmd/dynamic-provider 127.0.0.1:1`;

  test("are those without a Pulumi above them", () => {
    const processes = [
      "    1     0 /sbin/init",
      "  100     1 /tools/pulumi up --yes --stack dev",
      `  101   100 ${PLUGIN}`,
      `  102   100 ${OWN}`,
      `  201     1 ${PLUGIN}`,
      `  202     1 ${OWN}`,
      "  301     1 /other/plugins/resource-kubernetes-v4.0.0/pulumi-resource-kubernetes 127.0.0.1:2",
      `  302     1 node ${CLONE}-2/node_modules/@pulumi/pulumi/cmd/dynamic-provider 127.0.0.1:2`,
    ].join("\n");
    expect(orphansIn(processesIn(processes), [HOME, CLONE])).toEqual([201, 202]);
  });

  // As `ps` shows the processes of Pulumi's own CLI: its launcher is a shell that stays.
  const REAL = [
    "    0     0 kernel_task",
    "    1     0 /sbin/launchd",
    "  400     1 npm run up",
    "  401   400 node common/start.cjs cli/commands/up.ts",
    "  402   401 pulumi up --yes --skip-preview --stack dev --non-interactive",
    "  403   402 /usr/local/bin/pulumi-language-nodejs 127.0.0.1:1",
    `  404   402 ${HOME}/plugins/resource-docker-v5.2.0/pulumi-resource-docker 127.0.0.1:1`,
    `  405   402 /bin/sh /usr/local/bin/pulumi-resource-pulumi-nodejs 127.0.0.1:1`,
    `  406   405 ${OWN}`,
  ];

  test("are none while the real CLI works, whose launcher stays between it and the plugin", () => {
    expect(orphansIn(processesIn(REAL.join("\n")), [HOME, CLONE])).toEqual([]);
  });

  test("are found behind the real CLI's launcher, too", () => {
    const killed = REAL.filter((line) => !line.includes("pulumi up")).map((line) =>
      line.replace(/ 402 /, "   1 "),
    );
    expect(orphansIn(processesIn(killed.join("\n")), [HOME, CLONE])).toEqual([404, 406]);
  });
});

describe("a process that holds a lock", () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  test("is known as Pulumi however long its path, and however narrow the terminal", () => {
    const file = `${"a-folder-with-a-long-name/".repeat(8)}pulumi`;
    const path = join(folderWith({ [file]: "#!/bin/sh\nsleep 60 & wait\n" }), file);
    chmodSync(path, 0o755);
    const pulumi = spawn(path, ["up"], { stdio: "ignore", detached: true });
    process.env.COLUMNS = "40";
    try {
      expect(isPulumi(pulumi.pid ?? 0)).toBe(true);
    } finally {
      process.kill(-(pulumi.pid ?? 0), "SIGKILL");
    }
  });

  test("may have ended by itself when it is to be ended", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    expect(() => endNow(pid)).not.toThrow();
  });
});

describe("locks in this clone's folder", () => {
  const stack = `unit-${process.pid}`;
  const folder = join(ROOT, ".state/.pulumi/locks/organization/todo-app", stack);
  const ended = spawnSync(process.execPath, ["--version"]).pid;
  const lock = { pid: ended, username: "ada", hostname: hostname(), timestamp: "2026-01-01" };
  beforeEach(() => mkdirSync(folder, { recursive: true }));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function released(isLocal: boolean): Promise<string[]> {
    const ran: string[] = [];
    const pulumi = { isLocal, quiet: async (args: string[]) => ran.push(args.join(" ")) };
    await releaseLocks({ stack, pulumi } as unknown as Session);
    return ran;
  }

  test("of a process that has ended are released, also beside one that can't be read", async () => {
    writeFileSync(join(folder, "a.json"), JSON.stringify(lock));
    writeFileSync(join(folder, "b.json"), '{"pid":');
    expect(await released(true)).toEqual(["cancel --yes"]);
  });

  test("say nothing of a shared backend, where a colleague may be at work", async () => {
    writeFileSync(join(folder, "a.json"), JSON.stringify(lock));
    expect(await released(false)).toEqual([]);
  });
});
