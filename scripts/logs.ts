import { spawn } from "node:child_process";
import { UserError } from "../common/errors";
import { main } from "./cli";
import { openSession } from "./session";

const FLAGS = {
  follow: { type: "boolean", short: "f", help: "go on as new lines come, until Ctrl-C" },
  component: { type: "string", short: "c", help: "backend or frontend; both unless said" },
  since: {
    type: "string",
    help: "how far back, such as 10m or 2h; the last 100 lines unless said",
  },
} as const;

main("logs", "Shows what the pods say, each line with its pod.", FLAGS, async (invocation) => {
  const component = invocation.option("component") ?? invocation.words[0];
  if (component !== undefined && component !== "backend" && component !== "frontend") {
    throw new UserError({
      what: `"${component}" is no component`,
      why: "there are backend and frontend",
      next: "npm run logs -- --component backend",
      exitCode: 64,
    });
  }
  const { cluster, tools, stack } = await openSession(invocation.stack);
  if ((await cluster.pods()).length === 0) {
    throw new UserError({
      what: `stack "${stack}" has no pods`,
      why: `there are none in namespace ${cluster.namespace}`,
      next: `npm run up -- --stack ${stack}`,
    });
  }
  const selector = [
    "app.kubernetes.io/part-of=todo-app",
    ...(component ? [`component=${component}`] : []),
  ];
  const since = invocation.option("since");
  const args = [
    ...cluster.arguments,
    ...[
      "logs",
      "--selector",
      selector.join(","),
      "--all-containers",
      "--prefix",
      "--max-log-requests=50",
    ],
    since ? `--since=${since}` : "--tail=100",
    ...(invocation.flag("follow") ? ["--follow"] : []),
  ];
  process.on("SIGINT", () => undefined); // kubectl ends by it, and then this does
  return new Promise((resolve) => {
    spawn("kubectl", args, { env: tools.env, stdio: "inherit" })
      .once("error", () => resolve(127))
      .once("close", (code) => resolve(code ?? 0));
  });
});
