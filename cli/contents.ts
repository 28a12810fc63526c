/** The commands by what they are for, in the order in which a user meets them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Command, describeCommands } from "./main";

const COMMANDS = join(__dirname, "commands");

const SECTIONS: readonly { title: string; names: readonly string[] }[] = [
  { title: "deploy", names: ["preview", "up", "rollback", "unlock", "destroy"] },
  { title: "use", names: ["open", "status", "logs", "verify", "doctor"] },
  { title: "work on it", names: ["dev", "shell", "psql", "ops"] },
  { title: "by hand", names: ["env", "completion", "help"] },
];

/** Scripts of the project itself; they are no commands. */
export const PROJECT_SCRIPTS: Readonly<Record<string, string>> = {
  check: "All checks and tests that need no cluster.",
  test: "Everything proven, on a Minikube profile of the tests' own; its parts are test:unit and so on.",
  lint: "Linter, formatter and types.",
  format: "Puts the code into the one form.",
  release: "Cuts a version: changelog, package.json, chart, tag.",
  sbom: "Writes what is in each image, as CycloneDX.",
};

/** A part of the table of contents. */
export interface Section {
  title: string;
  commands: Command[];
}

/** Every command of the folder; one that stands in no section comes last. */
export function contents(): Section[] {
  const commands = allCommands();
  const named = new Set(SECTIONS.flatMap(({ names }) => names));
  const sections = SECTIONS.map(({ title, names }) => ({
    title,
    commands: names.flatMap((name) => commands.find((command) => command.name === name) ?? []),
  }));
  const others = commands.filter(({ name }) => !named.has(name));
  return others.length === 0 ? sections : [...sections, { title: "more", commands: others }];
}

/** Every command, as it describes itself. */
export function allCommands(): Command[] {
  const files = readdirSync(COMMANDS).filter((file) => file.endsWith(".ts"));
  return describeCommands(() => {
    for (const file of files) require(join(COMMANDS, file));
  });
}
