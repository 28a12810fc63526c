import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";

/** How a connection is begun: encrypted in this way, or plain. */
export type Tls = ConnectionOptions | false;

/** How to connect to the database. */
export interface DatabaseTarget {
  /** The URL without what is said of encryption, which `attempts` holds. */
  connectionString: string;
  /** What to try, in turn, as libpq does for the URL's `sslmode`. */
  attempts: readonly [Tls, ...Tls[]];
}

/** What is said of encryption in the database's URL doesn't make sense. The message doesn't hold the URL. */
export class DatabaseUrlError extends Error {
  override name = "DatabaseUrlError";
}

const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
type Mode = (typeof MODES)[number];

const PARAMETERS = ["sslmode", "sslrootcert", "sslcert", "sslkey", "sslnegotiation"] as const;

/** Any certificate will do: the connection is encrypted, and that is all. */
const UNVERIFIED: ConnectionOptions = { rejectUnauthorized: false };

/**
 * Reads `sslmode` and what goes with it as libpq does, so that one URL means the same in both applications:
 * node-postgres by itself takes `prefer` and `require` for full verification and `sslrootcert=system` for
 * the name of a file (https://github.com/brianc/node-postgres/issues/2375, issues/3101).
 *
 * Where libpq would look for `~/.postgresql/root.crt`, the authorities that the system trusts count, as with
 * `sslrootcert=system`; `SSL_CERT_FILE` and `NODE_EXTRA_CA_CERTS` can name further ones.
 *
 * @throws DatabaseUrlError for a mode that doesn't exist, or a file that can't be read
 */
export function databaseTarget(databaseUrl: string): DatabaseTarget {
  const [base = "", query = ""] = splitOnce(databaseUrl, "?");
  const parameters = new URLSearchParams(query);
  const given = Object.fromEntries(
    PARAMETERS.map((name) => [name, parameters.get(name) || undefined]),
  ) as Record<(typeof PARAMETERS)[number], string | undefined>;
  for (const name of PARAMETERS) parameters.delete(name);
  const rest = parameters.toString();
  return {
    connectionString: rest ? `${base}?${rest}` : base,
    attempts: attempts(modeOf(given), given),
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

type Given = Record<(typeof PARAMETERS)[number], string | undefined>;

function modeOf({ sslmode, sslrootcert, sslnegotiation }: Given): Mode {
  const system = sslrootcert === "system";
  const direct = sslnegotiation === "direct";
  const mode = sslmode ?? (system ? "verify-full" : direct ? "require" : "prefer");
  const known = MODES.find((one) => one === mode);
  if (!known) throw new DatabaseUrlError(`sslmode must be one of ${MODES.join(", ")}.`);
  if (system && known !== "verify-full") {
    throw new DatabaseUrlError("sslrootcert=system goes with sslmode=verify-full only.");
  }
  return known;
}

function attempts(mode: Mode, given: Given): [Tls, ...Tls[]] {
  if (mode === "disable") return [false];
  const own: ConnectionOptions = {
    ...(given.sslcert && { cert: read("sslcert", given.sslcert) }),
    ...(given.sslkey && { key: read("sslkey", given.sslkey) }),
  };
  const ca = authorities(given.sslrootcert);
  const withoutName: ConnectionOptions = { ...own, ...ca, checkServerIdentity: () => undefined };
  switch (mode) {
    case "allow":
      return [false, { ...own, ...UNVERIFIED }];
    case "prefer":
      return [{ ...own, ...UNVERIFIED }, false];
    case "require":
      // As libpq does, for the sake of those who name an authority and expect it to count.
      return [given.sslrootcert ? withoutName : { ...own, ...UNVERIFIED }];
    case "verify-ca":
      return [withoutName];
    case "verify-full":
      return [{ ...own, ...ca }];
  }
}

function authorities(sslrootcert: string | undefined): ConnectionOptions {
  if (sslrootcert && sslrootcert !== "system") return { ca: read("sslrootcert", sslrootcert) };
  // OpenSSL's own variable, which libpq goes by.
  const file = process.env.SSL_CERT_FILE;
  return file ? { ca: read("SSL_CERT_FILE", file) } : {};
}

function read(name: string, file: string): string {
  try {
    return readFileSync(/* turbopackIgnore: true */ file, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new DatabaseUrlError(`the file that ${name} names, ${file}, can't be read (${code}).`);
  }
}
