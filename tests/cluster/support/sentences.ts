import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Task } from "./client";

/**
 * Sentences and what they should do, as apps/backend/tests/agent/offline/judging.py describes them; said there to the
 * planner, and here to a deployed release.
 */
const FOLDER = join(__dirname, "../../../apps/backend/tests/agent/offline/sentences");
const DAY_MS = 86_400_000;
const FIELDS = ["title", "description", "completed", "due_date", "priority"] as const;
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

type OneOrMore<T> = T | T[];

interface Values {
  due?: OneOrMore<string | null>;
  priority?: OneOrMore<string>;
  completed?: boolean;
  description?: { contains: string[] };
}

interface Answer {
  contains?: string[];
  any?: string[];
  not?: string[];
  order?: string[][];
  never?: string[];
}

interface Expectation {
  added?: (Values & { title: OneOrMore<string> })[];
  changed?: (Values & { title: string; newTitle?: OneOrMore<string> })[];
  deleted?: string[];
  answer?: Answer;
  either?: Expectation[];
}

/** A task that is there before a sentence is said. */
export interface Given {
  title: string;
  due?: string;
  priority?: string;
  completed?: boolean;
}

export interface Sentence {
  kind: string;
  list?: Given[];
  before?: string[];
  beforeExpect?: Expectation;
  say: string;
  expect: Expectation;
}

/** What a sentence did; the worst kind of all is harm: something deleted, completed or overwritten that wasn't meant. */
export interface Judgement {
  verdict: "right" | "missed" | "harm";
  why: string[];
}

/** The list of sentences that name none. */
export const DEFAULT_LIST: readonly Given[] = [
  { title: "buy milk" },
  { title: "call mum" },
  { title: "pay rent", due: "+1", priority: "high" },
  { title: "finish the report", due: "+0" },
  { title: "water the plants", completed: true },
  { title: "book dentist appointment", due: "-2" },
];

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8")) as T;
}

/** One of the sets of sentences. */
export function sentences(name: string): Sentence[] {
  return read<Sentence[]>(name);
}

const groups = read<Record<string, string[]>>("groups");

// -- Days

/** A day as the API writes it, some days from another. */
function moved(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

function weekday(day: string): string {
  return WEEKDAYS[new Date(day).getUTCDay()] ?? "";
}

/** The days of nine years, in which every date comes; kept, as each judgement asks for them. */
const calendars = new Map<string, string[]>();

function daysFrom(today: string): string[] {
  const kept = calendars.get(today);
  if (kept) return kept;
  const found = Array.from({ length: 366 * 9 }, (_, number) => moved(today, number));
  calendars.set(today, found);
  return found;
}

/** The days that a specification accepts. @throws Error where it is none */
export function days(spec: string, today: string): string[] {
  if (/^[+-]\d+$/.test(spec)) return [moved(today, Number(spec))];
  if (/^\d{4}-\d\d-\d\d$/.test(spec)) return [spec];
  const [kind = "", value = ""] = spec.split(":");
  const ahead = daysFrom(today);
  const named = (day: string): boolean => weekday(day).startsWith(value);
  const first = (fits: (day: string) => boolean, from = 0): string[] =>
    ahead.slice(from).filter(fits).slice(0, 1);
  switch (kind) {
    case "weekday":
      return first(named, 1);
    case "from-today":
      return first(named);
    case "next-week": {
      const monday = ahead.findIndex((day, at) => at > 0 && weekday(day) === "monday");
      return first(named, monday);
    }
    case "month-day":
      return first((day) => day.endsWith(`-${value}`));
    case "day":
      return first((day) => Number(day.slice(8)) === Number(value));
    case "month": {
      const month = ((Number(today.slice(5, 7)) - 1 + Number(value)) % 12) + 1;
      return ahead.slice(0, 62).filter((day) => Number(day.slice(5, 7)) === month);
    }
    default:
      throw new Error(`no such day: ${spec}`);
  }
}

/** A sentence with the names of days filled in. */
export function spoken(text: string, today: string): string {
  return text.replace(/\{day:([+-]\d+)\}/g, (_, offset) => weekday(moved(today, Number(offset))));
}

// -- Judging

/** The best verdict for one of the alternatives of an expectation. */
export function judge(
  expect: Expectation,
  before: readonly Task[],
  after: readonly Task[],
  answer: string,
  today: string,
): Judgement {
  const { either = [{}], ...shared } = expect;
  const found = either.map((option) =>
    judgeOne(
      { ...shared, ...option, answer: { ...shared.answer, ...option.answer } },
      before,
      after,
      answer,
      today,
    ),
  );
  return found.sort(byRank)[0] as Judgement;
}

const RANKS: readonly Judgement["verdict"][] = ["right", "missed", "harm"];

/** Orders judgements, the best first. */
export function byRank(one: Judgement, other: Judgement): number {
  return RANKS.indexOf(one.verdict) - RANKS.indexOf(other.verdict);
}

function judgeOne(
  expect: Expectation,
  before: readonly Task[],
  after: readonly Task[],
  answer: string,
  today: string,
): Judgement {
  const harm: string[] = [];
  const missed: string[] = [];
  const meant = (titles: string[]): string[] => {
    const found: string[] = [];
    for (const title of titles) {
      const task = before.find(({ id, title: name }) => same(name, title) && !found.includes(id));
      if (task) found.push(task.id);
      else missed.push(`"${title}" isn't on the list`);
    }
    return found;
  };
  const gone = meant(expect.deleted ?? []);
  const changed = meant((expect.changed ?? []).map(({ title }) => title));
  for (const task of before) {
    const now = after.find(({ id }) => id === task.id);
    if (!now) {
      if (!gone.includes(task.id)) harm.push(`deleted "${task.title}"`);
      continue;
    }
    if (gone.includes(task.id)) missed.push(`"${task.title}" is still there`);
    const wanted = expect.changed?.[changed.indexOf(task.id)];
    for (const field of FIELDS) {
      const fits = wanted && fitting(field, now, { ...wanted, title: wanted.newTitle }, today);
      const told = `${field} of "${task.title}" is ${JSON.stringify(now[field])}`;
      if (fits === false) missed.push(told);
      else if (fits === undefined && now[field] !== task[field])
        (task[field] === null || task[field] === "" ? missed : harm).push(told);
    }
  }
  missed.push(...unlikeAdded(expect, before, after, today));
  missed.push(...unsaid(expect.answer ?? {}, answer, today, sameLists(before, after)));
  const verdict = harm.length > 0 ? "harm" : missed.length > 0 ? "missed" : "right";
  return { verdict, why: [...harm, ...missed] };
}

/** Whether two lists are the same, task by task. */
export function sameLists(before: readonly Task[], after: readonly Task[]): boolean {
  const told = (tasks: readonly Task[]): string =>
    JSON.stringify(tasks.map((task) => [task.id, ...FIELDS.map((field) => task[field])]));
  return told(before) === told(after);
}

function unlikeAdded(
  expect: Expectation,
  before: readonly Task[],
  after: readonly Task[],
  today: string,
): string[] {
  let left = after.filter(({ id }) => !before.some((task) => task.id === id));
  const found: string[] = [];
  for (const wanted of expect.added ?? []) {
    const task = left.find((one) =>
      FIELDS.every((field) => fitting(field, one, wanted, today) !== false),
    );
    if (!task) found.push(`${JSON.stringify(wanted)} wasn't added`);
    left = left.filter((one) => one !== task);
  }
  return [...found, ...left.map(({ title, due_date }) => `added "${title}", due ${due_date}`)];
}

type Wanted = Values & { title?: OneOrMore<string> | undefined };

/** Whether a field is as wanted; undefined where nothing is said about it. */
function fitting(
  field: (typeof FIELDS)[number],
  task: Task,
  wanted: Wanted,
  today: string,
): boolean | undefined {
  switch (field) {
    case "title":
      if (wanted.title === undefined) return undefined;
      return [wanted.title].flat().some((title) => same(task.title, title));
    case "description":
      return wanted.description?.contains.every((part) =>
        plain(task.description ?? "").includes(plain(part)),
      );
    case "completed":
      return wanted.completed === undefined ? undefined : task.completed === wanted.completed;
    case "due_date":
      if (wanted.due === undefined) return undefined;
      return [wanted.due]
        .flat()
        .some((spec) =>
          spec === null ? task.due_date === null : days(spec, today).includes(task.due_date ?? ""),
        );
    case "priority":
      if (wanted.priority === undefined) return undefined;
      return [wanted.priority].flat().includes(task.priority);
  }
}

function same(one: string, other: string): boolean {
  const bare = (title: string): string => title.trim().replace(/\.$/, "").toLowerCase();
  return bare(one) === bare(other);
}

// -- Answers

function unsaid(want: Answer, answer: string, today: string, idle: boolean): string[] {
  if (answer.trim() === "") return ["no answer"];
  const text = plain(answer.replace(/\btry:?\s+"[^\n]*/gi, ""));
  const lacks = (want.contains ?? []).filter((token) => !says(text, token, today));
  const barred = [...(want.not ?? []), ...(idle ? (want.never ?? []) : [])];
  const found = [
    ...lacks.map((token) => `the answer lacks ${token}`),
    ...barred.filter((token) => says(text, token, today)).map((token) => `the answer has ${token}`),
  ];
  if (want.any && !want.any.some((token) => says(text, token, today)))
    found.push(`the answer has none of ${want.any.join(", ")}`);
  for (const row of want.order ?? []) {
    const places = row.map((token) => text.indexOf(plain(token))).filter((place) => place >= 0);
    if (places.some((place, at) => at > 0 && place < (places[at - 1] ?? 0)))
      found.push(`the answer hasn't ${row.join(" before ")}`);
  }
  return found.map((what) => `${what}: ${answer.slice(0, 120)}`);
}

function says(text: string, token: string, today: string): boolean {
  if (token === "@question" && text.replace(/"[^"]*"/g, "").includes("?")) return true;
  if (token.startsWith("@")) return (groups[token] ?? []).some((word) => says(text, word, today));
  const day = /^(when|date|dayname):([+-]\d+)$/.exec(token);
  if (day) return dayPattern(day[1] ?? "", Number(day[2]), today).test(text);
  const word = plain(token);
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const start = /^[\p{L}\p{N}]/u.test(word) ? "(?<![\\p{L}\\p{N}_])" : "";
  const end = /[\p{L}\p{N}]$/u.test(word) ? "(?![\\p{L}\\p{N}_])" : "";
  return new RegExp(start + escaped + end, "u").test(text);
}

function dayPattern(kind: string, offset: number, today: string): RegExp {
  const day = moved(today, offset);
  const name = weekday(day);
  if (kind === "dayname") return new RegExp(`\\b${name.slice(0, 3)}(?:${name.slice(3)})?\\b`);
  const month = `${MONTHS[Number(day.slice(5, 7)) - 1]}[a-z]*`;
  const number = Number(day.slice(8));
  const word = new Map([
    [0, "today"],
    [1, "tomorrow"],
    [-1, "yesterday"],
  ]).get(offset);
  const date = `${day}|(?<!\\d)${number}(?:st|nd|rd|th)? (?:of )?${month}|${month} ${number}(?!\\d)`;
  return new RegExp(kind === "when" && word ? `${date}|\\b${word}\\b` : date);
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/[“”„«»]/g, '"')
    .split(/\s+/)
    .filter(Boolean)
    .join(" ");
}
