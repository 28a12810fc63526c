import { contents, PROJECT_SCRIPTS } from "../contents";
import { main } from "../main";

const WIDTH = 10;

main(
  "help",
  "Lists the commands.",
  {},
  async () => {
    const sections = contents().flatMap(({ title, commands }) => [
      "",
      title,
      ...commands.map(({ name, summary }) => line(name, summary)),
    ]);
    process.stdout.write(
      `${[
        "The Todo AI Chatbot on Minikube: npm run COMMAND [-- --stack S], or todo-app COMMAND [--stack S]",
        ...sections,
        "",
        "the project itself, by npm run only",
        ...Object.entries(PROJECT_SCRIPTS).map(([name, summary]) => line(name, summary)),
        "",
        "Each command tells its flags with --help. First time here? npm run up, and open the URL that it prints.",
      ].join("\n")}\n`,
    );
    return 0;
  },
  { hasStack: false },
);

/** A command and the first sentence of what it does. */
function line(name: string, summary: string): string {
  return `  ${name.padEnd(WIDTH)}  ${/^.*?[.;](?= |$)/.exec(summary)?.[0].replace(/[.;]$/, "") ?? summary}`;
}
