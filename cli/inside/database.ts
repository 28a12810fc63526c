import { UserError } from "../../common/errors";
import { DATABASE_IMAGE, findDatabase } from "../../components/database/container";
import { networkOf } from "../../components/minikube/profile";
import { databaseName, SECRET } from "../../components/names";
import { authorities } from "../../tools/download";
import { type Session, usesLocalDatabase } from "../session/session";
import { requireCluster } from "../update/preflight";
import { isTerminal } from "./terminal";

const DEFAULT_PORT = "5432";
/** The host's name inside Minikube; in a container it needs a word. */
const MINIKUBE_HOST = "host.minikube.internal";
/** Parameters of a connection URL that libpq reads from the environment, by their names there. */
const PARAMETERS: Readonly<Record<string, string>> = {
  sslmode: "PGSSLMODE",
  channel_binding: "PGCHANNELBINDING",
  options: "PGOPTIONS",
  application_name: "PGAPPNAME",
  connect_timeout: "PGCONNECT_TIMEOUT",
  target_session_attrs: "PGTARGETSESSIONATTRS",
};

/** Where psql's container has the authorities that it is to trust: libpq 15 takes `sslrootcert=system` for a file. */
const ROOTS = "/tmp/authorities.pem";
/** No variable may be longer than 128 KiB on Linux. */
const LONGEST_VARIABLE = 100_000;

/** A command of docker that starts psql. */
export interface DatabaseConnection {
  args: string[];
  env: NodeJS.ProcessEnv;
}

/**
 * How psql reaches a stack's database: inside the container of the local one, which asks for no password there;
 * else in a container of its own, which gets host, user and password as variables, so that no command line and no
 * output has them.
 * @param flags further flags of psql
 */
export async function databaseConnection(
  session: Session,
  flags: readonly string[],
): Promise<DatabaseConnection> {
  const { tools, settings, stack } = session;
  const terminal = ["--interactive", ...(isTerminal() ? ["--tty"] : [])];
  if (usesLocalDatabase(settings)) {
    const name = databaseName(stack);
    if (!(await findDatabase(name)).running)
      throw new UserError({
        what: `the database of stack "${stack}" doesn't run`,
        why: `there is no running container ${name} on this machine`,
        next: `npm run up -- --stack ${stack}`,
      });
    const user = ["--username", "todo", "--dbname", "todo"];
    return { args: ["exec", ...terminal, name, "psql", ...user, ...flags], env: tools.env };
  }
  const url = await configuredUrl(session);
  const variables = connectionVariables(url);
  const { delivery, network: own } = settings;
  const trust = verifies(url) ? trustVariables([...authorities(), own.caCertificates]) : {};
  const network = delivery.kind === "minikube" ? ["--network", networkOf(delivery.profile)] : [];
  const host =
    variables.PGHOST === MINIKUBE_HOST ? ["--add-host", `${MINIKUBE_HOST}:host-gateway`] : [];
  const names = Object.keys({ ...variables, ...trust }).flatMap((name) => ["--env", name]);
  const parts = Object.keys(trust).filter((name) => name.startsWith(PART));
  const program =
    parts.length === 0
      ? ["psql"]
      : [
          ...["sh", "-c"],
          `printf %s "${parts.map((name) => `$${name}`).join("")}" > ${ROOTS} && exec psql "$@"`,
          "psql",
        ];
  return {
    args: [
      "run",
      "--rm",
      ...terminal,
      ...network,
      ...host,
      ...names,
      DATABASE_IMAGE,
      ...program,
      ...flags,
    ],
    env: { ...tools.env, ...variables, ...trust },
  };
}

/** The URL that the stack's pods use, from their Secret. */
async function configuredUrl({ cluster, settings, stack }: Session): Promise<string> {
  await requireCluster(settings, cluster);
  const found = await cluster.try([
    "get",
    "secret",
    SECRET,
    "--output=jsonpath={.data.DATABASE_URL}",
  ]);
  if (found.code === 0 && found.stdout !== "")
    return Buffer.from(found.stdout, "base64").toString("utf8");
  const isMissing = found.code === 0 || /NotFound/.test(found.stderr);
  throw new UserError({
    what: `the database of stack "${stack}" isn't known`,
    why: isMissing
      ? `namespace ${cluster.namespace} has no Secret ${SECRET} with its URL`
      : found.stderr.trim(),
    next: isMissing
      ? `npm run up -- --stack ${stack}`
      : "ask for an account that may read the namespace's Secrets",
  });
}

const PART = "AUTHORITIES_";

/** Authorities in pieces that a variable each can hold, and where libpq finds them once they are put together. */
function trustVariables(certificates: readonly string[]): Record<string, string> {
  const all = certificates
    .filter((text) => text.trim() !== "")
    .map((text) => `${text.trim()}\n`)
    .join("");
  const pieces = all.match(new RegExp(`[^]{1,${LONGEST_VARIABLE}}`, "g")) ?? [];
  return {
    ...Object.fromEntries(pieces.map((piece, index) => [`${PART}${index}`, piece])),
    PGSSLROOTCERT: ROOTS,
  };
}

/** Whether a connection holds the server's certificate against authorities. */
function verifies(text: string): boolean {
  const { PGSSLMODE = "" } = connectionVariables(text);
  return PGSSLMODE.startsWith("verify-");
}

/** A connection URL as the variables that libpq reads. */
export function connectionVariables(text: string): Record<string, string> {
  const url = new URL(text.replace(/^postgres(ql)?(\+\w+)?:/, "postgresql:"));
  const parameters = [...url.searchParams].flatMap(([name, value]) => {
    const variable = PARAMETERS[name];
    return variable === undefined ? [] : [[variable, value]];
  });
  // As libpq means it from version 16 on.
  const isSystem = url.searchParams.get("sslrootcert") === "system";
  return {
    ...(isSystem && { PGSSLMODE: "verify-full" }),
    PGHOST: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    PGPORT: url.port || DEFAULT_PORT,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
    ...(Object.fromEntries(parameters) as Record<string, string>),
  };
}
