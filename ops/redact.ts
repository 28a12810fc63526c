/** Takes secrets out of texts before an assistant, a terminal log or the audit file gets them. */

export const REDACTED = "[redacted]";

/** Shorter values would also hit ordinary words and numbers. */
const LEAST_SECRET_LENGTH = 6;
const CONFIDENTIAL_NAME =
  "(?:[\\w.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie|database[_-]?url|connection[_-]?string|dsn)[\\w.-]*)";

const PATTERNS: readonly { pattern: RegExp; by: string }[] = [
  {
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    by: REDACTED,
  },
  // scheme://user:password@host, where the password may have an @ of its own
  { pattern: /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):[^\s/"']+@/gi, by: `$1:${REDACTED}@` },
  { pattern: /\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, by: REDACTED },
  { pattern: /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, by: `$1 ${REDACTED}` },
  {
    pattern:
      /\b(?:sk|pk|rk)-[\w-]{16,}|\bgh[oprsu]_\w{20,}|\bgithub_pat_\w{20,}|\bxox[abeoprs]-[\w-]{10,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bpul-[0-9a-f]{30,}/g,
    by: REDACTED,
  },
  {
    // name=value, name: value, "name": "value", quoted values as a whole
    pattern: new RegExp(
      `(["']?\\b${CONFIDENTIAL_NAME}["']?\\s*[=:]\\s*)("(?:[^"\\\\\\n]|\\\\.)*"|'[^'\\n]*'|[^\\s,;}&"']+)`,
      "gi",
    ),
    by: `$1${REDACTED}`,
  },
];

/** Redacts by the values that are known to be secret, and by what secrets look like. */
export class Redactor {
  /** Known values, longest first, so that none leaves a rest of another behind. */
  private readonly known: readonly string[];

  /** @param values secrets in clear; their parts in a URL and their usual encodings are covered too */
  constructor(values: readonly string[] = []) {
    const all = new Set<string>();
    for (const value of values) {
      for (const part of [value, ...urlParts(value)]) {
        if (part.length < LEAST_SECRET_LENGTH) continue;
        all.add(part);
        all.add(encodeURIComponent(part));
        all.add(Buffer.from(part).toString("base64"));
        all.add(JSON.stringify(part).slice(1, -1));
      }
    }
    this.known = [...all].sort((a, b) => b.length - a.length);
  }

  /** The text without secrets. */
  text(text: string): string {
    let clean = text;
    for (const value of this.known) clean = clean.replaceAll(value, REDACTED);
    for (const { pattern, by } of PATTERNS) clean = clean.replace(pattern, by);
    return clean;
  }

  /** A JSON-like value with every text in it redacted. */
  deep<T>(value: T): T {
    if (typeof value === "string") return this.text(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.deep(item)) as T;
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value).map(([key, item]) => [key, this.deep(item)]);
      return Object.fromEntries(entries) as T;
    }
    return value;
  }
}

/** Text without the control characters by which it could take over a terminal. */
export function printable(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
      .replace(/\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])/g, "")
      .replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, "")
  );
}

/** The password of a URL, as it stands there and decoded; by pattern, as it may not be encoded right. */
function urlParts(value: string): string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^:/@]*:(.+)@/i.exec(value)?.[1];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
