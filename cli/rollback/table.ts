import { isKept, type Version } from "./history";

const UNTOLD = "secrets?";

/** The versions as a table; "*" marks those that can come back. */
export function table(versions: readonly Version[]): string {
  const rows = versions.map((version) => [
    `${isKept(version) ? "*" : " "} ${version.number}`,
    version.time.toISOString().replace("T", " ").slice(0, 19),
    version.kind === "update" ? version.result : `${version.kind} ${version.result}`,
    version.commit || "-",
    version.deployment ? Object.values(version.deployment.tags).join(" ") : "-",
    changesOf(version) || "-",
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
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  if (versions.some(({ secretsUntold }) => secretsUntold))
    lines.push(
      `  ${UNTOLD} can't be told: only a kept deployment shows whether a secret was set anew`,
    );
  return lines.join("\n");
}

function changesOf({ configChanged, secretsUntold }: Version): string {
  return [...configChanged, ...(secretsUntold ? [UNTOLD] : [])].join(",");
}
