/** Proof that nothing acknowledged is lost: numbered writes during faults, and the count at the end. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, newUser, threadOf } from "./client";

const PAUSE_MS = 100;

/** What the books say at the end; lists are empty where all is well. */
export interface Balance {
  tasksAcknowledged: number;
  messagesAcknowledged: number;
  /** Acknowledged, but not there. */
  lost: string[];
  /** There more than once. */
  doubled: string[];
}

/** One user who writes numbered tasks, and one who sends numbered messages, until stopped. */
export class Ledger {
  private active = true;
  private readonly acknowledgedTasks: string[] = [];
  private readonly acknowledgedMessages: string[] = [];
  private readonly loops: Promise<void>[];

  private constructor(
    private readonly writer: Client,
    private readonly talker: Client,
    private readonly threadId: string,
  ) {
    this.loops = [this.write(), this.talk()];
  }

  static async start(baseUrl: string): Promise<Ledger> {
    const [writer, talker] = await Promise.all([newUser(baseUrl), newUser(baseUrl)]);
    return new Ledger(writer, talker, threadOf(await talker.chat("hello")));
  }

  /** Stops writing and compares what was acknowledged with what is there. */
  async close(): Promise<Balance> {
    this.active = false;
    await Promise.all(this.loops);
    const titles = (await this.writer.tasks()).map(({ title }) => title);
    const messages = (await this.talker.messages(this.threadId))
      .filter(({ role }) => role === "user")
      .map(({ text }) => text);
    const lost = [
      ...missing(this.acknowledgedTasks, titles),
      ...missing(this.acknowledgedMessages, messages),
    ];
    return {
      tasksAcknowledged: this.acknowledgedTasks.length,
      messagesAcknowledged: this.acknowledgedMessages.length,
      lost,
      doubled: [...repeated(titles), ...repeated(messages)],
    };
  }

  /** Each task is sent once: one that wasn't acknowledged may be there or not. */
  private async write(): Promise<void> {
    for (let number = 1; this.active; number += 1) {
      const title = `task ${String(number).padStart(6, "0")}`;
      try {
        await this.writer.addTask(title);
        this.acknowledgedTasks.push(title);
      } catch {
        // Not acknowledged: the user would see it and decide.
      }
      await sleep(PAUSE_MS);
    }
  }

  /** Each message is sent until it is acknowledged, under one key, as the chat page does. */
  private async talk(): Promise<void> {
    for (let number = 1; this.active; number += 1) {
      const text = `message ${String(number).padStart(6, "0")}`;
      const key = randomUUID();
      while (this.active) {
        try {
          const events = await this.talker.chat(text, this.threadId, key);
          const kept = events.some(
            ({ type, item }) => type === "thread.item.done" && item?.type === "user_message",
          );
          if (kept) {
            this.acknowledgedMessages.push(text);
            break;
          }
        } catch {
          // Sent again, under the same key.
        }
        await sleep(PAUSE_MS);
      }
      // The limit for one user is a message a second in the long run.
      await sleep(1000);
    }
  }
}

function missing(expected: readonly string[], found: readonly string[]): string[] {
  const there = new Set(found);
  return expected.filter((item) => !there.has(item));
}

function repeated(items: readonly string[]): string[] {
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}
