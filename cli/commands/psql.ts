import { UserError } from "../../common/errors";
import { databaseConnection } from "../inside/database";
import { interactively } from "../inside/terminal";
import { main } from "../main";
import { openSession } from "../session/session";

const FLAGS = {
  command: {
    type: "string",
    short: "c",
    help: "a statement to run; without it psql asks, or reads what is piped in",
  },
  csv: { type: "boolean", help: "the answer as CSV" },
} as const;

main(
  "psql",
  "Opens the stack's database in psql, in a container; its URL is never shown.",
  FLAGS,
  async (invocation) => {
    const session = await openSession(invocation.stack);
    const { args, env } = await databaseConnection(session, [
      "--set=ON_ERROR_STOP=1",
      ...(invocation.flag("csv") ? ["--csv"] : []),
    ]);
    const statement = invocation.option("command");
    const code = await interactively(
      "docker",
      statement === undefined ? args : [...args, "--command", statement],
      env,
    );
    if (code === 125 || code === 127)
      throw new UserError({
        what: "psql can't be started",
        why: "the engine has refused its container: what it said stands above",
        next: "npm run doctor",
      });
    return code;
  },
);
