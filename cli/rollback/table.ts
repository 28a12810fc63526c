import { currentVersion, isKept, type Version } from "./history";

const HEADER = [
  "  version",
  "time (UTC)",
  "result",
  "by",
  "commit",
  "backend and frontend tag",
  "config changed",
];

/** The versions as a table; "*" marks those that can come back. */
export function table(versions: readonly Version[]): string {
  const rows = versions.map((version) => [
    `${isKept(version) ? "*" : " "} ${version.number}`,
    version.time.toISOString().replace("T", " ").slice(0, 19),
    version.result,
    version.by || "-",
    version.commit || "-",
    Object.values(version.tags).join(" "),
    version.configChanged.join(",") || "-",
  ]);
  const widths = HEADER.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [HEADER, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The versions for programs: `current` serves now, `kept` ones can come back. Values of settings aren't told. */
export function versionsJson(versions: readonly Version[]): string {
  const current = currentVersion(versions);
  const rows = versions.map((version) => {
    const { deployment: _, ...row } = version;
    return { ...row, kept: isKept(version), current: version === current };
  });
  return JSON.stringify(rows, null, 2);
}
