import type { Version } from "./history";

/** The versions as a table; "*" marks those that can come back. */
export function table(versions: readonly Version[]): string {
  const rows = versions.map((version) => [
    `${version.deployment ? "*" : " "} ${version.number}`,
    version.time.toISOString().replace("T", " ").slice(0, 19),
    version.kind === "update" ? version.result : `${version.kind} ${version.result}`,
    version.commit || "-",
    version.deployment ? Object.values(version.deployment.tags).join(" ") : "-",
    version.configChanged.join(",") || "-",
  ]);
  const header = [
    "  version",
    "time (UTC)",
    "result",
    "commit",
    "backend and frontend tag",
    "config changed",
  ];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
