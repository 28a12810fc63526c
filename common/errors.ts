/**
 * The one family of errors that a user sees: what failed, why, and what to do next.
 * Anything else that reaches the top is a defect of this project and keeps its stack trace.
 */
export class UserError extends Error {
  /** What failed, in a few words that name the object: "port 30000 is taken". */
  readonly what: string;
  /** Why it failed, as far as is known; may have several lines. */
  readonly why: string;
  /** The next step for the user: a command or an edit. */
  readonly next: string;
  /** Process exit code, 1–125. */
  readonly exitCode: number;

  constructor(parts: {
    what: string;
    why: string;
    next: string;
    exitCode?: number;
    cause?: unknown;
  }) {
    super(
      `${parts.what}: ${parts.why}`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
    this.name = "UserError";
    this.what = parts.what;
    this.why = parts.why;
    this.next = parts.next;
    this.exitCode = parts.exitCode ?? 1;
  }

  /** The error as it is printed: three labelled lines. */
  override toString(): string {
    return `✗ ${this.what}\n  why:  ${indent(this.why)}\n  next: ${indent(this.next)}`;
  }
}

/** What is told, with the reason, where a disk has no room left. */
export const DISK_FULL = {
  what: "the disk is full",
  next: "make room (docker system df shows what Docker holds, docker system prune frees it), then run this again",
} as const;

/** An error's message, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function indent(text: string): string {
  return text.trim().split("\n").join("\n        ");
}
