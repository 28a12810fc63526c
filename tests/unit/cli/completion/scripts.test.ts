import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { bashCompletion, zshCompletion } from "../../../../cli/completion/scripts";
import { allCommands } from "../../../../cli/contents";
import { folderWith } from "../../support/folder";

const root = join(folderWith({ "it's a clone/Pulumi.staging.yaml": "" }), "it's a clone");
const commands = allCommands();

/** What bash offers when Tab is pressed at the end of a line. */
function offered(line: string): string[] {
  const words = line.split(" ");
  const script = [
    bashCompletion(commands, root),
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})`,
    `COMP_CWORD=${words.length - 1}`,
    "_todo_app",
    `printf "%s\\n" "\${COMPREPLY[@]}"`,
  ].join("\n");
  return execFileSync("bash", ["-c", script], { encoding: "utf8" }).split("\n").filter(Boolean);
}

describe("completion in bash", () => {
  it("offers the commands", () => {
    expect(offered("todo-app ro")).toEqual(["rollback"]);
    expect(offered("todo-app ").sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  it("offers a command's flags, and those of every command", () => {
    expect(offered("todo-app rollback --")).toEqual([
      "--to",
      "--list",
      "--json",
      "--stack",
      "--help",
    ]);
  });

  it("offers the words and the values that are known", () => {
    expect(offered("todo-app shell b")).toEqual(["backend"]);
    expect(offered("todo-app logs --component ")).toEqual(["backend", "frontend"]);
  });

  it("offers the stacks of the project's folder", () => {
    expect(offered("todo-app up --stack ")).toEqual(["dev", "staging"]);
  });

  it("leaves a value that it can't know to bash", () => {
    expect(offered("todo-app rollback --to ")).toEqual([]);
  });
});

describe("completion in zsh", () => {
  const script = zshCompletion(commands, root);

  it("knows every command with its meaning, and its flags", () => {
    for (const { name, flags } of commands) {
      expect(script).toContain(`'${name}:`);
      for (const flag of Object.keys(flags)) expect(script).toContain(`--${flag}[`);
    }
  });

  it("quotes what the shell would take for its own", () => {
    expect(script).toContain("it'\\''s a clone'/Pulumi.*.yaml");
  });
});
