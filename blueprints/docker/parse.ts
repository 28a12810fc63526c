import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Instruction as Node } from "dockerfile-ast";
import { Ignore } from "../../components/images/dockerignore";
import { parsedOnce } from "../parsed-once";
import type { Dockerfile, Instruction, ParsedDockerfile, Stage } from "./dockerfile";

/**
 * Reads a Dockerfile and its .dockerignore.
 * @param path of the Dockerfile
 * @param context folder of its build context; the Dockerfile's own unless said
 */
export function readDockerfile(path: string, context = dirname(path)): Dockerfile {
  const own = `${path}.dockerignore`;
  const ignoreFile = existsSync(own) ? own : join(context, ".dockerignore");
  const ignore = existsSync(ignoreFile) ? new Ignore(readFileSync(ignoreFile, "utf8")) : undefined;
  const text = readFileSync(path, "utf8");
  return { ...parsedOnce(__filename, text, () => parseDockerfile(text)), name: path, ignore };
}

/** The stages and instructions in a Dockerfile's text. */
export function parseDockerfile(text: string): ParsedDockerfile {
  // Loaded only where a Dockerfile is parsed: it takes longer than all rules together.
  const { DockerfileParser } = require("dockerfile-ast") as typeof import("dockerfile-ast");
  const head: Instruction[] = [];
  const stages: Stage[] = [];
  for (const node of DockerfileParser.parse(text).getInstructions()) {
    const instruction = toInstruction(node);
    const stage = stages.at(-1);
    if (instruction.keyword === "FROM") stages.push(toStage(instruction, stages.length, head));
    else if (stage) stage.instructions.push(instruction);
    else head.push(instruction);
  }
  return { head, stages };
}

interface Flagged {
  getFlags?(): { getName(): string; getValue(): string | null }[];
}

function toInstruction(node: Node): Instruction {
  const keyword = node.getKeyword().toUpperCase();
  const flags = (node as Flagged).getFlags?.() ?? [];
  const text = node.getArgumentsContent() ?? "";
  const list = jsonList(text);
  return {
    keyword,
    text,
    words: list ?? node.getArguments().map((argument) => argument.getValue()),
    isExec: list !== undefined,
    flags: Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ""])),
    line: node.getRange().start.line + 1,
  };
}

function jsonList(text: string): string[] | undefined {
  if (!text.trimStart().startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((each) => typeof each === "string") ? list : undefined;
  } catch {
    return undefined; // Docker hands it to a shell then
  }
}

function toStage(from: Instruction, index: number, head: readonly Instruction[]): Stage {
  const [base = "", as, name] = from.words;
  return {
    from,
    base: filledIn(base, head),
    name: as?.toUpperCase() === "AS" && name !== undefined ? name : String(index),
    instructions: [],
  };
}

/** A base's name with the arguments that stand before the first FROM. */
function filledIn(base: string, head: readonly Instruction[]): string {
  return base.replace(/\$\{?(\w+)(?::-([^}]*))?\}?/g, (whole, name: string, fallback?: string) => {
    const words = head.filter(({ keyword }) => keyword === "ARG").flatMap((each) => each.words);
    const value = words.findLast((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    return value ?? fallback ?? whole;
  });
}
