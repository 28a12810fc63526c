/** The record of what was asked, suggested, decided and run: one JSON object a line, only ever appended. */
import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readFile, statfs } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { messageOf, UserError } from "../common/errors";
import type { CommandClass } from "./review";

/** What has to be free on the disk before a command runs, so that its end can be recorded too. */
const ROOM_BYTES = 1024 * 1024;

/** What the engineer, or the review for them, made of a suggestion. */
export type Decision =
  | "approved"
  | "rejected"
  /** By the review: the engineer isn't even asked. */
  | "forbidden"
  /** There was no terminal to ask at. */
  | "not asked";

/** What every record has. */
interface Common {
  /** ISO 8601, UTC. */
  time: string;
  /** Of the record. */
  id: string;
  /** Of the question that this belongs to. */
  question_id: string;
  /** Login name of the engineer. */
  user: string;
  stack: string;
  namespace: string;
  /** The assistant, or "none". */
  tool: string;
  tool_version: string;
  /** The language model, as far as the assistant tells. */
  model: string;
  question: string;
}

/** A command that an assistant ran by itself, to look; or wanted to run and was refused. */
export interface Look {
  command: string;
  class: CommandClass;
  /** Whether it ran: only reads do, with the assistant's own rights. */
  ran: boolean;
  exit_code: number | null;
  /** Bytes of output that the assistant was given, after redaction. */
  bytes: number;
}

/** One line of the file. */
export type AuditRecord = Common &
  (
    | { event: "question"; context: string }
    | { event: "answer"; context: Look[]; answer: string; exit_code: number }
    | {
        event: "decision";
        suggestion: string;
        class: CommandClass;
        reasons: string[];
        decision: Decision;
        /** What will run; null where nothing does. */
        command: string | null;
      }
    | {
        event: "result";
        decision_id: string;
        command: string;
        exit_code: number;
        /** The last lines of what the command printed, redacted. */
        output: string;
      }
  );

/** A record without what the trail fills in by itself. */
export type Entry = AuditRecord extends infer R
  ? R extends AuditRecord
    ? Omit<R, "time" | "id" | "user">
    : never
  : never;

/** Where the file is: outside every clone, so that none of them can lose it. */
export function auditFile(env: NodeJS.ProcessEnv = process.env): string {
  if (env.OPS_AUDIT_FILE) return env.OPS_AUDIT_FILE;
  const state = env.XDG_STATE_HOME || join(homedir(), ".local", "state");
  return join(state, "todo-app-minikube", "operations.jsonl");
}

/** The audit file, open for more. */
export class AuditTrail {
  constructor(
    readonly file: string = auditFile(),
    private readonly redact: (entry: Entry) => Entry = (entry) => entry,
  ) {}

  /**
   * Adds a record and waits until it is on the disk.
   * @returns its id
   * @throws UserError where that fails: then nothing may run
   */
  async append(entry: Entry): Promise<string> {
    const id = randomUUID();
    const record = {
      time: new Date().toISOString(),
      id,
      user: userName(),
      ...this.redact(entry),
    };
    try {
      await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
      const file = await open(this.file, "a+", 0o600);
      try {
        await appendLine(file, JSON.stringify(record));
      } finally {
        await file.close();
      }
    } catch (error) {
      throw cannotRecord(this.file, messageOf(error));
    }
    return id;
  }

  /** @throws UserError where the disk has no room for the record of a command that is about to run */
  async requireRoom(): Promise<void> {
    const { bavail, bsize } = await statfs(dirname(this.file));
    if (bavail * bsize < ROOM_BYTES)
      throw cannotRecord(this.file, "the disk is full: the command's end could not be recorded");
  }
}

/** A whole line by one write at the file's end, which the system keeps apart from other writers' lines. */
async function appendLine(file: FileHandle, line: string): Promise<void> {
  const text = Buffer.from(`${(await endsWithin(file)) ? "\n" : ""}${line}\n`);
  const { bytesWritten } = await file.write(text);
  if (bytesWritten !== text.length)
    throw new Error(`no space left on device (${bytesWritten} of ${text.length} bytes written)`);
  await file.sync();
}

/** Whether the file's last line was cut off by a disk that was full. */
async function endsWithin(file: FileHandle): Promise<boolean> {
  const status = await file.stat();
  if (!status.isFile() || status.size === 0) return false;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, status.size - 1);
  return last.toString() !== "\n";
}

/** The records in order, and how many lines are none. */
export async function readAudit(
  file: string = auditFile(),
): Promise<{ records: AuditRecord[]; broken: number }> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { records: [], broken: 0 };
    throw error;
  }
  const lines = text.split("\n").filter((line) => line !== "");
  const records = lines.map(parseRecord).filter((record) => record !== undefined);
  return { records, broken: lines.length - records.length };
}

function parseRecord(line: string): AuditRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "event" in value
      ? (value as AuditRecord)
      : undefined;
  } catch {
    return undefined;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}

function cannotRecord(file: string, why: string): UserError {
  return new UserError({
    what: "nothing more is run",
    why: `it could not be recorded in ${file}: ${why}`,
    next: "make room, or name another file by OPS_AUDIT_FILE; then ask again",
  });
}
