/** `npm run ops -- history`: the audit file, for people. */
import { type AuditRecord, readAudit } from "./audit";
import { printable } from "./redact";

/** What is shown of the history. */
export interface HistoryOptions {
  stack: string;
  /** The last so many questions. */
  limit: number;
  /** One JSON object a line instead of a text. */
  json: boolean;
  file?: string;
}

/** The history as text. */
export async function history({ stack, limit, json, file }: HistoryOptions): Promise<string> {
  const { records, broken } = await readAudit(file);
  const own = records.filter((record) => record.stack === stack);
  const ids = [...new Set(own.map(({ question_id }) => question_id))].slice(-limit);
  const shown = own.filter(({ question_id }) => ids.includes(question_id));
  if (json) return shown.map((record) => `${JSON.stringify(record)}\n`).join("");
  const parts = ids.map((id) => describe(shown.filter(({ question_id }) => question_id === id)));
  if (broken > 0) parts.push(`${broken} ${broken === 1 ? "line is" : "lines are"} broken`);
  return parts.length === 0
    ? `nothing is recorded for stack "${stack}"\n`
    : `${printable(parts.join("\n\n"))}\n`;
}

function describe(records: AuditRecord[]): string {
  const [first] = records;
  if (!first) return "";
  const assistant = [first.tool, first.tool_version, first.model && `(${first.model})`]
    .filter((word) => word !== "")
    .join(" ");
  const lines = [`${first.time.slice(0, 19).replace("T", " ")}  ${first.user}, ${assistant}`];
  lines.push(`  asked      ${first.question}`);
  for (const record of records) {
    if (record.event === "answer") {
      // What didn't run follows as a suggestion.
      for (const look of record.context.filter(({ ran }) => ran))
        lines.push(`  looked     ${look.command}  (exit ${look.exit_code})`);
    } else if (record.event === "decision") {
      lines.push(`  suggested  ${record.suggestion}  (${record.class})`);
      const why = record.decision === "forbidden" ? `: ${record.reasons.join("; ")}` : "";
      lines.push(`  decided    ${record.decision}${why}`);
      const result = records.find(
        (item) => item.event === "result" && item.decision_id === record.id,
      );
      if (result?.event === "result")
        lines.push(`  ran        ${result.command}  (exit ${result.exit_code})`);
      else if (record.command !== null) lines.push("  ran        its end isn't recorded");
    }
  }
  return lines.join("\n");
}
