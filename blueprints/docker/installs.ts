/** What a command installs by. */
export type Installer = "pip" | "npm" | "yarn" | "pnpm" | "bun" | "uv" | "poetry";

/** Options before the verb that take a word of their own. */
const WITH_VALUE =
  /^(--prefix|--cwd|--dir|--directory|--project|--cache-dir|-C|-w|--workspace|--filter)$/;

/** The package manager by which a command installs an application's dependencies; undefined where it doesn't. */
export function installs(words: readonly string[]): Installer | undefined {
  // "python -m pip" and "uv pip" are pip; variables before the program are none of its words.
  const own = words.filter((word) => !/^\w+=/.test(word));
  const python = /^python[\d.]*$/.test(own[0] ?? "") && own[1] === "-m" ? own.slice(2) : own;
  const [program = "", ...rest] =
    python[0] === "uv" && python[1] === "pip" ? python.slice(1) : python;
  const verb = rest.find(
    (word, index) => !word.startsWith("-") && !WITH_VALUE.test(rest[index - 1] ?? ""),
  );
  const adds = verb === "install" || verb === "i" || verb === "add";
  if (/^pip[\d.]*$/.test(program)) return verb === "install" ? "pip" : undefined;
  if (program === "npm") return adds || /^(ci|update|up)$/.test(verb ?? "") ? "npm" : undefined;
  if (program === "yarn") return adds || verb === undefined ? "yarn" : undefined;
  if (program === "pnpm" || program === "bun") return adds ? program : undefined;
  if (program === "uv") return verb === "sync" || verb === "add" ? "uv" : undefined;
  if (program === "poetry") return adds ? "poetry" : undefined;
  return undefined;
}
