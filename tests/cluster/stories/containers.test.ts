/**
 * Story 1: both images by themselves, run by plain Docker as narrowly as the cluster runs them, beside a
 * database of the tests' own. TEST_COLD_BUILD=1 builds without Docker's cache, which takes minutes.
 */
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { dockerfileFindings, imageFindings } from "../../../cli/verify/sources";
import { freePort } from "../../../common/free-port";
import { run } from "../../../common/run";
import { contentTag } from "../../../components/images/build-context";
import { addReadableTags, ensureLocalImage } from "../../../components/images/docker";
import { answer, Client, newUser } from "../support/client";
import { figure, timed } from "../support/figures";
import { required } from "../support/required";
import { inspectImage, Sandbox } from "../support/sandbox";
import { agentToken } from "../support/tokens";

jest.setTimeout(5 * 60_000);

const BACKEND = required("CHART_TEST_BACKEND_IMAGE");
const FRONTEND = required("CHART_TEST_FRONTEND_IMAGE");
const APPS = resolve(__dirname, "../../../apps");
const VERSION = "4.5.6";
const MB = 1_000_000;
/** What an image that only runs one program has no use for. */
const TOOLS =
  /(^|\/)s?bin\/(sh|bash|dash|ash|busybox|apt|apt-get|dpkg|apk|pip[\d.]*|npm|npx|yarn|corepack|gcc|cc|g\+\+|ld|as|make|perl|curl|wget)$/;

/** The image's own health check, asked more often than it is by default. */
const CHECK_OFTEN = ["--health-interval", "1s", "--health-retries", "2"];
const NEXT_CACHE = ["--tmpfs", "/app/.next/cache:uid=1000"];

const sandbox = new Sandbox(`todo-containers-${process.pid}`);
let work: string;
let publicUrl: string;
let backendUrl: string;
/** A front end that knows another port, and a back end that isn't there. */
let elsewhereUrl: string;
let settings: Record<string, string>;
/** What the migration of an empty database said, and that of a migrated one. */
let migrations: string[];
const secondsToHealthy = { backend: Number.NaN, frontend: Number.NaN };

/** A copy of an application's folder, without what was installed or made there. */
function copyOf(app: "backend" | "frontend", name: string): string {
  const folder = join(work, name);
  const made = new Set(["node_modules", ".next", "__pycache__"]);
  cpSync(join(APPS, app), folder, { recursive: true, filter: (path) => !made.has(basename(path)) });
  return folder;
}

function migrate(): Promise<string> {
  const command = ["python", "-m", "app.migrate"];
  return sandbox.runNarrow("migrate", BACKEND, { env: settings, command });
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "containers-"));
  const frontendPort = await freePort();
  const backendPort = await freePort();
  const elsewherePort = await freePort();
  publicUrl = `http://127.0.0.1:${frontendPort}`;
  backendUrl = `http://127.0.0.1:${backendPort}`;
  elsewhereUrl = `http://127.0.0.1:${elsewherePort}`;
  const password = randomBytes(18).toString("hex");
  settings = {
    DATABASE_URL: `postgresql://todo:${password}@database:5432/todo`,
    JWT_SECRET: randomBytes(32).toString("hex"),
    BETTER_AUTH_SECRET: randomBytes(32).toString("hex"),
    BETTER_AUTH_URL: publicUrl,
    FRONTEND_URL: "http://frontend:3000",
    BACKEND_URL: "http://backend:7860",
    APP_VERSION: VERSION,
  };
  await sandbox.open();
  await sandbox.startPostgres("database", { password });
  migrations = [await migrate(), await migrate()];
  await Promise.all([
    sandbox.startNarrow("backend", BACKEND, {
      env: settings,
      flags: ["--publish", `127.0.0.1:${backendPort}:7860`],
    }),
    sandbox.startNarrow("frontend", FRONTEND, {
      env: settings,
      flags: [...NEXT_CACHE, "--publish", `127.0.0.1:${frontendPort}:3000`],
    }),
  ]);
  for (const app of ["backend", "frontend"] as const) {
    await sandbox.health(app, "healthy", 120);
    secondsToHealthy[app] = await sandbox.secondsToHealthy(app);
  }
  // For later tests: a back end to freeze, and a front end with other settings.
  await sandbox.startNarrow("frozen", BACKEND, { env: settings, flags: CHECK_OFTEN });
  const other = { PORT: "8123", BACKEND_URL: "http://nobody:7860", BETTER_AUTH_URL: elsewhereUrl };
  await sandbox.startNarrow("elsewhere", FRONTEND, {
    env: { ...settings, ...other },
    flags: [...NEXT_CACHE, ...CHECK_OFTEN, "--publish", `127.0.0.1:${elsewherePort}:8123`],
  });
});

afterAll(async () => {
  await sandbox.remove();
  rmSync(work, { recursive: true, force: true });
});

describe("the back end's image", () => {
  it("is made in stages, from nothing but what runs, and small (story 1.1, FR-001, SC-001)", async () => {
    const stages = stagesOf("backend");
    expect(stages.length).toBeGreaterThan(1);
    expect(stages.at(-1)?.base).toBe("scratch");
    expect(stages.at(-1)?.text).not.toMatch(/^RUN /m);
    expect(stages.filter(({ text }) => text.includes("pip install")).length).toBeGreaterThan(0);
    const files = await sandbox.files(BACKEND);
    expect(files).toContain("usr/local/bin/python");
    expect(files.filter((file) => TOOLS.test(file))).toEqual([]);
    expect(files.filter((file) => /\/(pip|setuptools|pytest|mypy)\//.test(file))).toEqual([]);
    const size = Math.round((await inspectImage(BACKEND)).Size / MB);
    figure("SC-001", "size of the back end's image", size, "MB");
    expect(size).toBeLessThan(500);
    expect(size).toBeLessThanOrEqual(200);
  });

  it("runs Python unbuffered, without writing bytecode (FR-010)", async () => {
    expect((await inspectImage(BACKEND)).Config.Env).toEqual(
      expect.arrayContaining(["PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"]),
    );
    const flags = "import sys; print(sys.flags.dont_write_bytecode, sys.stdout.write_through)";
    expect(await sandbox.exec("backend", "python", "-c", flags)).toBe("1 True");
  });

  it("has Alembic and the migrations, which make every table once and change nothing twice (FR-015, FR-062)", async () => {
    const done = migrations.map((output) => JSON.parse(output.split("\n").at(-1) ?? "") as object);
    expect(done).toMatchObject([
      { event: "migrate.done", before: null, changed: true },
      { event: "migrate.done", changed: false },
    ]);
    const psql = ["psql", "--username", "todo", "--tuples-only", "--no-align", "--command"];
    const query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    expect((await sandbox.exec("database", ...psql, query)).split("\n")).toEqual(
      expect.arrayContaining(["alembic_version", "task", "chat_thread", "chat_item", "user"]),
    );
  });

  it("tells its health, service and version within 2 s (story 1.2, story 1.6)", async () => {
    const { seconds, result } = await timed(async () =>
      (await fetch(`${backendUrl}/health`)).json(),
    );
    expect(result).toEqual({ status: "healthy", service: "todo-backend", version: VERSION });
    figure("story 1.6", "/health of the container", seconds, "s");
    expect(seconds).toBeLessThan(2);
  });

  it("exposes 7860 and serves MCP at /mcp, to those with a token (story 1.2, FR-005)", async () => {
    expect(Object.keys((await inspectImage(BACKEND)).Config.ExposedPorts)).toEqual(["7860/tcp"]);
    const user = await newUser(publicUrl);
    const token = await agentToken(user, settings.JWT_SECRET ?? "");
    const call = (method: string, params: object, authorization?: string) =>
      fetch(`${backendUrl}/mcp`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
          ...(authorization && { authorization }),
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      });
    const hello = {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "tests", version: "1" },
    };
    for (const authorization of [undefined, "Bearer nonsense"]) {
      const refused = await call("initialize", hello, authorization);
      expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([
        401,
        expect.stringMatching(/^Bearer /),
      ]);
    }
    const initialized = await call("initialize", hello, `Bearer ${token}`);
    expect([initialized.status, await initialized.json()]).toMatchObject([
      200,
      {
        result: { serverInfo: { name: "todo-app", version: VERSION }, capabilities: { tools: {} } },
      },
    ]);
    const listed = await call("tools/list", {}, `Bearer ${token}`);
    const { result } = (await listed.json()) as { result: { tools: { name: string }[] } };
    expect(result.tools.map(({ name }) => name).sort()).toEqual([
      ...["add_task", "complete_task", "complete_tasks", "delete_task", "delete_tasks", "get_task"],
      ...["list_tasks", "restore_tasks", "update_task", "update_tasks"],
    ]);
  });

  it("is healthy to Docker by /health, and not so while its process is frozen (FR-007)", async () => {
    const { Healthcheck } = (await inspectImage(BACKEND)).Config;
    expect(Healthcheck.Test).toEqual(["CMD", "python", "-m", "app.healthcheck"]);
    const check = readFileSync(join(APPS, "backend/app/healthcheck.py"), "utf8");
    expect(check).toMatch(/request\("GET", "\/health"\)[\s\S]*status == 200/);
    await sandbox.health("frozen", "healthy", 60);
    await sandbox.signal("frozen", "STOP");
    await sandbox.health("frozen", "unhealthy", 60);
    await sandbox.signal("frozen", "CONT");
    await sandbox.health("frozen", "healthy", 60);
  });
});

describe("the front end's image", () => {
  it("is Next.js' standalone server and nothing else, and small (story 1.3, FR-002, SC-001)", async () => {
    expect(stagesOf("frontend").length).toBeGreaterThan(1);
    const { Config, Size } = await inspectImage(FRONTEND);
    expect(Config.Cmd).toEqual(["node", "server.js"]);
    const files = await sandbox.files(FRONTEND);
    expect(files).toEqual(expect.arrayContaining(["app/server.js", "app/.next/BUILD_ID"]));
    expect(files.filter((file) => TOOLS.test(file))).toEqual([]);
    const { devDependencies } = JSON.parse(
      readFileSync(join(APPS, "frontend/package.json"), "utf8"),
    ) as { devDependencies: Record<string, string> };
    for (const name of Object.keys(devDependencies)) {
      expect(files.filter((file) => file.startsWith(`app/node_modules/${name}/`))).toEqual([]);
    }
    expect(await sandbox.read(FRONTEND, "app/server.js")).toMatch(/"output":\s*"standalone"/);
    const size = Math.round(Size / MB);
    figure("SC-001", "size of the front end's image", size, "MB");
    expect(size).toBeLessThan(300);
    expect(size).toBeLessThanOrEqual(180);
  });

  it("exposes 3000, and takes its port and the back end's URL from its environment (story 1.4, FR-006)", async () => {
    expect(Object.keys((await inspectImage(FRONTEND)).Config.ExposedPorts)).toEqual(["3000/tcp"]);
    await sandbox.health("elsewhere", "healthy", 60);
    const lost = await newUser(elsewhereUrl);
    expect((await lost.request("/api/backend/api/tasks")).status).toBe(503);
    // The same image with the right URL.
    const user = await newUser(publicUrl);
    expect((await user.request("/api/backend/api/tasks")).status).toBe(200);
  });
});

test("a chat message goes through the front end to the back end, and its answer comes back (story 1.5)", async () => {
  const user = new Client(publicUrl);
  await user.signUp();
  expect(answer(await user.chat("add buy milk"))).toMatch(/milk/i);
  expect((await user.tasks()).map(({ title }) => title.toLowerCase())).toEqual(["buy milk"]);
});

describe.each([
  ["backend", BACKEND],
  ["frontend", FRONTEND],
] as const)("either image: %s", (app, deployed) => {
  it("is healthy within 30 s of its creation, with half a CPU (SC-002)", () => {
    const seconds = secondsToHealthy[app];
    figure("SC-002", `${app}'s container created to healthy, by Docker`, seconds, "s");
    expect(seconds).toBeLessThan(30);
  });

  it("keeps the blueprint, its Dockerfile too (FR-001 to FR-011, SC-001, SC-003, SC-012)", async () => {
    expect(dockerfileFindings(join(APPS, app, "Dockerfile"))).toEqual([]);
    expect(await imageFindings(deployed, process.env)).toEqual([]);
  });

  it("runs as UID 1000, without capabilities, unable to gain any (story 1.1, story 1.3, FR-003)", async () => {
    expect((await inspectImage(deployed)).Config.User).toBe("1000:1000");
    const read =
      app === "backend"
        ? ["python", "-c", "print(open('/proc/1/status').read())"]
        : ["node", "-p", "require('fs').readFileSync('/proc/1/status', 'utf8')"];
    const status = await sandbox.exec(app, ...read);
    expect(status).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
    expect(status).toMatch(/^Gid:\s+1000\s+1000\s+1000\s+1000$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  });

  it("brings no environment's settings along, and no secret (SC-003, SC-012)", async () => {
    const names = (await inspectImage(deployed)).Config.Env.map((line) => line.split("=")[0] ?? "");
    expect(
      names.filter((name) => /URL|SECRET|KEY|TOKEN|PASSWORD|ENVIRONMENT|LOG/.test(name)),
    ).toEqual([]);
    const files = await sandbox.files(deployed);
    expect(files.filter((file) => /(^|\/)\.env|\.key$|(^|\/)\.npmrc$/.test(file))).toEqual([]);
  });

  it("is made from bases with deterministic tags (FR-008)", () => {
    const names = new Set(["scratch", ...stagesOf(app).map(({ name }) => name)]);
    const bases = new Set(
      stagesOf(app)
        .map(({ base }) => base)
        .filter((base) => !names.has(base)),
    );
    expect([...bases]).toEqual([app === "backend" ? "python:3.11-slim" : "node:22-slim"]);
  });

  it("is built by plain Docker in under 5 minutes, and holds nothing that .dockerignore names (story 1.8, FR-004, FR-013, FR-014)", async () => {
    const context = copyOf(app, `${app}-with-decoys`);
    const marker = `decoy-${randomBytes(12).toString("hex")}`;
    const decoys = [
      ...[".env", ".env.local", ".env.production", ".git/config", ".git/HEAD"],
      ...[
        "node_modules/decoy/index.js",
        "tests/test_decoy.py",
        "tests/decoy.test.ts",
        "decoy.test.ts",
      ],
      ...[".next/decoy.js", "dist/decoy.js", "build/decoy.js", "coverage/decoy.json", "decoy.log"],
      ...(app === "backend"
        ? ["app/.env", "app/__pycache__/decoy.pyc", ".venv/decoy.py"]
        : ["src/decoy.test.ts", "src/app/decoy.test.tsx", "src/.env"]),
    ];
    for (const name of decoys) {
      mkdirSync(dirname(join(context, name)), { recursive: true });
      writeFileSync(join(context, name), `${marker}\n`);
    }
    const cold = process.env.TEST_COLD_BUILD === "1" ? ["--no-cache"] : [];
    const clean = copyOf(app, `${app}-without-decoys`);
    const { seconds, result } = await timed(() => sandbox.build(app, clean, ...cold));
    figure("FR-014", `build of ${app}${cold.length > 0 ? ", nothing cached" : ""}`, seconds, "s");
    expect(seconds).toBeLessThan(5 * 60);
    const image = await sandbox.build(`${app}-decoys`, context);
    expect((await inspectImage(image)).Id).toBe((await inspectImage(result)).Id);
    expect(await sandbox.contains(image, marker)).toBe(false);
    expect((await sandbox.files(image)).filter((file) => file.includes("decoy"))).toEqual([]);
  });

  it("has its version and the commit as tags, on the very image of its content (FR-009)", async () => {
    const context = copyOf(app, `${app}-to-tag`);
    const repository = `${sandbox.name}/${app}`;
    const byContent = `${repository}:${contentTag(VERSION, context)}`;
    const id = await ensureLocalImage(byContent, { context });
    await addReadableTags(byContent, VERSION);
    const commit = await run("git", ["rev-parse", "--short=12", "HEAD"]);
    const listed = await run("docker", [
      "images",
      "--no-trunc",
      "--format",
      "{{.Tag}} {{.ID}}",
      repository,
    ]);
    const tags = Object.fromEntries(listed.split("\n").map((line) => line.split(" ")));
    expect(tags[`v${VERSION}`]).toBe(id);
    expect(tags[`git-${commit}`] ?? tags[`git-${commit}-dirty`]).toBe(id);
  });
});

test("an edit of the back end's code makes one layer anew, and leaves the dependencies' as it is (FR-011)", async () => {
  const context = copyOf("backend", "backend-to-edit");
  const marker = `edit-${randomBytes(12).toString("hex")}`;
  const before = await inspectImage(await sandbox.build("backend-before", context));
  appendFileSync(join(context, "app/__init__.py"), `# ${marker}\n`);
  const { seconds, result: image } = await timed(() => sandbox.build("backend-after", context));
  figure("FR-011", "edit of the back end to its image", seconds, "s");
  const after = await inspectImage(image);
  expect(await sandbox.contains(image, marker)).toBe(true);
  const changed = after.RootFS.Layers.filter((layer) => !before.RootFS.Layers.includes(layer));
  expect(changed).toHaveLength(1);
  expect(after.RootFS.Layers.indexOf(changed[0] ?? "")).toBeGreaterThan(1);
  const final = stagesOf("backend").at(-1)?.text ?? "";
  const copied = [...final.matchAll(/^COPY --from=(\S+)/gm)].map(([, stage]) => stage);
  expect(copied).toEqual(["build", "build", "app"]);
});

test("code that can't be loaded makes no image, and the build says where", async () => {
  const context = copyOf("backend", "backend-unloadable");
  // Loaded beside the first requests only: in a pod it would come too late.
  appendFileSync(join(context, "app/chat/context.py"), "import nothing_such\n");
  await expect(sandbox.build("backend-unloadable", context)).rejects.toThrow(
    /app\/chat\/context\.py[\s\S]*No module named 'nothing_such'/,
  );
});

/** The stages of an application's Dockerfile. */
function stagesOf(app: string): { base: string; name: string; text: string }[] {
  const text = readFileSync(join(APPS, app, "Dockerfile"), "utf8");
  return text
    .split(/^(?=FROM )/m)
    .filter((part) => part.startsWith("FROM "))
    .map((part) => {
      const [, base = "", name = ""] = /^FROM (\S+)(?: AS (\S+))?/.exec(part) ?? [];
      return { base, name, text: part };
    });
}
