import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { ENDING_SIGNALS } from "../../common/signals";
import { DEV_COMPONENTS, type DevComponent } from "../../components/settings/dev-mode";
import { DevLoop } from "../../dev/loop";
import { terminal } from "../../dev/terminal";
import { main } from "../main";
import { openSession, prepareUpdate, type Session } from "../session/session";
import { stackFile } from "../session/workspace";
import { messageOfUpdate } from "../update/message";
import { repairStack } from "../update/repair";
import { update } from "../update/update";

const FLAGS = {
  debug: {
    type: "string",
    help: "let a debugger attach to backend or frontend",
    values: DEV_COMPONENTS,
  },
  stay: { type: "boolean", help: "leave the dev pods in place at the end" },
} as const;
main(
  "dev",
  "Serves every save from inside the cluster: [backend|frontend], both unless said.",
  FLAGS,
  async (invocation) => {
    const components = componentsOf(invocation.words);
    const debug = debugged(invocation.option("debug"), components);
    const session = await openSession(invocation.stack);
    requireDevelopment(session);
    await prepareUpdate(session);
    await repairStack(session);
    const loop = new DevLoop({
      components,
      cluster: session.cluster,
      env: session.tools.env,
      terminal: terminal(),
      debug,
      configuration: [stackFile(session.stack)],
      update: (env) =>
        update(session, { env, message: async () => `development of ${components.join(" and ")}` }),
      url: () => session.pulumi.output("url"),
    });
    const leave = (): void => loop.leave();
    for (const signal of ENDING_SIGNALS) process.on(signal, leave);
    let end: Awaited<ReturnType<DevLoop["run"]>>;
    try {
      end = await loop.run();
    } finally {
      for (const signal of ENDING_SIGNALS) process.off(signal, leave);
    }
    if (end === "replaced") return 0;
    if (invocation.flag("stay")) {
      say(`the dev pods stay; npm run up -- --stack ${session.stack} puts images in their place`);
      return 0;
    }
    await prepareUpdate(session);
    await update(session, { message: () => messageOfUpdate(session) });
    process.stdout.write(`${await session.pulumi.output("url")}\n`);
    return 0;
  },
  { takesWords: true, words: DEV_COMPONENTS },
);

function componentsOf(words: readonly string[]): readonly DevComponent[] {
  const unknown = words.find((word) => !DEV_COMPONENTS.includes(word as DevComponent));
  if (unknown !== undefined)
    throw new UserError({
      what: `"${unknown}" is no component`,
      why: "there are backend and frontend",
      next: "npm run dev, or npm run dev -- backend",
      exitCode: 64,
    });
  return words.length === 0
    ? DEV_COMPONENTS
    : DEV_COMPONENTS.filter((name) => words.includes(name));
}

function debugged(
  name: string | undefined,
  components: readonly DevComponent[],
): DevComponent | undefined {
  if (name === undefined) return undefined;
  const found = components.find((component) => component === name);
  if (found) return found;
  throw new UserError({
    what: `"${name}" can't be debugged`,
    why: `this develops ${components.join(" and ")}`,
    next: `npm run dev -- --debug ${components[0]}`,
    exitCode: 64,
  });
}

function requireDevelopment({ settings, stack }: Session): void {
  if (settings.environment === "development") return;
  throw new UserError({
    what: `stack "${stack}" can't be developed in`,
    why: `it is for ${settings.environment}, where pods run images that were built for it`,
    next: "npm run dev on a stack with environment development, such as dev",
  });
}
