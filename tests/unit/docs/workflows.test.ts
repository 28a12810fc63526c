/** The steps of a team's workflow as the shell runs them, with small programs in the place of npm, gh and docker. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";

const ROOT = join(__dirname, "../../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

interface Step {
  name?: string;
  run?: string;
  shell?: string;
}
interface Job {
  if: string;
  permissions?: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  environment?: string;
  steps: Step[];
}
interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const deploy = parse(read(".github/workflows/deploy.yml")) as Workflow;
const check = parse(read(".github/workflows/check.yml")) as Workflow;

/** Notes how it was called, each argument in brackets, and what it was given. */
const PROGRAM = `#!/bin/sh
{ printf '%s' "$(basename "$0")"; printf ' [%s]' "$@"; echo; } >>calls
case "$(basename "$0") $1 $2 $3" in
  "npm run --silent preview") echo "~ Deployment/todo-app-backend"; echo "why it failed" >&2; exit "$PREVIEW" ;;
  "docker login"*) cat >password ;;
esac
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "workflow-"));
  for (const name of ["npm", "gh", "docker"]) {
    writeFileSync(join(folder, name), PROGRAM);
    chmodSync(join(folder, name), 0o755);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const written = (name: string): string =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";

/** Runs a job's step as GitHub does with `shell: bash`; its exit code. */
function runStep(job: string, name: string, env: Record<string, string>): number | null {
  const step = deploy.jobs[job]?.steps.find((each) => each.name === name);
  if (step?.run === undefined || step.shell !== "bash") throw new Error(`no step ${job}/${name}`);
  const PATH = [folder, process.env.PATH].join(delimiter);
  return spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run], {
    cwd: folder,
    env: { PATH, STACK: "team", RUNNER_TEMP: folder, GITHUB_ENV: join(folder, "env"), ...env },
  }).status;
}

describe("a preview of a pull request", () => {
  const ENV = { PULL_REQUEST: "7", GITHUB_REPOSITORY: "us/app" };

  it.each(["0", "2"])("is its one comment, where preview ends with %s", (PREVIEW) => {
    expect(runStep("preview", "preview", { ...ENV, PREVIEW })).toBe(0);
    expect(written("calls")).toBe(
      [
        "npm [run] [--silent] [preview] [--] [--stack] [team]",
        "gh [pr] [comment] [7] [--repo] [us/app] [--edit-last] [--create-if-none] [--body-file] [comment.md]",
        "",
      ].join("\n"),
    );
    expect(written("comment.md")).toBe(
      "### Preview of stack `team`\n\n~~~~\n~ Deployment/todo-app-backend\n~~~~\n",
    );
  });

  it("that fails tells why, and fails the job", () => {
    expect(runStep("preview", "preview", { ...ENV, PREVIEW: "1" })).toBe(1);
    expect(written("comment.md")).toContain("~~~~\nwhy it failed\n~~~~");
    expect(written("calls")).toContain("gh [pr] [comment]");
  });

  it("isn't made for a fork, whose code would get the secrets", () => {
    expect(deploy.jobs.preview?.if).toContain(
      "github.event.pull_request.head.repo.full_name == github.repository",
    );
  });
});

describe("what a job may use", () => {
  it("is a kubeconfig that only it can read, and the registry's password by standard input", () => {
    const env = {
      ...{ KUBECONFIG_TEXT: "apiVersion: v1", REGISTRY: "registry.example.com/team" },
      ...{ REGISTRY_USER: "ci", REGISTRY_PASSWORD: "p$ss word" },
    };
    expect(runStep("up", "access", env)).toBe(0);
    expect(written("kubeconfig")).toBe("apiVersion: v1\n");
    const mode = spawnSync("ls", ["-l", join(folder, "kubeconfig")], { encoding: "utf8" }).stdout;
    expect(mode).toMatch(/^-rw------- /);
    expect(written("env")).toBe(`KUBECONFIG=${folder}/kubeconfig\n`);
    expect(written("calls")).toBe(
      "docker [login] [registry.example.com] [--username] [ci] [--password-stdin]\n",
    );
    expect(written("password")).toBe("p$ss word");
  });
});

describe("a push to main", () => {
  it("deploys, then verifies what runs", () => {
    expect(runStep("up", "up", {})).toBe(0);
    expect(runStep("up", "verify", {})).toBe(0);
    expect(written("calls")).toBe(
      "npm [run] [up] [--] [--stack] [team]\nnpm [run] [verify] [--] [--stack] [team]\n",
    );
  });
});

describe("a rollback by hand", () => {
  it.each([
    ["", ""],
    ["3", " [--to] [3]"],
    ["3; rm -rf /", " [--to] [3; rm -rf /]"],
  ])("to version %j is one command, whatever was typed", (VERSION, more) => {
    expect(runStep("rollback", "rollback", { VERSION })).toBe(0);
    expect(written("calls")).toBe(`npm [run] [rollback] [--] [--stack] [team]${more}\n`);
  });
});

describe("a workflow", () => {
  it.each(Object.entries({ deploy, check }))("%s pastes no expression into a shell", (_, flow) => {
    expect(flow.permissions).toEqual({ contents: "read" });
    const scripts = Object.values(flow.jobs).flatMap(({ steps }) => steps.map(({ run }) => run));
    expect(scripts.filter((script) => script?.includes("${{"))).toEqual([]);
  });

  it("runs one update of a stack at a time, and ends none for the next", () => {
    const { up, rollback } = deploy.jobs;
    expect(up?.concurrency?.["cancel-in-progress"]).toBe(false);
    expect(rollback?.concurrency).toEqual(up?.concurrency);
    expect(up?.environment).toContain("vars.STACK");
    expect(rollback?.environment).toBe(up?.environment);
  });

  it("wants nothing that the page for teams doesn't name", () => {
    const wanted = [...read(".github/workflows/deploy.yml").matchAll(/(?:vars|secrets)\.(\w+)/g)];
    const names = [...new Set(wanted.map(([, name = ""]) => name))];
    const page = read("docs/teams.md");
    expect(names.length).toBeGreaterThan(6);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
