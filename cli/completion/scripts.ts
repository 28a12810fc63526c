/** Completion scripts, whole: a shell that has one asks no program while somebody types. */
import type { Command } from "../main";

const STACK = { type: "string", help: "the stack, dev unless said" } as const;
const HELP = { type: "boolean", help: "what the command does, and its flags" } as const;

type Flag = Command["flags"][string];

/** @param root folder of the project, whose stack files name the stacks */
export function bashCompletion(commands: readonly Command[], root: string): string {
  const names = commands.map(({ name }) => name);
  const cases = commands.map(
    (command) =>
      `    ${command.name}) words=${quoted([...(command.words ?? []), ...Object.keys(all(command)).map((flag) => `--${flag}`)].join(" "))} ;;`,
  );
  const values = valuesOf(commands).map(
    ({ name, flag, values: known }) =>
      `    ${quoted(`${name} --${flag}`)}) words=${quoted(known.join(" "))} ;;`,
  );
  const free = commands.flatMap(({ name, flags }) =>
    Object.entries(flags)
      .filter(([, { type, values: known }]) => type === "string" && !known)
      .map(([flag]) => quoted(`${name} --${flag}`)),
  );
  return `# todo-app for bash: eval "$(todo-app completion bash)"
_todo_app() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} words
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${quoted(names.join(" "))} -- "$current"))
    return
  fi
  if [[ $before == --stack ]]; then
    words="dev $(cd ${quoted(root)} 2>/dev/null && ls Pulumi.*.yaml 2>/dev/null | sed 's/^Pulumi\\.//; s/\\.yaml$//')"
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$command $before" in
${values.join("\n")}
    ${free.join(" | ")}) compopt -o default 2>/dev/null; return ;;
    *) case $command in
${cases.map((line) => `  ${line}`).join("\n")}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _todo_app todo-app
`;
}

/** @param root folder of the project, whose stack files name the stacks */
export function zshCompletion(commands: readonly Command[], root: string): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const { name, words } = command;
    const specs = Object.entries(all(command)).map(([flag, known]) => quoted(zshFlag(flag, known)));
    const word = words ? [quoted(`1: :(${words.join(" ")})`)] : [];
    return `    ${name}) _arguments ${[...specs, ...word].join(" ")} ;;`;
  });
  return `#compdef todo-app
# todo-app for zsh: eval "$(todo-app completion zsh)"
_todo_app_stacks() {
  local -a stacks
  stacks=(${quoted(root)}/Pulumi.*.yaml(N:t:r))
  stacks=(dev \${stacks#Pulumi.})
  compadd -- $stacks
}
_todo_app() {
  local -a commands
  commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local name=$words[2]
  shift words
  (( CURRENT-- ))
  case $name in
${cases.join("\n")}
  esac
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _todo_app todo-app
`;
}

function zshFlag(flag: string, { type, help, values }: Flag): string {
  const meaning = `--${flag}[${help.replaceAll(/[[\]:]/g, " ")}]`;
  if (type === "boolean") return meaning;
  if (flag === "stack") return `${meaning}:stack:_todo_app_stacks`;
  return `${meaning}:value:${values ? `(${values.join(" ")})` : "_files"}`;
}

/** Flags with a fixed set of values. */
function valuesOf(
  commands: readonly Command[],
): { name: string; flag: string; values: readonly string[] }[] {
  return commands.flatMap(({ name, flags }) =>
    Object.entries(flags).flatMap(([flag, { values }]) => (values ? [{ name, flag, values }] : [])),
  );
}

/** A command's flags with those of every command. */
function all({ flags, hasStack = true }: Command): Command["flags"] {
  return { ...flags, ...(hasStack && { stack: STACK }), help: HELP };
}

/** A word for the shell, in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
