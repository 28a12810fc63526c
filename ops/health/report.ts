/** The health report: what there is, what was found, what to do. */
import type { Redactor } from "../redact";
import { printable } from "../redact";
import type { Finding } from "./findings";
import { mebibytes, millicores, quantity } from "./quantities";
import type { FullPod, Snapshot } from "./snapshot";

const MARKS = { problem: "✗", warning: "!", hint: "·" } as const;

/** The report as text, a screen or two. */
export function formatReport(
  snapshot: Snapshot,
  findings: readonly Finding[],
  redactor: Redactor,
): string {
  const { release } = snapshot;
  const lines = [
    release
      ? `release ${release.name} revision ${release.revision}, ${release.status}: chart ${release.chart}, application ${release.app_version}`
      : "no release",
    ...snapshot.nodes.map(
      ({ metadata, status }) =>
        `node ${metadata.name}: ${status.conditions.some(({ type, status: state }) => type === "Ready" && state === "True") ? "ready" : "not ready"}`,
    ),
    "",
    ...table([
      ["POD", "READY", "RESTARTS", "CPU (request, limit)", "MEMORY (request, limit)", "IMAGE"],
      ...snapshot.pods.map((pod) => podRow(pod, snapshot)),
    ]),
    "",
  ];
  if (findings.length === 0) lines.push("✓ healthy: nothing to do");
  for (const { severity, object, what, recommendation } of findings)
    lines.push(`${MARKS[severity]} ${object}: ${what}`, `    → ${recommendation}`);
  if (snapshot.usage.length === 0)
    lines.push("", "what is used isn't known: neither a metrics server nor a kubelet tells");
  return printable(redactor.text(lines.join("\n")));
}

/** Whether nothing is broken. */
export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ severity }) => severity !== "problem");
}

function podRow(pod: FullPod, { usage }: Snapshot): string[] {
  const [container] = pod.spec.containers;
  const status = pod.status.containerStatuses ?? [];
  const used = usage.find(
    (item) => item.pod === pod.metadata.name && item.container === container?.name,
  );
  const ready = status.filter((item) => item.ready).length;
  const count = status.reduce((sum, item) => sum + item.restartCount, 0);
  const amounts = (unit: "cpu" | "memory"): string => {
    const show = unit === "cpu" ? millicores : mebibytes;
    const amount = (text: string | undefined): string => {
      const number = quantity(text);
      return number === undefined ? "-" : show(number);
    };
    const { requests, limits } = container?.resources ?? {};
    return `${used ? show(used[unit]) : "?"} (${amount(requests?.[unit])}, ${amount(limits?.[unit])})`;
  };
  return [
    pod.metadata.name,
    pod.metadata.deletionTimestamp === undefined
      ? `${ready}/${pod.spec.containers.length} ${pod.status.phase}`
      : "ending",
    String(count),
    amounts("cpu"),
    amounts("memory"),
    container?.image.replace(/^docker\.io\/library\//, "") ?? "",
  ];
}

function table(rows: readonly string[][]): string[] {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
