import { createHash, createHmac } from "node:crypto";
import { isObject, type Json } from "../runtime/json";

const MASKED = /^\[masked [0-9a-f]{8}\]$/;
/** Fields of a container whose entries people, and webhooks, put tokens into. */
const WORDS: readonly string[] = ["args", "command"];

/**
 * What a cluster has, without the values of variables, and the words of commands, that `rendered` doesn't have:
 * somebody else has put them there, and they may be secrets. What stands instead tells whether they have changed.
 * What is masked already stays as it is.
 * @param key what nobody knows, so that nobody can tell by trying what is masked; undefined as states before 0.2 were
 */
export function masked(live: Json, rendered: Json | undefined, key: string | undefined): Json {
  if (Array.isArray(live))
    return live.map((item, index) => masked(item, counterpart(item, rendered, index), key));
  if (!isObject(live)) return live;
  const wanted = isObject(rendered) ? rendered : {};
  return Object.fromEntries(
    Object.entries(live).map(([field, value]) => {
      if (field === "env" && Array.isArray(value))
        return [field, value.map((item) => maskedVariable(item, wanted[field], key))];
      if (WORDS.includes(field) && Array.isArray(value))
        return [field, value.map((word) => (has(wanted[field], word) ? word : mask(word, key)))];
      return [field, masked(value, wanted[field], key)];
    }),
  );
}

/** The same element of another list: by its name where it has one, as containers do. */
function counterpart(item: Json, others: Json | undefined, index: number): Json | undefined {
  if (!Array.isArray(others)) return undefined;
  if (!isObject(item) || item.name === undefined) return others[index];
  return others.find((other) => isObject(other) && other.name === item.name);
}

function maskedVariable(variable: Json, wanted: Json | undefined, key: string | undefined): Json {
  if (!isObject(variable) || variable.value === undefined) return variable;
  const { name, value } = variable;
  const isRendered =
    Array.isArray(wanted) &&
    wanted.some((other) => isObject(other) && other.name === name && other.value === value);
  return isRendered ? variable : { ...variable, value: mask(value, key) };
}

function has(words: Json | undefined, word: Json): boolean {
  return Array.isArray(words) && words.includes(word);
}

function mask(value: Json, key: string | undefined): Json {
  if (typeof value !== "string" || value === "" || MASKED.test(value)) return value;
  const hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
  return `[masked ${hash.update(value).digest("hex").slice(0, 8)}]`;
}
