/** The loop on the real supervisor, without a cluster: edit, sync, fork, switch. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { until, Workbench } from "./support";

jest.setTimeout(60_000);

let bench: Workbench;
beforeEach(async () => {
  bench = new Workbench();
  await bench.start();
});
afterEach(() => bench.stop());

const save = (path: string, text: string): void =>
  writeFileSync(join(bench.context, "app", path), text);
const serves = (text: string): Promise<void> =>
  until(`the answer is ${text}`, async () => (await bench.answer()) === text);

it("serves an edit, and says which tree and how long after the save", async () => {
  save("answer.py", 'ANSWER = "second"\n');
  await serves("second");
  await until("it is told", () => bench.last("served")?.files === 1);
  expect(bench.last("served")).toMatchObject({ tree: bench.tree.hash(), files: 1 });
  expect(bench.last("served")?.seconds).toBeLessThan(5);
});

it("goes on with the code before where an edit is wrong, and says where", async () => {
  save("answer.py", 'ANSWER = "second"\nif True\n');
  await until("it is told", () => bench.last("broken") !== undefined);
  expect(bench.last("broken")).toMatchObject({ file: "app/answer.py", line: 2, serves: true });
  expect(bench.last("broken")?.error).toContain("SyntaxError");
  expect(await bench.answer()).toBe("first");

  save("answer.py", 'ANSWER = "second"\n\nimport not_installed\n');
  await until("it is told", () => bench.last("broken")?.line === 3);
  expect(bench.last("broken")?.error).toBe("ModuleNotFoundError: No module named 'not_installed'");
  expect(await bench.answer()).toBe("first");

  save("answer.py", 'ANSWER = "mended"\n');
  await serves("mended");
});

it("takes new files, renamed and deleted ones, and a hundred at once, as one edit", async () => {
  mkdirSync(join(bench.context, "app/many"));
  for (let index = 0; index < 100; index += 1) save(`many/m${index}.py`, `VALUE = ${index}\n`);
  save("many/__init__.py", "");
  save("answer.py", 'from app.many.m99 import VALUE\n\nANSWER = f"many {VALUE}"\n');
  await serves("many 99");
  expect(bench.events.filter(({ type }) => type === "broken")).toEqual([]);

  renameSync(join(bench.context, "app/many/m99.py"), join(bench.context, "app/many/last.py"));
  save("answer.py", 'from app.many.last import VALUE\n\nANSWER = f"last {VALUE}"\n');
  await serves("last 99");
  expect(existsSync(join(bench.overlay, "app/many/m99.py"))).toBe(false);

  rmSync(join(bench.context, "app/many"), { recursive: true });
  save("answer.py", 'ANSWER = "gone"\n');
  await serves("gone");
  expect(existsSync(join(bench.overlay, "app/many"))).toBe(false);
});

it("gives a pod that is replaced the whole tree without a keystroke", async () => {
  save("answer.py", 'ANSWER = "second"\n');
  await serves("second");
  await bench.losePod();
  await until("the stream's end is told", () => bench.last("lost") !== undefined);
  await bench.startPod();
  void bench.attach();
  await serves("second");
  expect(bench.last("connected")).toMatchObject({ files: 1 });
});

it("loses no request on a connection that stays open, and refuses none, while edits are served", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: string[] = [];
  let active = true;
  const client = (async () => {
    while (active) {
      answers.push(await bench.answer(agent));
      await sleep(1);
    }
  })();
  for (let edit = 0; edit < 5; edit += 1) {
    save("answer.py", `ANSWER = "edit ${edit}"\n`);
    await until("the open connection gets the edit", () => answers.at(-1) === `edit ${edit}`);
  }
  active = false;
  await client;
  agent.destroy();
  expect(answers.filter((answer) => answer === "")).toEqual([]);
});

it("ends an open stream within a second, even where the code before doesn't let go", async () => {
  save("answer.py", 'ANSWER = "stubborn"\n');
  await serves("stubborn");
  const ended = new Promise<number>((done) => {
    const request = get({ port: bench.port, host: "127.0.0.1", path: "/slow" }, (response) => {
      response.resume().on("error", () => undefined);
      response.on("close", () => done(Date.now()));
    });
    request.on("error", () => undefined);
  });
  await sleep(200);
  save("answer.py", 'ANSWER = "second"\n');
  await serves("second");
  const served = Date.now();
  expect((await ended) - served).toBeLessThan(1_500);
});

it("migrates first where a migration is edited", async () => {
  const migrated = (): string => readFileSync(join(bench.overlay, "migrated"), "utf8");
  expect(migrated()).toBe("first\n"); // at the start
  save("answer.py", 'ANSWER = "second"\n');
  await serves("second");
  expect(migrated()).toBe("first\n");
  const revision = readFileSync(join(bench.context, "app/migrations/revision.py"), "utf8");
  save("migrations/revision.py", revision.replace("first", "second"));
  save("answer.py", 'ANSWER = "third"\n');
  await serves("third");
  expect(migrated()).toBe("first\nsecond\n");

  save("migrations/revision.py", revision.replace("return 0", "return 1"));
  await until("it is told", () => bench.last("broken") !== undefined);
  expect(bench.last("broken")?.error).toContain("the migration failed (exit code 1)");
  expect(await bench.answer()).toBe("third");
});

it("has one terminal at a time, and names the other", async () => {
  const second = bench.newSync(() => undefined, 2);
  await expect(bench.attach(second)).rejects.toMatchObject({
    what: "the backend is being developed already",
    why: expect.stringContaining("by ada on laptop, process 1"),
  });
  bench.sync.close();
  await until("the first has left", () => bench.last("lost") !== undefined);
  void bench.attach(second);
  await until("the second has it", () => second.isConnected);
  second.close();
});

it("starts again what ends by itself", async () => {
  save(
    "answer.py",
    'import os, threading\n\nANSWER = "short"\nthreading.Timer(0.5, os._exit, [7]).start()\n',
  );
  await until("it is told", () => bench.last("ended") !== undefined);
  expect(bench.last("ended")).toEqual({ type: "ended", code: 7 });
  save("answer.py", 'ANSWER = "long"\n');
  await serves("long");
});

it("takes no path that leads out of the overlay", async () => {
  const { spawnSync } = await import("node:child_process");
  const program = join(__dirname, "../../../helm/todo-app/files/dev/backend.py");
  const code = `
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("supervisor", ${JSON.stringify(program)})
module = importlib.util.module_from_spec(spec)
sys.modules["supervisor"] = module
spec.loader.exec_module(module)
for path in ["../out.py", "app/../../out.py", "/etc/out.py", "other/file.py"]:
    try:
        module.Tree(pathlib.Path("/nowhere")).apply({path: ""}, [])
    except ValueError:
        continue
    sys.exit(path)
`;
  expect(spawnSync("python3", ["-c", code]).status).toBe(0);
});
