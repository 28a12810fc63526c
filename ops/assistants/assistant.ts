import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Look } from "../audit";
import type { Desk } from "../desk";
import type { Reviewed } from "../review";

/** The assistants that there are adapters for. */
export const ASSISTANTS = ["kubectl-ai", "kagent", "gordon"] as const;
export type AssistantName = (typeof ASSISTANTS)[number];

/** What an engineer may choose about the language model; the assistant's own settings where absent. */
export interface ModelChoice {
  provider?: string | undefined;
  model?: string | undefined;
}

/** What an assistant said. */
export interface Answer {
  text: string;
  exitCode: number;
  /** What it looked at by itself. */
  looks: Look[];
  /** What it wanted to run beyond looking, reviewed. Commands in the text are not among them. */
  suggestions: Reviewed[];
}

/** An assistant that is installed here. */
export interface Assistant {
  name: AssistantName;
  version: string;
  /** The language model, as far as it is known. */
  model: string;
  /** Puts a question. Nothing but looking happens meanwhile. @throws UserError */
  ask(desk: Desk, question: string): Promise<Answer>;
}

/** Runs some work with a folder that only this user can enter, and removes it. */
export async function withPrivateFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "ops-")); // mode 0700
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
