/** The updates of a stack that had something new to deploy, noted before anything is changed. */
import { execFileSync } from "node:child_process";
import { hostname, userInfo } from "node:os";
import type { dynamic } from "@pulumi/pulumi";
import type { JsonObject } from "../runtime/json";
import { changedKeys, type Tags } from "./deployment";
import { legacyDeployments } from "./legacy";

/** How many are remembered. */
const ROWS = 100;

/** One update that had something new to deploy. */
export interface Attempt {
  /** Counted from 1; the name by which people speak of a version. */
  number: number;
  /** Identity of what it wanted to deploy. */
  identity: string;
  version: string;
  tags: Tags;
  /** When it began, by the clock of the machine that made it, in ISO form: for people only. */
  time: string;
  /** User and machine that made it. */
  by: string;
  /** Commit that was checked out, with "+" where files had changed since; empty without git. */
  commit: string;
  /** Keys of the configuration that differ from the attempt before. */
  configChanged: string[];
}

interface Inputs {
  stack: string;
  identity: string;
  version: string;
  tags: Tags;
  config: JsonObject;
  /** Whether it may be returned to; a development loop's may not. */
  kept: boolean;
}

/** What the state holds. */
export interface AttemptsState extends Inputs {
  rows: Attempt[];
  /** Number of the newest. */
  number: number;
}

/** Notes attempts in the state: with it they are everybody's who works on the stack. */
export const provider: dynamic.ResourceProvider<Inputs, AttemptsState> = {
  async diff(_id, olds, news) {
    return { changes: news.kept && olds.rows.at(-1)?.identity !== news.identity };
  },
  async create(inputs) {
    const legacy = legacyDeployments(inputs.stack);
    const rows = legacy.map(({ identity, version, tags, time, config }, index): Attempt => {
      const before = legacy[index - 1]?.config ?? {};
      const configChanged = index === 0 ? [] : changedKeys(before, config);
      return {
        number: index + 1,
        identity,
        version,
        tags,
        time,
        by: "",
        commit: "",
        configChanged,
      };
    });
    const before = legacy.at(-1)?.config;
    return { id: inputs.stack, outs: added(inputs, rows, before) };
  },
  async update(_id, olds, news) {
    return { outs: added(news, olds.rows, olds.config) };
  },
  async read(id, state) {
    return { id, props: state as AttemptsState };
  },
  async delete() {
    // It goes with the state.
  },
};

function added(inputs: Inputs, rows: readonly Attempt[], before?: JsonObject): AttemptsState {
  const last = rows.at(-1);
  if (last?.identity === inputs.identity || !inputs.kept)
    return { ...inputs, rows: [...rows], number: last?.number ?? 0 };
  const { identity, version, tags, config } = inputs;
  const number = (last?.number ?? 0) + 1;
  const row: Attempt = {
    ...{ number, identity, version, tags, time: new Date().toISOString() },
    ...{ by: `${userInfo().username}@${hostname()}`, commit: commit() },
    configChanged: before ? changedKeys(before, config) : [],
  };
  return { ...inputs, rows: [...rows, row].slice(-ROWS), number };
}

function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const head = git("rev-parse", "--short=12", "HEAD");
    return `${head}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+"}`;
  } catch {
    return "";
  }
}
