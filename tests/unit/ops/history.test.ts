import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { history } from "../../../ops/history";
import { folderWith } from "../support/folder";

const ABOUT = {
  ...{ time: "2026-01-02T03:04:05.678Z", user: "ada", stack: "dev", namespace: "todo-app" },
  ...{ tool: "kubectl-ai", tool_version: "0.0.31", model: "openai/m", question: "why?" },
};
const SCALE = "kubectl scale deployment/x --replicas=2";
const decided = (id: string, decision: string, more: object = {}) => ({
  ...{ event: "decision", id, decision, suggestion: SCALE, class: "change", reasons: [] },
  ...{ command: null, ...more },
});
const result = (decision_id: string, exit_code: number) => ({
  ...{ event: "result", id: `r${decision_id}`, decision_id, command: SCALE, exit_code },
});

/** What is told of these records: each of question q1 and stack dev unless it says something else. */
function told(records: readonly (object | string)[], options: object = {}): Promise<string> {
  const file = join(folderWith({}), "operations.jsonl");
  const lines = records.map((record) =>
    typeof record === "string"
      ? record
      : JSON.stringify({ ...ABOUT, question_id: "q1", ...record }),
  );
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return history({ stack: "dev", limit: 5, json: false, file, ...options });
}
const HEAD = "2026-01-02 03:04:05  ada, kubectl-ai 0.0.31 (openai/m)\n  asked      why?\n";

test("a question is told with what was looked at, suggested, decided and run", async () => {
  const look = { command: "kubectl get pods", ran: true, exit_code: 0 };
  const kept = { command: "kubectl delete pod x", ran: false, exit_code: null };
  const text = await told([
    { event: "question" },
    { event: "answer", context: [look, kept] },
    decided("d1", "approved", { command: SCALE }),
    result("other", 9),
    result("d1", 3),
    decided("d2", "forbidden", { class: "forbidden", reasons: ["reads Secrets", "twice"] }),
    decided("d3", "rejected", { reasons: ["sets the number of pods"] }),
    decided("d4", "approved", { command: SCALE }),
  ]);
  expect(text).toBe(
    `${HEAD}${[
      "  looked     kubectl get pods  (exit 0)",
      `  suggested  ${SCALE}  (change)`,
      "  decided    approved",
      `  ran        ${SCALE}  (exit 3)`,
      `  suggested  ${SCALE}  (forbidden)`,
      "  decided    forbidden: reads Secrets; twice",
      `  suggested  ${SCALE}  (change)`,
      "  decided    rejected",
      `  suggested  ${SCALE}  (change)`,
      "  decided    approved",
      "  ran        its end isn't recorded",
    ].join("\n")}\n`,
  );
});

test("without an assistant, its version and its model are left out", async () => {
  const text = await told([{ event: "question", tool: "none", tool_version: "", model: "" }]);
  expect(text).toBe("2026-01-02 03:04:05  ada, none\n  asked      why?\n");
});

test("the last questions of the stack are told, each with all its records", async () => {
  const ask = (question_id: string, more: object = {}) => ({
    event: "question",
    question_id,
    ...more,
  });
  const records = [
    ask("q1", { question: "1" }),
    ask("q2", { question: "2" }),
    ask("q9", { stack: "staging" }),
    ask("q3", { question: "3" }),
    { ...decided("d", "rejected"), question_id: "q2" },
  ];
  const text = await told(records, { limit: 2 });
  expect(text.match(/asked .*|decided .*/g)).toEqual([
    ...["asked      2", "decided    rejected", "asked      3"],
  ]);
  expect(text.split("\n\n")).toHaveLength(2);
  const json = await told(records, { limit: 2, json: true });
  expect(json.endsWith("\n")).toBe(true);
  const ids = json
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).question_id);
  expect(ids).toEqual(["q2", "q3", "q2"]);
});

test("lines that are no records are counted", async () => {
  expect(await told([{ event: "question" }, "{half", ""])).toBe(`${HEAD}\n1 line is broken\n`);
  expect(await told(["{half", "7", "null", '{"a":1}'])).toBe("4 lines are broken\n");
});

test("what was recorded doesn't take over the terminal", async () => {
  expect(await told([{ event: "question", question: "a\u001b[2Jb" }])).toContain("asked      ab\n");
});

test("of a stack that nobody has asked about, nothing is recorded", async () => {
  expect(await told([{ event: "question", stack: "staging" }])).toBe(
    'nothing is recorded for stack "dev"\n',
  );
});

test("a file that can't be read is an error, not an empty history", async () => {
  const options = { stack: "dev", limit: 5, json: false, file: folderWith({}) };
  await expect(history(options)).rejects.toMatchObject({ code: "EISDIR" });
});
