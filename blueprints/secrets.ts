/** How a secret looks, by its name or its value. Both are guesses: rules say why they think so. */

const NAMES = new RegExp(
  [
    "PASSWORDS?(_|$)", // also run together, as in PGPASSWORD
    "(^|_)(PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|DATABASE_URL|CONNECTION_STRING|DSN)S?(_|$)",
    "(^|_)(API|ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION|MASTER|SESSION|COOKIE|JWT)_?KEYS?(_|$)",
    "(^|_)(DB|DATABASE|PG|POSTGRES|MYSQL|REDIS|SMTP|MAIL|ADMIN|ROOT|USER)_?(PASS|PWD)$",
  ].join("|"),
);
/** Names that speak of a secret and hold none. */
const HARMLESS =
  /_(FILE|PATH|NAME|REF|DIR|COUNT|LIMIT|LENGTH|TTL|EXPIRY|EXPIRES|ALGORITHM|TYPE|CHECKSUM)$|^(MAX|MIN|PUBLIC|EXISTING|AUTOMOUNT|IMAGE_PULL)_/;

/** Values that only a secret has. */
const VALUES: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i, "a URL with a password"],
  [/\bsk-[A-Za-z0-9_-]{16,}/, "an API key"],
  [/\b(ghp|gho|ghs|github_pat|glpat|xox[abp])[-_][A-Za-z0-9_-]{16,}/, "an access token"],
  [/\bAKIA[0-9A-Z]{16}\b/, "an AWS access key"],
  [/\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/, "a signed token"],
];

/** Whether a variable or value of this name is one that nobody should read. */
export function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[^A-Za-z0-9]+/g, "_");
  const upper = words.toUpperCase();
  return NAMES.test(upper) && !HARMLESS.test(upper);
}

/** What kind of secret a text holds; undefined where it seems to hold none. The text is never repeated. */
export function secretIn(text: string): string | undefined {
  return VALUES.find(([pattern]) => pattern.test(text))?.[1];
}

/** A text with every secret in it taken out. */
export function masked(text: string): string {
  return VALUES.reduce((rest, [pattern, kind]) => {
    const all = new RegExp(pattern.source, `${pattern.flags}g`);
    return rest.replace(all, `(${kind})`);
  }, text);
}

/** The name of a secret to which a command gives a value, NAME=value or --name=value; undefined where it gives none. */
export function secretGivenIn(text: string): string | undefined {
  // A value that begins with $ is a variable's.
  const given = text.matchAll(/(?:^|[\s;&|"'(])-{0,2}([A-Za-z][\w-]*)=["']?[^\s"'$]/g);
  return [...given].map(([, name = ""]) => name).find(isSecretName);
}
