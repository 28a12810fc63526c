import { readFileSync } from "node:fs";
import { join } from "node:path";

const guide = readFileSync(join(__dirname, "../../../docs/operations.md"), "utf8");

/** The rows of the table below a heading, without its own heading; cells trimmed. */
function tableBelow(heading: string): string[][] {
  const section = guide.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("the guide to operations", () => {
  const rows = tableBelow("Which tool for what");

  it("has every assistant (FR-064, FR-065, FR-066)", () => {
    const assistants = rows.map(([, assistant]) => assistant).join();
    for (const name of ["Gordon", "kubectl-ai", "kagent"]) expect(assistants).toContain(name);
  });

  it.each(
    rows.map(([operation = "", assistant = "", , byHand = ""]) => ({
      operation,
      assistant,
      byHand,
    })),
  )(
    "says who helps with $operation, and how it is done by hand (FR-068, FR-075)",
    ({ assistant, byHand }) => {
      expect(assistant).toMatch(/Gordon|kubectl-ai|kagent|none/);
      const commands = [...byHand.matchAll(/`([^`]+)`/g)].map(([, command]) => command);
      expect(commands.length).toBeGreaterThan(0);
      for (const command of commands) expect(command).toMatch(/^(kubectl|helm|docker|npm|pulumi) /);
    },
  );
});
