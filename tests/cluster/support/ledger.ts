/** Proof that nothing acknowledged is lost: numbered writes during faults, and the count at the end. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { answer, type Client, newUser, threadOf } from "./client";
import { figure } from "./figures";

const PAUSE_MS = 100;

/** What the books say at the end; lists are empty where all is well. */
export interface Balance {
  tasksAcknowledged: number;
  /** Messages that were answered. */
  messagesAcknowledged: number;
  /** Acknowledged, but not there. */
  lost: string[];
  /** There more than once. */
  doubled: string[];
}

/** One user who writes numbered tasks, and one who asks the chat for numbered tasks, until stopped. */
export class Ledger {
  private active = true;
  private readonly acknowledgedTasks: string[] = [];
  private readonly acknowledgedMessages: string[] = [];
  private readonly loops: Promise<void>[];

  /** @param when such as "during the edge cases" */
  private constructor(
    private readonly when: string,
    private readonly writer: Client,
    private readonly talker: Client,
    private readonly threadId: string,
  ) {
    this.loops = [this.write(), this.talk()];
  }

  static async start(baseUrl: string, when: string): Promise<Ledger> {
    const [writer, talker] = await Promise.all([newUser(baseUrl), newUser(baseUrl)]);
    return new Ledger(when, writer, talker, threadOf(await talker.chat("hello")));
  }

  /** Stops writing. */
  async stop(): Promise<void> {
    this.active = false;
    await Promise.all(this.loops);
  }

  /** Stops writing and compares what was acknowledged with what is there. */
  private async close(): Promise<Balance> {
    await this.stop();
    const titles = (await this.writer.tasks()).map(({ title }) => title);
    const asked = (await this.talker.tasks()).map(({ title }) => title);
    const messages = (await this.talker.messages(this.threadId))
      .filter(({ role }) => role === "user")
      .map(({ text }) => text);
    const answered = this.acknowledgedMessages;
    return {
      tasksAcknowledged: this.acknowledgedTasks.length,
      messagesAcknowledged: answered.length,
      lost: [
        ...missing(this.acknowledgedTasks, titles),
        ...missing(answered.map(messageOf), messages),
        ...missing(answered, asked),
      ],
      doubled: [...repeated(titles), ...repeated(messages), ...repeated(asked)],
    };
  }

  /** Closes the books, records their sums, and expects that each acknowledged write is there once. */
  async expectBalanced(): Promise<void> {
    const { tasksAcknowledged, messagesAcknowledged, lost, doubled } = await this.close();
    figure("SC-006", `tasks acknowledged ${this.when}`, tasksAcknowledged, "tasks");
    figure("SC-006", `chat messages answered ${this.when}`, messagesAcknowledged, "messages");
    figure("SC-006", `writes ${this.when} lost or doubled`, lost.length + doubled.length, "writes");
    expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
    expect(tasksAcknowledged).toBeGreaterThan(20);
    expect(messagesAcknowledged).toBeGreaterThan(5);
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

  /** Each message is sent until it is answered, under one key, as the chat page does. */
  private async talk(): Promise<void> {
    for (let number = 1; this.active; number += 1) {
      const title = `errand ${String(number).padStart(6, "0")}`;
      const key = randomUUID();
      while (this.active) {
        try {
          if (answer(await this.talker.chat(messageOf(title), this.threadId, key)) !== "") {
            this.acknowledgedMessages.push(title);
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

function messageOf(title: string): string {
  return `add ${title}`;
}

function missing(expected: readonly string[], found: readonly string[]): string[] {
  const there = new Set(found);
  return expected.filter((item) => !there.has(item));
}

function repeated(items: readonly string[]): string[] {
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}
