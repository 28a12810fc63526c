/** A load of many users on the front end, with a result for each request. */
import { setTimeout as sleep } from "node:timers/promises";
import { isNativeError } from "node:util/types";
import { answer, type Client, newUser, threadOf } from "./client";

/** What a user does, and how often out of a hundred times. */
const MIX = [
  { kind: "page", share: 15 },
  { kind: "read", share: 65 },
  { kind: "write", share: 15 },
  { kind: "chat", share: 5 },
] as const;
export type Kind = (typeof MIX)[number]["kind"];
export const KINDS: readonly Kind[] = MIX.map(({ kind }) => kind);

/** One request, and how it ended. */
export interface Outcome {
  kind: Kind;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt: number;
  /** Why it failed; undefined where it was answered as it should be. */
  failure: string | undefined;
}

/** Percentile of the durations of requests, in milliseconds. */
export function percentile(outcomes: readonly Outcome[], share: number): number {
  const sorted = outcomes
    .map(({ startedAt, endedAt }) => endedAt - startedAt)
    .sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Users who read, write and chat without a pause until they are stopped. */
export class Load {
  readonly outcomes: Outcome[] = [];
  /** When each request began that has no answer yet. */
  private readonly open = new Set<{ startedAt: number }>();
  private active = true;
  private readonly loops: Promise<void>[];

  private constructor(users: readonly Client[]) {
    this.loops = users.map((user, index) => this.run(user, index));
  }

  /** Signs users up and sets them to work. */
  static async start(baseUrl: string, users: number): Promise<Load> {
    return new Load(await Promise.all(Array.from({ length: users }, () => newUser(baseUrl))));
  }

  /** Waits until so many requests have ended. */
  async reach(count: number): Promise<void> {
    while (this.outcomes.length < count) await sleep(100);
  }

  /** Requests that were under way within a span of time, once all of them have ended: a late failure counts. */
  async within(from: number, to: number): Promise<Outcome[]> {
    while ([...this.open].some(({ startedAt }) => startedAt <= to)) await sleep(50);
    return this.outcomes.filter(({ startedAt, endedAt }) => endedAt >= from && startedAt <= to);
  }

  async stop(): Promise<void> {
    this.active = false;
    await Promise.all(this.loops);
  }

  private async run(user: Client, index: number): Promise<void> {
    let threadId: string | undefined;
    const act: Record<Kind, () => Promise<unknown>> = {
      page: () => user.text("/sign-in"),
      read: () => user.text("/api/backend/api/tasks?limit=20"),
      write: () => user.addTask(`task of ${user.email}`),
      chat: async () => {
        const events = await user.chat("what is on my list?", threadId);
        if (answer(events) === "") throw new Error("chat: the stream ended without an answer");
        threadId ??= threadOf(events);
      },
    };
    for (let turn = index; this.active; turn += 1) {
      const kind = kindOf(turn);
      const startedAt = Date.now();
      let failure: string | undefined;
      const request = { startedAt };
      this.open.add(request);
      try {
        await act[kind]();
      } catch (error) {
        failure = describe(error);
      }
      this.outcomes.push({ kind, startedAt, endedAt: Date.now(), failure });
      this.open.delete(request);
      if (failure !== undefined) await sleep(50); // who is refused at once doesn't fill the record
    }
  }
}

/** Failures by kind and reason, each with its number. */
export function failures(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind, failure } of outcomes) {
    if (failure === undefined) continue;
    const reason = `${kind}: ${failure}`;
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

/** Spreads the kinds evenly, so that every span of a hundred requests has the whole mix. */
function kindOf(turn: number): Kind {
  // 37 and 100 have no common factor: each hundredth comes once in a hundred turns.
  let place = (turn * 37) % 100;
  for (const { kind, share } of MIX) {
    if (place < share) return kind;
    place -= share;
  }
  return "read";
}

function describe(error: unknown): string {
  // Not by instanceof: fetch's errors come from outside of Jest's own globals.
  if (!isNativeError(error)) return String(error);
  const cause = isNativeError(error.cause) ? ` (${error.cause.message})` : "";
  return `${error.message}${cause}`;
}
