import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { COMPONENTS, type Component, debugShell } from "../inside/shell";
import { main } from "../main";
import { openSession } from "../session/session";

const FLAGS = {
  command: { type: "string", short: "c", help: "a command to run instead of asking for some" },
  image: {
    type: "string",
    help: "image of the shell; unless said the base that the component's own image is built from",
  },
} as const;

main(
  "shell",
  "Opens a shell beside a running container, which has none itself: backend or frontend. It sees the container's processes, and its files under /proc/1/root.",
  FLAGS,
  async (invocation) => {
    const component = componentOf(invocation.words);
    const session = await openSession(invocation.stack);
    const { code, pod } = await debugShell(session, component, {
      image: invocation.option("image"),
      command: invocation.option("command"),
    });
    say(`· what was started stays listed in pod ${pod} until the pod is replaced`);
    return code;
  },
  { takesWords: true, words: COMPONENTS },
);

function componentOf(words: readonly string[]): Component {
  const found = COMPONENTS.find((name) => name === words[0]);
  if (found !== undefined && words.length === 1) return found;
  throw new UserError({
    what: words.length === 0 ? "a shell where?" : `"${words.join(" ")}" is no component`,
    why: "there are backend and frontend",
    next: "npm run shell -- backend",
    exitCode: 64,
  });
}
