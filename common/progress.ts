/** Where progress lines go: standard error, so that standard output stays a command's answer. */
const out = process.stderr;

const HEARTBEAT_MS = 15_000;

/** A step under way; `detail` is shown with the next sign of life. */
export interface Step {
  /** Tells what the step is doing right now; long steps repeat it as their heartbeat. */
  detail(text: string): void;
}

/** Prints one line about something that was noticed. */
export function say(line: string): void {
  out.write(`${line}\n`);
}

/**
 * Runs one named step: prints its name, a sign of life at least every 15 s, and how long it took.
 * On a terminal the line is rewritten in place. A step of under 0.3 s prints one line only.
 */
export async function step<T>(name: string, work: (step: Step) => Promise<T>): Promise<T> {
  const started = Date.now();
  let detail = "";
  const seconds = (): string => duration(Date.now() - started);
  const tty = out.isTTY === true;
  const announce = setTimeout(() => {
    if (!tty) out.write(`… ${name}\n`);
  }, 300);
  const beat = setInterval(
    () => {
      const line = `… ${name} (${seconds()})${detail ? ` ${detail}` : ""}`;
      out.write(tty ? `\r\x1b[2K${line.slice(0, (out.columns ?? 80) - 1)}` : `${line}\n`);
    },
    tty ? 500 : HEARTBEAT_MS,
  );
  const finish = (mark: string): void => {
    clearTimeout(announce);
    clearInterval(beat);
    out.write(`${tty ? "\r\x1b[2K" : ""}${mark} ${name} (${seconds()})\n`);
  };
  try {
    const result = await work({
      detail: (text) => {
        detail = text.trim().slice(0, 160);
      },
    });
    finish("✓");
    return result;
  } catch (error) {
    finish("✗");
    throw error;
  }
}

/** A duration for people: "3.2 s", "2 min 5 s". */
export function duration(ms: number): string {
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
