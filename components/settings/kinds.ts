/** What a key's text may be: each kind reads it, says what is wrong with it, and how Pulumi.yaml declares it. */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import * as v from "valibot";
import { type Exception, readExceptions } from "../../blueprints/exceptions";
import { databaseUrlProblem } from "./database-url";
import { type Resources, readResources } from "./resources";

/** A kind of value, read from the text that Pulumi hands to the program. */
export interface Kind<T> {
  /** Pulumi.yaml's name of the type; what has parts is handed over as JSON. */
  type: "string" | "integer" | "boolean" | "array" | "object";
  /** Of an array. */
  items?: { type: "string" | "object" };
  /** The values that it may have, for people; undefined where the description says it. */
  range?: string;
  schema: v.GenericSchema<string, T>;
}

/** What is wrong with a URL that has a password in it; the password itself is never repeated. */
const HOLDS_CREDENTIALS =
  "must have no user or password in it: it is shown in previews, and kept in clear";
const MIN_SECRET_LENGTH = 32;
const HOST = /^\.?[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?$/;
/** As the chart takes them. */
const ORIGIN = /^https?:\/\/[^/?#@\s]+\/?$/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Any text. */
export function text(): Kind<string> {
  return { type: "string", schema: v.string() };
}

/** A name, which is never empty. @param meaning what it must be, in words */
export function named(pattern: RegExp, meaning: string): Kind<string> {
  return formed(pattern, meaning, false);
}

/** A text of a form; the empty one is no value, where it may be. @param meaning what it must be, in words */
export function formed(pattern: RegExp, meaning: string, mayBeEmpty = true): Kind<string> {
  const schema = v.pipe(
    v.string(),
    v.check(
      (value) => (mayBeEmpty && value === "") || pattern.test(value),
      ({ input }) =>
        holdsCredentials(input) ? HOLDS_CREDENTIALS : not(`must be ${meaning}`, input),
    ),
  );
  return { type: "string", schema };
}

/** One of these. */
export function choice<const T extends string>(...values: readonly T[]): Kind<T> {
  const names = values.filter((value) => value !== "");
  const schema = v.picklist(values, ({ input }) =>
    not(`must be one of ${names.join(", ")}`, String(input)),
  ) as unknown as v.GenericSchema<string, T>;
  return { type: "string", range: `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`, schema };
}

/** A whole number. */
export function integer(least: number, most: number): Kind<number> {
  const isRight = (value: string): boolean =>
    /^-?\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
  const schema = v.pipe(
    v.string(),
    v.check(isRight, ({ input }) => not(`must be a whole number from ${least} to ${most}`, input)),
    v.transform(Number),
  );
  return { type: "integer", range: `${least} to ${most}`, schema };
}

/** Yes or no. */
export function flag(): Kind<boolean> {
  const schema = v.pipe(
    v.string(),
    v.check(
      (value) => value === "true" || value === "false",
      ({ input }) => not("must be true or false", input),
    ),
    v.transform((value) => value === "true"),
  );
  return { type: "boolean", schema };
}

/** An http(s) URL without user and password. @param elsewhere where a password belongs, if it has a place */
export function url(elsewhere = ""): Kind<string> {
  return { type: "string", schema: urlSchema(elsewhere) };
}

/** An http(s) URL to which paths are added. @param elsewhere where a password or key belongs, if it has a place */
export function baseUrl(elsewhere = ""): Kind<string> {
  const why = "must end before any ? or #: paths are put behind it, and it is shown";
  const schema = v.pipe(
    url(elsewhere).schema,
    // Not repeated: what stands there may be a key.
    v.check((value) => !/[?#]/.test(value), elsewhere === "" ? why : `${why}; ${elsewhere}`),
  );
  return { type: "string", schema };
}

/** scheme://host[:port] */
export function origin(): Kind<string> {
  const schema = v.pipe(
    urlSchema(""),
    v.check(
      (value) => value === "" || new URL(value).origin === value,
      ({ input }) => not("must be scheme://host[:port] without a path", input),
    ),
  );
  return { type: "string", schema };
}

/** Texts that everybody may see. */
export function list(): Kind<string[]> {
  const schema = structured((value, problem): string[] => {
    if (!Array.isArray(value) || !value.every(isText)) problem("must be a list of texts");
    else if (value.some(holdsCredentials)) problem(HOLDS_CREDENTIALS);
    else return value;
    return [];
  });
  return { type: "array", items: { type: "string" }, schema };
}

/** Origins, scheme://host[:port], that everybody may see; a host may begin with "*.". */
export function origins(): Kind<string[]> {
  const schema = structured((value, problem): string[] => {
    if (!Array.isArray(value) || !value.every(isText)) {
      problem("must be a list of texts");
      return [];
    }
    const wrong = value.find((each) => !ORIGIN.test(each));
    if (value.some(holdsCredentials)) problem(HOLDS_CREDENTIALS);
    else if (wrong !== undefined)
      problem(not("must be a list of origins, scheme://host[:port] without a path", wrong));
    else return value;
    return [];
  });
  return { type: "array", items: { type: "string" }, schema };
}

/** Names and addresses of hosts; one with a leading dot is a domain. */
export function hosts(): Kind<string[]> {
  const one = (host: string): boolean => HOST.test(host);
  return listOf("hosts", 'hosts, and of domains as ".example.com"', one);
}

/** IP addresses, and ranges of them in CIDR notation. */
export function addressRanges(): Kind<string[]> {
  return listOf("addresses", 'IP addresses, and of ranges as "10.0.0.0/8"', isAddressRange);
}

/**
 * @param what the items, as they are called where there is no list of them
 * @param form the same with how they look, for an item that is none
 */
function listOf(what: string, form: string, isItem: (text: string) => boolean): Kind<string[]> {
  const schema = structured((value, problem): string[] => {
    if (!Array.isArray(value)) problem(`must be a list of ${what}`);
    else {
      const wrong = value.find((item) => typeof item !== "string" || !isItem(item));
      if (wrong === undefined) return value as string[];
      problem(not(`must be a list of ${form}`, String(wrong)));
    }
    return [];
  });
  return { type: "array", items: { type: "string" }, schema };
}

/** Certificates in PEM form, which end in a line break; the empty text is none. */
export function certificates(): Kind<string> {
  const schema = v.pipe(
    v.string(),
    v.check(
      (value) => value === "" || isCertificates(value),
      ({ input }) =>
        input.includes("PRIVATE KEY")
          ? "has a private key in it: only certificates belong there"
          : "must be certificates in PEM form: pulumi config set caCertificates < company-ca.pem",
    ),
    v.transform((value) => (value === "" ? "" : `${value.trim()}\n`)),
  );
  return { type: "string", schema };
}

/** Accepted findings of the blueprints. */
export function exceptions(): Kind<Exception[]> {
  const schema = structured((value, problem): Exception[] => {
    const read = readExceptions(value);
    if (read.mistakes.length > 0) problem(read.mistakes.join("; "));
    return read.exceptions;
  });
  return { type: "array", items: { type: "object" }, schema };
}

/** Requests and limits of a container. */
export function resources(): Kind<Resources> {
  const schema = structured((value, problem): Resources => {
    const problems: string[] = [];
    const read = readResources(value, problems);
    if (problems.length > 0) problem(problems.join("; "));
    return read;
  });
  return { type: "object", schema };
}

/** A key that is sent in a header; its message never repeats it. */
export function headerKey(): Kind<string> {
  const schema = v.pipe(
    v.string(),
    v.check(
      (value) => /^[!-~]*$/.test(value),
      "has blanks, line breaks or other characters that no key has: set it again",
    ),
  );
  return { type: "string", schema };
}

/** A key that is long enough not to be guessed. */
export function secretKey(): Kind<string> {
  const schema = v.pipe(
    v.string(),
    v.check(
      // Blanks around it don't count: the front end takes them away.
      (value) => value === "" || value.trim().length >= MIN_SECRET_LENGTH,
      `must have at least ${MIN_SECRET_LENGTH} characters`,
    ),
  );
  return { type: "string", schema };
}

/** URL of a PostgreSQL database, with user and password. */
export function databaseUrl(): Kind<string> {
  const schema = v.pipe(
    v.string(),
    v.check(
      (value) => value === "" || databaseUrlProblem(value) === undefined,
      ({ input }) => databaseUrlProblem(input) ?? "",
    ),
  );
  return { type: "string", schema };
}

function urlSchema(elsewhere: string): v.GenericSchema<string, string> {
  return v.pipe(
    v.string(),
    v.check(
      (value) => value === "" || (isHttpUrl(value) && !holdsCredentials(value)),
      ({ input }) =>
        holdsCredentials(input)
          ? [HOLDS_CREDENTIALS, elsewhere].filter((part) => part !== "").join("; ")
          : not("must be an http(s) URL", input),
    ),
  );
}

/** What Pulumi hands over as JSON. */
function structured<T>(
  read: (value: unknown, problem: (text: string) => void) => T,
): v.GenericSchema<string, T> {
  return v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      let value: unknown;
      try {
        value = JSON.parse(dataset.value);
      } catch {
        addIssue({ message: "must be structured (see: pulumi config set --path)" });
        return NEVER;
      }
      return read(value, (message) => addIssue({ message }));
    }),
  );
}

/** Whether a text holds certificates and, beside comments, nothing else. */
function isCertificates(value: string): boolean {
  const found = value.match(CERTIFICATE) ?? [];
  try {
    for (const certificate of found) new X509Certificate(certificate);
  } catch {
    return false;
  }
  return found.length > 0 && !value.replace(CERTIFICATE, "").includes("-----");
}

function isAddressRange(value: string): boolean {
  const [address = "", prefix = "0", ...rest] = value.split("/");
  const bits = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

function not(message: string, value: string): string {
  return `${message}, not ${JSON.stringify(value)}`;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Whether a URL, or what is meant as one, names a user: what stands before "@" in its host's place. */
function holdsCredentials(value: string): boolean {
  return (
    /^[^/?#]*:?[/\\]{2}[^/?#\\]*@/.test(value.trim()) || /^[^/?#@]*:[^/?#@]*@/.test(value.trim())
  );
}

function isHttpUrl(value: string): boolean {
  try {
    return /^https?:$/.test(new URL(value).protocol);
  } catch {
    return false;
  }
}
