/** Reads arguments by a list of the flags that are allowed; any other flag is a refusal. */

/** The flags of a command: those that stand alone, and those that take a value. Short ones without the dash. */
export interface FlagRules {
  alone?: readonly string[];
  valued?: readonly string[];
}

/** Arguments, told apart. */
export interface Arguments {
  positionals: string[];
  /** The values of each flag in order; "true" for one that stands alone. */
  flags: ReadonlyMap<string, readonly string[]>;
}

/** A flag that isn't allowed, or a value that is missing. */
export class UnknownFlag extends Error {}

/** @throws UnknownFlag */
export function readArguments(args: readonly string[], rules: FlagRules): Arguments {
  const alone = new Set(rules.alone);
  const valued = new Set(rules.valued);
  const positionals: string[] = [];
  const flags = new Map<string, string[]>();
  const add = (name: string, value: string) => flags.set(name, [...(flags.get(name) ?? []), value]);
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i] ?? "";
    if (!word.startsWith("-") || word === "-") {
      positionals.push(word);
      continue;
    }
    const { name, inline } = split(word, valued);
    if (valued.has(name)) {
      const value = inline ?? args[i + 1];
      if (value === undefined) throw new UnknownFlag(`${word} lacks its value`);
      if (inline === undefined) i += 1;
      add(name, value);
    } else if (alone.has(name) && (inline === undefined || /^(true|false)$/.test(inline))) {
      add(name, inline ?? "true");
    } else {
      throw new UnknownFlag(`flag ${word.split("=")[0]} isn't allowed here`);
    }
  }
  return { positionals, flags };
}

/** "--name=value", "-n=value", and "-nvalue" for a short flag that takes one. */
function split(word: string, valued: ReadonlySet<string>): { name: string; inline?: string } {
  const long = word.startsWith("--");
  const body = word.slice(long ? 2 : 1);
  const equals = body.indexOf("=");
  if (equals > 0) return { name: body.slice(0, equals), inline: body.slice(equals + 1) };
  if (!long && body.length > 1 && valued.has(body[0] ?? ""))
    return { name: body[0] ?? "", inline: body.slice(1) };
  return { name: body };
}

/** What a table has for a word that somebody typed: "constructor", which every object knows, is no entry. */
export function entryOf<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}
