/**
 * A reviewed preview as a file: Pulumi's own plan, to which the update is held, and what it was made from, so that
 * another tree or another state is refused before anything is built.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { messageOf, UserError } from "../../common/errors";
import { contentTag, folderHash } from "../../components/images/build-context";
import { PROJECT } from "../../components/names";
import { CHART } from "../../components/record/deployment";
import { version } from "../../package.json";
import { recordedBy } from "../rollback/history";
import type { Session } from "../session/session";
import { ROOT, stackConfig } from "../session/workspace";

/** Folders and files of the program beside what has a part of its own. */
const PROGRAM = ["components", "blueprints", "common"];
const PROGRAM_FILES = ["index.ts", "Pulumi.yaml", "package-lock.json"];

/** What a preview was made from, each part by a fingerprint that tells nothing of its content. */
interface Sources {
  stack: string;
  "the back end": string;
  "the front end": string;
  "the chart": string;
  "the configuration": string;
  "the program": string;
  "what is deployed": string;
}

/** A path as the user has meant it: from the folder in which npm or the command was called. */
export function givenPath(path: string, env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.INIT_CWD ?? process.cwd(), path);
}

/** Arguments and environment of `pulumi up` that hold it to a plan. */
export function planned(file: string): { args: string[]; env: Record<string, string> } {
  return { args: ["--plan", file], env: { PULUMI_EXPERIMENTAL: "true" } };
}

/** Notes in a plan that Pulumi has saved what it was made from. */
export async function seal(file: string, session: Session): Promise<void> {
  const plan = { ...readPlan(file), [PROJECT]: await sources(session) };
  writeFileSync(file, JSON.stringify(plan, null, 2), { mode: 0o600 });
}

/** @throws UserError where an update would do anything else than the plan says */
export async function checkPlan(file: string, session: Session): Promise<void> {
  const { stack } = session;
  const then = readPlan(file)[PROJECT] as Sources | undefined;
  if (then === undefined)
    throw refusal(
      file,
      "it wasn't saved by npm run preview, so that nobody knows of which tree it is",
      stack,
    );
  if (then.stack !== stack) throw refusal(file, `it is of stack "${then.stack}"`, then.stack);
  const now = await sources(session);
  const changed = (Object.keys(now) as (keyof Sources)[]).filter(
    (part) => now[part] !== then[part],
  );
  if (changed.length > 0)
    throw new UserError({
      what: "what is here isn't what was reviewed",
      why: `since ${file} was saved ${list(changed)} changed`,
      next: `review it again: ${saveAgain(stack)}`,
    });
}

async function sources({ stack, pulumi }: Session): Promise<Sources> {
  const { versions } = await recordedBy(pulumi);
  const last = versions.at(-1);
  return {
    stack,
    "the back end": contentTag(version, "apps/backend"),
    "the front end": contentTag(version, "apps/frontend"),
    "the chart": folderHash(CHART),
    "the configuration": hash(JSON.stringify(stackConfig(stack))),
    "the program": hash(
      [
        ...PROGRAM.map(folderHash),
        ...PROGRAM_FILES.map((file) => readFileSync(join(ROOT, file), "utf8")),
      ].join("\n"),
    ),
    "what is deployed": last ? `${last.number} ${last.result}` : "nothing",
  };
}

function readPlan(file: string): Record<string, unknown> {
  try {
    const plan: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof plan === "object" && plan !== null && "resourcePlans" in plan)
      return plan as Record<string, unknown>;
  } catch (error) {
    throw refusal(file, messageOf(error));
  }
  throw refusal(file, "it isn't one that a preview has saved");
}

function refusal(file: string, why: string, stack = "dev"): UserError {
  return new UserError({
    what: `${file} is no plan that can be used here`,
    why,
    next: saveAgain(stack),
  });
}

function saveAgain(stack: string): string {
  return `npm run preview -- --stack ${stack} --save plan.json`;
}

function list(parts: readonly string[]): string {
  const [last = "", ...others] = [...parts].reverse();
  const verb = parts.length === 1 ? "has" : "have";
  return `${others.length === 0 ? last : `${others.reverse().join(", ")} and ${last}`} ${verb}`;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
