/** What a command installs by. */
export type Installer = "pip" | "npm" | "yarn" | "pnpm" | "uv" | "poetry";

/** The package manager by which a command installs an application's dependencies; undefined where it doesn't. */
export function installs(words: readonly string[]): Installer | undefined {
  // "python -m pip" and "uv pip" are pip; variables before the program are none of its words.
  const own = words.filter((word) => !/^\w+=/.test(word));
  const python = /^python[\d.]*$/.test(own[0] ?? "") && own[1] === "-m" ? own.slice(2) : own;
  const [program = "", ...rest] =
    python[0] === "uv" && python[1] === "pip" ? python.slice(1) : python;
  const verb = rest.find((word) => !word.startsWith("-"));
  if (/^pip[\d.]*$/.test(program)) return verb === "install" ? "pip" : undefined;
  if (program === "npm") return /^(ci|install|i|add)$/.test(verb ?? "") ? "npm" : undefined;
  if (program === "yarn") return verb === undefined || verb === "install" ? "yarn" : undefined;
  if (program === "pnpm") return /^(install|i)$/.test(verb ?? "") ? "pnpm" : undefined;
  if (program === "uv") return verb === "sync" ? "uv" : undefined;
  if (program === "poetry") return verb === "install" ? "poetry" : undefined;
  return undefined;
}
