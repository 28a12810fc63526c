import type { Ignore } from "../../components/images/dockerignore";

/** An instruction of a Dockerfile. */
export interface Instruction {
  /** In upper case: "RUN". */
  keyword: string;
  /** What stands behind keyword and flags, continued lines joined. */
  text: string;
  /** The text by words; of a list in JSON form its members. */
  words: string[];
  /** Whether it is in JSON form, and so runs without a shell. */
  isExec: boolean;
  /** Its flags, such as {from: "build"}. */
  flags: Record<string, string>;
  /** Line in the file, from 1. */
  line: number;
}

/** A stage: what follows a FROM. */
export interface Stage {
  from: Instruction;
  /** Image or stage that it starts from, arguments filled in. */
  base: string;
  /** Its name, else its number. */
  name: string;
  instructions: Instruction[];
}

/** A Dockerfile, parsed. */
export interface ParsedDockerfile {
  /** Instructions before the first FROM. */
  head: Instruction[];
  stages: Stage[];
}

/** A Dockerfile with what decides what it can copy. */
export interface Dockerfile extends ParsedDockerfile {
  /** How findings call it, such as "apps/backend/Dockerfile". */
  name: string;
  /** What keeps files out of the build context; undefined where there is no .dockerignore. */
  ignore: Ignore | undefined;
}

/** The stage whose image ships. */
export function finalStage({ stages }: ParsedDockerfile): Stage | undefined {
  return stages.at(-1);
}

/** Stages that a stage starts from, nearest first, itself included. */
export function lineage(dockerfile: ParsedDockerfile, stage: Stage | undefined): Stage[] {
  if (stage === undefined) return [];
  const index = dockerfile.stages.indexOf(stage);
  const parent = dockerfile.stages.slice(0, index).findLast(({ name }) => name === stage.base);
  return [stage, ...lineage(dockerfile, parent)];
}

/** The image, outside of the Dockerfile, that a stage comes from. */
export function baseImage(dockerfile: ParsedDockerfile, stage: Stage): string {
  return lineage(dockerfile, stage).at(-1)?.base ?? stage.base;
}

/** The last instruction of a kind that holds for a stage: its own, else that of what it starts from. */
export function effective(
  dockerfile: ParsedDockerfile,
  keyword: string,
  stage = finalStage(dockerfile),
): Instruction | undefined {
  for (const { instructions } of lineage(dockerfile, stage)) {
    const own = instructions.findLast((each) => each.keyword === keyword);
    if (own) return own;
  }
  return undefined;
}

/** What ENV and ARG set, by name; undefined for an argument without a default. */
export function assignments({ keyword, text, words }: Instruction): [string, string | undefined][] {
  const [first = ""] = words;
  if (keyword === "ENV" && !first.includes("=")) return [[first, text.slice(first.length).trim()]]; // the old form, ENV name value
  return words.map((word) => {
    const at = word.indexOf("=");
    if (at < 0) return [word, undefined];
    return [word.slice(0, at), word.slice(at + 1).replace(/^(["'])(.*)\1$/, "$2")];
  });
}

/** The commands that a RUN runs, each by its words, without what only leads to it: a shell, sudo, "then", a path. */
export function commands({ text, words, isExec }: Instruction): string[][] {
  return isExec ? plain(words) : commandsIn(text);
}

function commandsIn(text: string): string[][] {
  return text
    .split(/&&|\|\||[;\n|]/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .flatMap((part) => plain(part.split(/\s+/)));
}

const PREFIX = /^([({!]|then|else|do|if|while|time|exec|command|sudo|env)$/;

function plain([first = "", ...rest]: readonly string[]): string[][] {
  const program = first.replace(/^[({]+(?=.)/, "").replace(/^\/\S*\//, "");
  if (PREFIX.test(program)) {
    const next = rest.findIndex((word) => !/^-/.test(word));
    return next < 0 ? [] : plain(rest.slice(next));
  }
  const script = rest.findIndex((word) => /^-\w*c$/.test(word)) + 1;
  if (isShellName(program) && script > 0)
    return commandsIn(
      rest
        .slice(script)
        .join(" ")
        .replace(/^["']|["']$/g, ""),
    );
  return [[program, ...rest]];
}

/** Names of shells, as a part of a pattern. */
export const SHELL_NAME = "(?:ba|da|a|z|k)?sh";
const SHELL = new RegExp(`(?:^|/)${SHELL_NAME}$`);

/** Whether a program is a shell. */
export function isShellName(program: string): boolean {
  return SHELL.test(program);
}
