/** How many tests of a run passed and failed. */
export interface Count {
  passed: number;
  failed: number;
}

/** The counts in the closing lines of jest ("Tests: …"), vitest ("Tests …") and pytest ("=== … ==="). */
export function readCounts(output: string): Count {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const lines = output.replace(/\u001b\[[0-9;]*m/g, "").split("\n");
  const closing = lines.filter((line) =>
    /^\s*Tests:?\s+.*\d+ (passed|failed)|^(=+ )?.*\d+ passed.* in [\d.]+s/.test(line),
  );
  const count = (word: string): number =>
    closing.reduce(
      (total, line) => total + Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0),
      0,
    );
  return { passed: count("passed"), failed: count("failed") + count("errors?") };
}
