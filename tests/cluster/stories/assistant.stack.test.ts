/** The assistant of the deployed release does what people mean, and never what they don't. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  answer,
  type ChatEvent,
  type Client,
  HttpError,
  newUser,
  type Task,
  threadOf,
} from "../support/client";
import { figure } from "../support/figures";
import {
  byRank,
  DEFAULT_LIST,
  days,
  type Given,
  type Judgement,
  judge,
  type Sentence,
  sameLists,
  sentences,
  spoken,
} from "../support/sentences";
import { baseUrl } from "../support/stack";

jest.setTimeout(5 * 60_000);

/** The least share of sentences that are right. */
const FLOOR = 0.92;
/** Users at the same time; each has a rate limit of its own. */
const USERS = 16;

/** The day in UTC, where users are who say nothing of their zone. */
const utcDay = (): string => new Date().toISOString().slice(0, 10);

/** Says something, and waits where the user has to. */
async function say(user: Client, text: string, thread?: string): Promise<ChatEvent[]> {
  for (;;) {
    try {
      return await user.chat(text, thread);
    } catch (error) {
      if (!(error instanceof HttpError && error.status === 429)) throw error;
      await sleep(1500);
    }
  }
}

async function setUp(user: Client, list: readonly Given[], today: string): Promise<void> {
  for (const { id } of await user.tasks()) await user.deleteTask(id);
  // One after the other: the order in which they were added is the order of the list.
  for (const { title, due, priority, completed } of list) {
    const task = await user.addTask(title, {
      ...(due && { due_date: days(due, today).sort()[0] ?? null }),
      ...(priority && { priority }),
    });
    if (completed) await user.completeTask(task.id);
  }
}

/** The sentences that one user says, each in a conversation of its own. */
class Speaker {
  /** The list that is set up, as long as nothing has changed it. */
  private list: { given: readonly Given[]; today: string; tasks: Task[] } | undefined;

  constructor(private readonly user: Client) {}

  /** Says a sentence, and judges it. What midnight falls into is said again: nobody knows which day was meant. */
  async judged(sentence: Sentence): Promise<Judgement> {
    for (;;) {
      const today = utcDay();
      const found = await this.said(sentence, today);
      if (utcDay() === today) return found;
      this.list = undefined;
    }
  }

  private async said(sentence: Sentence, today: string): Promise<Judgement> {
    const { user } = this;
    const given = sentence.list ?? DEFAULT_LIST;
    if (this.list?.given !== given || this.list.today !== today) {
      await setUp(user, given, today);
      this.list = { given, today, tasks: await user.tasks() };
    }
    const first = this.list.tasks;
    let thread: string | undefined;
    let earlier = "";
    for (const text of sentence.before ?? []) {
      const events = await say(user, spoken(text, today), thread);
      thread ??= threadOf(events);
      earlier = answer(events);
    }
    const before = thread ? await user.tasks() : first;
    const last = answer(await say(user, spoken(sentence.say, today), thread));
    const after = await user.tasks();
    if (!sameLists(first, after)) this.list = undefined;
    const found = [judge(sentence.expect, before, after, last, today)];
    if (thread) found.push(judge(sentence.beforeExpect ?? {}, first, before, earlier, today));
    return found.sort(byRank).at(-1) as Judgement;
  }
}

test.each(["everyday", "other_people", "written_last"])(
  "of the sentences of %s at least 92 % do what is meant, and none does harm (goal: assistant)",
  async (name) => {
    const left = sentences(name);
    const total = left.length;
    const failed: string[] = [];
    const harmful: string[] = [];
    const users = await Promise.all(Array.from({ length: USERS }, () => newUser(baseUrl)));
    await Promise.all(
      users.map(async (user) => {
        const speaker = new Speaker(user);
        for (let next = left.shift(); next; next = left.shift()) {
          const { verdict, why } = await speaker.judged(next);
          const said = [...(next.before ?? []), next.say].join(" / ");
          if (verdict === "harm") harmful.push(`${said}: ${why.join("; ")}`);
          if (verdict === "missed") failed.push(`${said}: ${why.join("; ")}`);
        }
      }),
    );
    const right = total - failed.length - harmful.length;
    const share = Math.round((right / total) * 1000) / 10;
    figure("goal: assistant", `${name}: sentences that are right`, share, "%");
    figure("goal: assistant", `${name}: sentences that do harm`, harmful.length, "sentences");
    expect(harmful).toEqual([]);
    if (right < FLOOR * total) throw new Error(`${right} of ${total} right:\n${failed.join("\n")}`);
  },
);
