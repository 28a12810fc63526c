import { appendFileSync } from "node:fs";

/**
 * Records what was measured for a requirement; the report shows it beside the requirement's floor.
 *
 * @param id requirement, such as "SC-009", "story 5.1" or "goal rollback"
 * @param what what was measured, in a few words
 * @param unit such as "s", "ms", "MB" or "requests"
 */
export function figure(id: string, what: string, value: number, unit: string): void {
  const file = process.env.TEST_FIGURES_FILE;
  if (file) appendFileSync(file, `${JSON.stringify({ id, what, value, unit })}\n`);
}

/** Seconds that some work took, to a tenth, and what it gave. */
export async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const started = performance.now();
  const result = await work();
  return { seconds: Math.round((performance.now() - started) / 100) / 10, result };
}
