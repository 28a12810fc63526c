/** One of several processes that write to the same audit file. */
require("tsx/cjs");
const { AuditTrail } = require("../../../ops/audit");

const [, , file, name, count] = process.argv;
const about = { stack: "dev", namespace: "n", tool: "t", tool_version: "1", model: "m" };
void (async () => {
  const trail = new AuditTrail(file);
  for (let i = 0; i < Number(count); i += 1) {
    await trail.append({
      ...about,
      question_id: name,
      question: `${name}${i}`,
      event: "question",
      context: "x".repeat(10_000),
    });
  }
})();
