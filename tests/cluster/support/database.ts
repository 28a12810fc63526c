/** The Postgres container of the tests' stack, and databases in it beside the stack's own. */
import { run } from "../../../common/run";
import { required } from "./required";

/** URL by which pods reach a database of the container. */
export function databaseUrlOf(name: string): string {
  const url = new URL(required("CHART_TEST_DATABASE_URL"));
  url.pathname = name;
  return url.href;
}

/** An empty database is there afterwards; an older one of that name is dropped. */
export async function makeDatabase(name: string): Promise<void> {
  await psql("postgres", `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  await psql("postgres", `CREATE DATABASE "${name}"`);
}

/** Runs a statement in one of the databases; gives the rows, columns parted by "|". */
export function psql(database: string, statement: string): Promise<string> {
  const client = ["psql", "--username", "todo", "--dbname", database, "--quiet"];
  const flags = ["--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--command", statement];
  return run("docker", ["exec", databaseContainer(), ...client, ...flags]);
}

/** Name of the container. */
export function databaseContainer(): string {
  return required("TEST_DATABASE_CONTAINER");
}
