import { UserError } from "../../common/errors";
import { bashCompletion, zshCompletion } from "../completion/scripts";
import { allCommands } from "../contents";
import { main } from "../main";
import { ROOT } from "../session/workspace";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion } as const;

main(
  "completion",
  'Prints the completion of todo-app for bash or zsh: eval "$(todo-app completion bash)".',
  {},
  async ({ words }) => {
    const [shell = ""] = words;
    const script = words.length === 1 ? SHELLS[shell as keyof typeof SHELLS] : undefined;
    if (!script)
      throw new UserError({
        what:
          shell === ""
            ? "completion for which shell?"
            : `there is no completion for ${words.join(" ")}`,
        why: `there is one for ${Object.keys(SHELLS).join(" and ")}`,
        next: "todo-app completion bash",
        exitCode: 64,
      });
    process.stdout.write(script(allCommands(), ROOT));
    return 0;
  },
  { takesWords: true, words: Object.keys(SHELLS), hasStack: false },
);
