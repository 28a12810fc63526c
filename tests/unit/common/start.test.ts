import { spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folderWith } from "../support/folder";

const ROOT = join(__dirname, "../../..");
const START = join(ROOT, "common/start.cjs");

/** Runs start.cjs as a Node.js of this version would. */
function start(version: string, file = START): { code: number | null; said: string } {
  const pretend = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
  const preload = join(folderWith({ "pretend.cjs": pretend }), "pretend.cjs");
  const child = spawnSync(process.execPath, ["--require", preload, file], { encoding: "utf8" });
  return { code: child.status, said: child.stderr };
}

describe("a command's start", () => {
  it.each(["18.19.0", "20.20.2", "22.11.0"])(
    "refuses Node.js %s in one error that says what to do",
    (version) => {
      const { code, said } = start(version);
      expect(code).toBe(1);
      expect(said).toBe(
        [
          `✗ Node.js ${version} is too old`,
          "  why:  this project and the Pulumi SDK need Node.js 22.12 or newer",
          "  next: install it from https://nodejs.org or with a version manager (nvm install 22), then npm ci\n",
        ].join("\n"),
      );
    },
  );

  it.each(["22.12.0", "24.0.0", "26.12.1"])("takes Node.js %s", (version) => {
    expect(start(version)).toEqual({ code: 0, said: "" });
  });

  it("says that the packages aren't installed", () => {
    const clone = folderWith({ "common/command.ts": "" });
    cpSync(START, join(clone, "common/start.cjs"));
    cpSync(join(ROOT, "package.json"), join(clone, "package.json"));
    const command = join(clone, "common/command.ts");
    const child = spawnSync(process.execPath, [join(clone, "common/start.cjs"), command], {
      encoding: "utf8",
    });
    expect(child.status).toBe(1);
    expect(child.stderr).toMatch(
      /^✗ the project's packages are not installed\n.*\n {2}next: npm ci\n$/,
    );
  });

  it("hands a command its arguments as Node.js would, and its exit code back", () => {
    const folder = folderWith({ "tsconfig.json": "{}" });
    const command = join(folder, "command.ts");
    const body =
      "const args: string[] = process.argv.slice(1); console.log(JSON.stringify(args)); process.exitCode = 3;";
    writeFileSync(command, body);
    const child = spawnSync(process.execPath, [START, command, "--stack", "x y"], {
      encoding: "utf8",
    });
    expect([child.status, JSON.parse(child.stdout)]).toEqual([3, [command, "--stack", "x y"]]);
  });
});
