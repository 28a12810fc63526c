/** Where the secrets of the deployed stack must not be, after everything that was done with it. */
import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ROOT } from "../../cli/session/workspace";
import { run } from "../../common/run";
import { STATE_FOLDER } from "../../components/record/state-folder";
import { SecretSearch } from "../run/secrets";
import { databaseContainer } from "./support/database";
import type { Pod } from "./support/namespace";
import {
  configure,
  folder,
  helm,
  kubectl,
  namespace,
  npm,
  output,
  pulumi,
  STACK,
} from "./support/stack";

jest.setTimeout(5 * 60_000);

const PASSPHRASE_FILE = join(STATE_FOLDER, "passphrase");
/** The files that keep a secret for the commands, readable by their owner only. */
const KEEPERS = [PASSPHRASE_FILE];
const MB = 1_000_000;

const NEW_SECRET = randomBytes(32).toString("base64url");
let search: SecretSearch;

beforeAll(async () => {
  await namespace.settled();
  const { data } = await namespace.get<{ data: Record<string, string> }>(
    "secret",
    "todo-app-secrets",
  );
  const secrets = Object.entries(data)
    .map(([name, value]): [string, string] => [name, Buffer.from(value, "base64").toString()])
    .filter(([, value]) => value !== "");
  expect(secrets.map(([name]) => name)).toEqual(
    expect.arrayContaining(["DATABASE_URL", "JWT_SECRET", "BETTER_AUTH_SECRET"]),
  );
  const passphrase = readFileSync(join(folder, PASSPHRASE_FILE), "utf8").trim();
  const password = await run("docker", [
    "exec",
    databaseContainer(),
    "printenv",
    "POSTGRES_PASSWORD",
  ]);
  search = new SecretSearch({
    ...Object.fromEntries(secrets),
    ...{ "database password": password, passphrase, "new secret": NEW_SECRET },
  });
});

beforeEach(() => search.found.clear());

test("the search finds what is there: the Secret has all but the passphrase", async () => {
  search.text("the Secret", await kubectl("get", "secret", "todo-app-secrets", "--output=json"));
  const names = ["DATABASE_URL", "JWT_SECRET", "BETTER_AUTH_SECRET", "database password"];
  for (const name of names) expect([...search.found]).toContain(`${name} in the Secret`);
});

/** What was found, and that there was something to look through in each of these places. */
function expectNothingIn(...places: string[]): void {
  for (const place of places)
    expect([place, search.looked.get(place) ?? 0]).not.toEqual([place, 0]);
  expect([...search.found]).toEqual([]);
}

test("no secret stands in what Pulumi keeps: state, history, backups, configuration (SC-012)", async () => {
  const commands = ["stack export", "stack output --json", "stack history --json", "config --json"];
  await Promise.all(
    commands.map(async (command) => {
      const { code, stdout } = await pulumi(...command.split(" "));
      expect([command, code]).toEqual([command, 0]);
      search.text(command, stdout);
    }),
  );
  for (const kept of ["history", "backups", "stacks"])
    expect(existsSync(join(folder, STATE_FOLDER, ".pulumi", kept))).toBe(true);
  // The files of the stacks, and the deployments for rollback, lie in this folder too.
  await search.folder("copy of the project", folder, ["node_modules", ...KEEPERS]);
  expectNothingIn(...commands, "copy of the project");
});

test("no secret stands in Helm's values and records, nor in any object but the Secret (SC-012, FR-057)", async () => {
  search.text("Helm values", await helm("get", "values", "todo-app", "--all"));
  search.text("Helm manifest", await helm("get", "all", "todo-app"));
  const records = await kubectl(
    ...["get", "secrets", "--selector", "owner=helm"],
    ...["--output", "jsonpath={.items[*].data.release}"],
  );
  for (const record of records.split(" ")) {
    const packed = Buffer.from(Buffer.from(record, "base64").toString(), "base64");
    search.text("Helm records", gunzipSync(packed).toString());
  }
  const kinds = "configmaps,deployments,replicasets,pods,services,serviceaccounts,events";
  search.text("objects", await kubectl("get", kinds, "--output", "json"));
  search.text("descriptions", await kubectl("describe", "deployments,replicasets,pods"));
  expectNothingIn("Helm values", "Helm manifest", "Helm records", "objects", "descriptions");
});

test("no secret stands in the log of any container, of those before a restart too (SC-012)", async () => {
  for (const { metadata, status } of await namespace.list<Pod>("pods")) {
    const log = ["logs", metadata.name, "--all-containers", "--prefix"];
    search.text("logs", await kubectl(...log));
    for (const { name, restartCount } of status.containerStatuses ?? []) {
      if (restartCount === 0) continue;
      const before = ["logs", metadata.name, "--container", name, "--previous"];
      // The node may have cleared it away.
      search.text("logs before", (await namespace.try(before)).stdout);
    }
  }
  expectNothingIn("logs");
});

test("no secret stands in the images: their history, and every layer's bytes (SC-012)", async () => {
  const images = await Promise.all(["backendImage", "frontendImage"].map(output));
  for (const image of images) {
    search.text("image history", await run("docker", ["history", "--no-trunc", image]));
    search.text("image configuration", await run("docker", ["image", "inspect", image]));
    const layers = mkdtempSync(join(tmpdir(), "layers-"));
    try {
      const script = 'set -o pipefail; docker save "$1" | tar --extract --directory "$2"';
      await run("bash", ["-c", script, "bash", image, layers]);
      await search.folder(image, layers);
    } finally {
      rmSync(layers, { recursive: true });
    }
    expect(search.looked.get(image)).toBeGreaterThan(50 * MB);
  }
  expectNothingIn("image history", "image configuration");
});

test("no secret is shown by commands, where one is changed either (SC-012)", async () => {
  await configure("jwtSecret", NEW_SECRET, "--secret");
  try {
    const preview = await npm("preview");
    expect(preview.code).toBe(2);
    search.text("npm run preview", preview.stdout + preview.stderr);
    const diff = await pulumi("preview", "--diff");
    expect(diff.stdout).toMatch(/Secret/);
    search.text("pulumi preview --diff", diff.stdout + diff.stderr);
    search.text("configuration", (await pulumi("config", "--json")).stdout);
    const file = readFileSync(join(folder, `Pulumi.${STACK}.yaml`), "utf8");
    expect(file).toMatch(/jwtSecret:\s+secure: /);
    search.text("stack file", file);
  } finally {
    await configure("jwtSecret", undefined);
  }
  await Promise.all(
    [["doctor"], ["logs"], ["rollback", "--list"]].map(async ([script = "", ...flags]) => {
      const { stdout, stderr } = await npm(script, ...flags);
      search.text("output of commands", stdout + stderr);
    }),
  );
  expectNothingIn("npm run preview", "pulumi preview --diff", "stack file", "output of commands");
});

test("no secret stands in git's files, nor in what this run has reported (SC-012)", async () => {
  const listed = await run(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      cwd: ROOT,
    },
  );
  for (const file of listed.split("\0").filter(Boolean)) {
    const stats = lstatSync(join(ROOT, file), { throwIfNoEntry: false });
    if (stats?.isFile()) await search.file("git", join(ROOT, file));
  }
  // The output of `up`, the runners' reports, dumps of what has failed, the assistants' records.
  const reports = join(ROOT, "reports");
  expect(existsSync(join(reports, "test/up.log"))).toBe(true);
  await search.folder("reports", reports);
  expectNothingIn("git", "reports");
});
