import { chmodSync } from "node:fs";
import { join } from "node:path";
import { dockerfileRules } from "../../../../blueprints/docker";
import { testRuns } from "../../../../cli/verify/deployed";
import { dockerfileFindings, imageFindings, imageFrom } from "../../../../cli/verify/sources";
import { tryRun } from "../../../../common/run";
import { folderWith } from "../../support/folder";

// Some start the command itself; a busy machine takes its time.
jest.setTimeout(60_000);

const root = join(__dirname, "../../../..");
const FOREIGN = join(__dirname, "foreign");

function verify(...args: string[]): ReturnType<typeof tryRun> {
  return verifyFrom(root, ...args);
}

/** As npm runs it, which was called in a folder. */
function verifyFrom(folder: string, ...args: string[]): ReturnType<typeof tryRun> {
  return tryRun(process.execPath, ["common/start.cjs", "cli/commands/verify.ts", ...args], {
    ...{ cwd: root, env: { ...process.env, INIT_CWD: folder } },
  });
}

test("somebody else's Dockerfile: each fault by the rule that is for it", () => {
  const found = dockerfileFindings(join(FOREIGN, "Dockerfile"));
  expect(new Set(found.map(({ rule }) => rule.id))).toEqual(
    new Set([
      ...["docker/bases-pinned", "docker/dependencies-first", "docker/exec-form"],
      ...["docker/exposed-port", "docker/healthcheck", "docker/ignore-file", "docker/labels"],
      ...["docker/locked-dependencies", "docker/multi-stage", "docker/no-remote-scripts"],
      ...["docker/no-secrets", "docker/python-environment", "docker/user"],
      "docker/absolute-folders",
    ]),
  );
  expect(found.length).toBeGreaterThan(dockerfileRules.length / 2);
});

test("the command tells what is wrong, why, what to do, and that it is", async () => {
  const { code, stdout } = await verify("--dockerfile", join(FOREIGN, "Dockerfile"));
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^✗ docker\/user: .*Dockerfile, line 1: has no USER\n {2}why: .+\n {2}do: {2}.+$/m,
  );
  expect(stdout).toMatch(/\d+ mandatory, \d+ advisory, 0 accepted\n$/);
});

test("the command finds nothing in this project's own Dockerfiles, as JSON too", async () => {
  const { code, stdout } = await verify("--dockerfile", "apps/backend/Dockerfile", "--json");
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    { passed: true, tests: [], mandatory: [], advisory: [], accepted: [] },
  ]);
});

test("a file that isn't there is said so", async () => {
  const { code, stderr } = await verify("--dockerfile", "nowhere/Dockerfile");
  expect([code, stderr]).toEqual([
    64,
    expect.stringContaining("nowhere/Dockerfile is no Dockerfile"),
  ]);
});

test("a path is meant from the folder in which npm was called", async () => {
  const { code, stdout } = await verifyFrom(FOREIGN, "--dockerfile", "Dockerfile");
  expect(code).toBe(1);
  expect(stdout).toContain("verify/foreign/Dockerfile, line 1: has no USER");
});

test("values for no chart are refused, not left out", async () => {
  const { code, stderr } = await verify("--values", "values.yaml");
  expect([code, stderr]).toEqual([64, expect.stringContaining("there are values for no chart")]);
});

test("an image whose files can't be listed is no image without fault", async () => {
  const inspected = JSON.stringify([{ Size: 1, Config: {} }]);
  const folder = folderWith({
    docker: `#!/bin/sh\ncase "$1" in image) echo '${inspected}';; create) echo "no space left" >&2; exit 1;; esac\n`,
  });
  chmodSync(join(folder, "docker"), 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  await expect(imageFindings("todo-frontend:1", env)).rejects.toMatchObject({
    what: "the files of image todo-frontend:1 can't be listed",
    why: "no space left",
  });
});

test("an image is looked at as Docker tells it", () => {
  expect(
    imageFrom("todo-frontend:1", {
      Size: 136_000_000,
      Config: { User: "1000:1000", ExposedPorts: { "3000/tcp": {} }, Env: null },
    }),
  ).toEqual({
    name: "todo-frontend:1",
    budget: 300,
    size: 136_000_000,
    user: "1000:1000",
    env: [],
    labels: {},
    ports: ["3000/tcp"],
    healthcheck: [],
  });
});

test("Helm's tests are told one by one; a run that comes to none has failed", () => {
  const suite = (name: string, phase: string): string =>
    `TEST SUITE:     ${name}\nLast Started:   Sun\nLast Completed: Sun\nPhase:          ${phase}\n`;
  expect(testRuns(suite("health", "Succeeded") + suite("journey", "Failed"), false)).toEqual([
    { name: "health", passed: true },
    { name: "journey", passed: false },
  ]);
  expect(testRuns("", false)).toEqual([{ name: "helm test", passed: false }]);
  expect(testRuns("", false, "release: not found")).toEqual([
    { name: "helm test", passed: false, reason: "release: not found" },
  ]);
  expect(testRuns(suite("health", "Succeeded"), false)).toEqual([
    { name: "health", passed: true },
    { name: "helm test", passed: false },
  ]);
});
