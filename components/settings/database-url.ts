/** What a database's URL may say: refused here is what one of the two services wouldn't understand in its pod. */

const SHAPE = /^postgres(ql)?(\+[a-z0-9]+)?:\/\/[^/?#\s]+\/[^/?#\s]+/;
/** More than one host, after a user and a password that may hold a comma. */
const HOSTS = /^[^/]+\/\/(?:[^/?#]*@|(?![^/?#]*@))[^/?#@]*,/;
/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS, for libpq 18 */
const KNOWN = new Set(
  `service user password passfile channel_binding connect_timeout dbname host hostaddr port client_encoding options
  application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count
  tcp_user_timeout sslmode sslnegotiation sslcompression sslcert sslkey sslcertmode sslpassword sslrootcert sslcrl
  sslcrldir sslsni requirepeer require_auth min_protocol_version max_protocol_version ssl_min_protocol_version
  ssl_max_protocol_version gssencmode krbsrvname gsslib gssdelegation replication target_session_attrs
  load_balance_hosts scram_client_key scram_server_key oauth_issuer oauth_client_id oauth_client_secret oauth_scope
  sslkeylogfile`.split(/\s+/),
);
/** Of other clients, and without a meaning here: both services leave them out. */
const IGNORED = new Set([
  ...["pgbouncer", "connection_limit", "pool_timeout", "uselibpqcompat"],
  ...["statement_cache_size", "prepared_statements"],
]);
/** What is meant by parameters of other clients that people copy along. */
const INSTEAD: Readonly<Record<string, string>> = {
  schema: "options=-csearch_path%3DNAME",
  ssl: "sslmode=require, or sslmode=verify-full",
};
/** Parameters that name a file, or a section of one. */
const FILES = [
  ...["sslcert", "sslkey", "sslcrl", "sslcrldir", "sslkeylogfile"],
  ...["passfile", "service"],
];
const MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
/** The authorities that both images have. */
const SYSTEM = ["system", "/etc/ssl/certs/ca-certificates.crt"];

/** What is wrong with a database's URL; never repeats any part of it but the names of parameters. */
export function databaseUrlProblem(url: string): string | undefined {
  if (!SHAPE.test(url)) return "must look like postgresql://user:password@host:5432/database";
  if (HOSTS.test(url) || /[?&]host=[^&]*(,|%2c)/i.test(url))
    return "names several hosts, of which one service would take the first only: name the one that always takes writes";
  const at = url.indexOf("?");
  const query = new URLSearchParams(at < 0 ? "" : url.slice(at + 1).split("#")[0]);
  const unknown = [...new Set(query.keys())].filter(
    (name) => !KNOWN.has(name) && !IGNORED.has(name),
  );
  if (unknown.length > 0) {
    const named = unknown.map((name) =>
      INSTEAD[name] ? `${printable(name)} (say ${INSTEAD[name]})` : printable(name),
    );
    return `has parameters that PostgreSQL doesn't know: ${named.join(", ")}`;
  }
  const mode = query.get("sslmode");
  if (mode !== null && !MODES.includes(mode)) {
    const meant = mode === "no-verify" ? ": what node-postgres calls no-verify is require" : "";
    return `has an sslmode that is none of ${MODES.join(", ")}${meant}`;
  }
  const root = query.get("sslrootcert");
  if (root === "system" && mode !== null && mode !== "verify-full")
    return "has sslrootcert=system, which goes with sslmode=verify-full only";
  const files = FILES.filter((name) => query.get(name));
  if (root && !SYSTEM.includes(root)) files.push("sslrootcert");
  if (files.length > 0)
    return `names files that no pod has (${files.join(", ")}): an authority of your own goes into caCertificates, and counts with sslmode=verify-full`;
  return undefined;
}

/** A name of a parameter that may have been meant otherwise, as what stands behind a "?" in a password. */
function printable(name: string): string {
  return /^[a-zA-Z_][\w.-]{0,40}$/.test(name) ? name : "one with an odd name";
}
