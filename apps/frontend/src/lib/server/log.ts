const LEVELS = { debug: 10, info: 20, warning: 30, error: 40 } as const;

export type LogLevel = keyof typeof LEVELS;

function threshold(): number {
  const name = (process.env.LOG_LEVEL ?? "").trim().toLowerCase();
  if (name === "warn") return LEVELS.warning;
  return name in LEVELS ? LEVELS[name as LogLevel] : LEVELS.info;
}

/** Writes one JSON object a line to standard output; LOG_LEVEL (default info) sets the floor. */
export function log(level: LogLevel, event: string, fields: Record<string, unknown> = {}): void {
  if (LEVELS[level] < threshold()) return;
  const record = { timestamp: new Date().toISOString(), level, event, ...fields };
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

/** What of an error is safe and useful in a log line. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) };
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  // Aborted requests, for one, have a name only.
  return { error: error.message || error.name, ...(cause ? { cause } : {}) };
}
