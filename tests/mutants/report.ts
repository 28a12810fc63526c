/** How a change ended. */
export type Outcome = "noticed" | "refused by types" | "lived";

/** A change that was tried. */
export interface Tried {
  area: string;
  file: string;
  line: number;
  what: string;
  before: string;
  after: string;
  outcome: Outcome;
}

/** The share of changes that were noticed, from 0 to 1; 0 where none was tried. */
export function share(tried: readonly Tried[]): number {
  if (tried.length === 0) return 0;
  return tried.filter(({ outcome }) => outcome !== "lived").length / tried.length;
}

/** The report in Markdown: each area's share, and every change that lived. */
export function report(
  tried: readonly Tried[],
  { seed, goal }: { seed: number; goal: number },
): string {
  const areas = [...new Set(tried.map(({ area }) => area))];
  const rows = areas.map((name) => {
    const own = tried.filter(({ area }) => area === name);
    const noticed = own.filter(({ outcome }) => outcome !== "lived").length;
    const percent = Math.round(share(own) * 100);
    return `| ${share(own) >= goal ? "✓" : "✗"} | ${name} | ${own.length} | ${noticed} | ${percent} % |`;
  });
  const living = tried.filter(({ outcome }) => outcome === "lived");
  return [
    "# Changes that tests have to notice",
    "",
    `Seed ${seed}; at least ${Math.round(goal * 100)} % in each area.`,
    "",
    "| | area | changes | noticed | share |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
    `## Not noticed: ${living.length}`,
    "",
    ...living.flatMap(({ file, line, what, before, after }) => [
      `- ${file}:${line}: ${what}`,
      "",
      ...["  ```diff", `  - ${before}`, `  + ${after}`, "  ```"],
      "",
    ]),
  ].join("\n");
}
