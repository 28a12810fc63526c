import { Pool, type PoolClient, type QueryConfig } from "pg";
import { databaseTarget, type Tls } from "./database-tls";
import type { ServerEnv } from "./env";
import { describeError, log } from "./log";

/**
 * In milliseconds: longest wait for a connection, and for an answer on one. Together they stay below the
 * time in which whoever asked is told that the database is away.
 */
const LIMITS = { connect: 4_000, query: 4_000 };

/** Errors of a server that was reached but doesn't take this kind of connection. */
const REFUSES_TLS = /server does not support SSL/;
/** What node-postgres says when an answer doesn't come within `query_timeout`. */
const READ_TIMEOUT = "Query read timeout";
const REFUSES_PLAIN = "28000"; // invalid_authorization_specification: no such line in pg_hba.conf

type Release = (error?: Error | boolean) => void;
type Connected = (
  error: Error | undefined,
  client: PoolClient | undefined,
  release: Release,
) => void;

/** The process's connections to Postgres. */
export class Database extends Pool {
  private readonly attempts: readonly Tls[];
  private attempt = 0;

  constructor({
    databaseUrl,
    databasePoolSize,
  }: Pick<ServerEnv, "databaseUrl" | "databasePoolSize">) {
    const { connectionString, attempts } = databaseTarget(databaseUrl);
    super({
      connectionString,
      ssl: attempts[0],
      max: databasePoolSize,
      connectionTimeoutMillis: LIMITS.connect,
      idleTimeoutMillis: 30_000,
      query_timeout: LIMITS.query,
      keepAlive: true,
      application_name: "todo-frontend",
    });
    this.attempts = attempts;
    this.on("connect", endAfterTimeout);
    // An idle connection that the server drops must not end the process.
    this.on("error", (error) => log("warning", "database.connection_lost", describeError(error)));
  }

  override connect(): Promise<PoolClient>;
  override connect(done: Connected): void;
  override connect(done?: Connected): Promise<PoolClient> | undefined {
    const connected = this.connectAsAllowed();
    if (!done) return connected;
    connected.then(
      (client) => done(undefined, client, (error) => client.release(error)),
      (error: Error) => done(error, undefined, () => undefined),
    );
    return undefined;
  }

  /** Where the URL allows encrypted and plain connections alike, takes the kind that the server takes. */
  private async connectAsAllowed(): Promise<PoolClient> {
    const tried = this.attempt;
    try {
      return await super.connect();
    } catch (error) {
      if (this.attempts.length === 1 || !isRefusal(error)) throw error;
      // Others may have found it out meanwhile.
      if (this.attempt === tried) {
        this.attempt = (tried + 1) % this.attempts.length;
        this.options.ssl = this.attempts[this.attempt] ?? false;
      }
      return super.connect();
    }
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return REFUSES_TLS.test(error.message) || (error as { code?: unknown }).code === REFUSES_PLAIN;
}

/**
 * Has a connection ended on which an answer didn't come in time. The pool would hand it out again, and all
 * that is asked on it waits behind what never comes.
 */
function endAfterTimeout(client: PoolClient): void {
  const query = client.query.bind(client) as (config: QueryConfig) => unknown;
  client.query = ((...parameters: Parameters<typeof query>) => {
    const result = query(...parameters);
    if (result instanceof Promise) {
      result.catch((error: unknown) => {
        if (error instanceof Error && error.message === READ_TIMEOUT) {
          client.end().catch(() => undefined);
        }
      });
    }
    return result;
  }) as typeof client.query;
}
