import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { contents, PROJECT_SCRIPTS } from "../../../cli/contents";
import manifest from "../../../package.json";

const ROOT = join(__dirname, "../../..");

function todoApp(...args: string[]) {
  const file = join(ROOT, manifest.bin["todo-app"]);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("the table of contents", () => {
  const commands = contents().flatMap((section) => section.commands);

  it("has every command once, as it describes itself", () => {
    const files = readdirSync(join(ROOT, "cli/commands")).map((file) => file.replace(/\.ts$/, ""));
    expect(commands.map(({ name }) => name).sort()).toEqual(files.sort());
  });

  it("names scripts that package.json has", () => {
    const scripts = Object.keys(manifest.scripts);
    for (const { name } of commands) expect(scripts).toContain(name);
    for (const name of Object.keys(PROJECT_SCRIPTS)) expect(scripts).toContain(name);
  });

  it("is the order of the scripts, which `npm run` lists", () => {
    const scripts = Object.keys(manifest.scripts);
    const listed = commands.map(({ name }) => scripts.indexOf(name));
    expect(listed).toEqual([...listed].sort((a, b) => a - b));
  });
});

describe("todo-app", () => {
  it("without a command shows the table of contents", () => {
    const { status, stdout } = todoApp();
    expect(status).toBe(0);
    expect(stdout).toMatch(/\ndeploy\n {2}preview {5}Shows what up would change, on one screen\n/);
  });

  it("runs a command with its arguments", () => {
    expect(todoApp("logs", "--since", "soon")).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('✗ "soon" is no duration'),
    });
  });

  it.each(["upp", "../main", "--stack"])("knows no command %j", (name) => {
    expect(todoApp(name)).toMatchObject({
      status: 64,
      stderr: expect.stringContaining("next: todo-app help\n"),
    });
  });
});
