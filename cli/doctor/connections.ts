import { connectionsOf, fittingPool } from "../../components/database/connections";
import { check } from "./check";
import { isMeant, servicePods } from "./cluster";
import { inPod } from "./database";
import { ok, warning } from "./finding";

const SUBJECT = "database connections";
/** Prints how many connections the server lets ordinary users have. Of the URL nothing is printed. */
const LIMIT = `
import os
import psycopg
from app.core.authorities import trust_extra_authorities
from app.core.config import load_settings
from app.core.database import connect_args
trust_extra_authorities()
url = load_settings().sqlalchemy_url
conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
with psycopg.connect(conninfo, **connect_args(url)) as connection:
    names = ("max_connections", "superuser_reserved_connections")
    most, reserved = (int(connection.execute(f"SHOW {name}").fetchone()[0]) for name in names)
    print(most - reserved)
`;

/** Whether the database's server has enough connections for all pods. */
export const connections = check(SUBJECT, ["session", "cluster"], async ({ session, cluster }) => {
  const pods = (await servicePods(cluster, "backend")).filter(isMeant);
  const pod = pods.find(({ status }) => status.containerStatuses?.some(({ ready }) => ready));
  if (!pod) return []; // what keeps it from being ready is a finding of its own
  const { stdout } = await inPod(cluster, pod.metadata.name, "backend", LIMIT);
  const limit = Number.parseInt(stdout.trim(), 10);
  if (Number.isNaN(limit)) return []; // a pooler needn't say
  const most = connectionsOf(session.settings);
  const found = `up to ${most} of the server's ${limit}`;
  if (most <= limit) return [ok(SUBJECT, found)];
  const fits = fittingPool(session.settings, limit);
  const remedy =
    fits === undefined
      ? "fewer replicas, or a pooler in front of the server"
      : `pulumi config set databasePoolSize ${fits} --stack ${session.stack}, or fewer replicas, or a pooler`;
  return [warning(SUBJECT, found, remedy)];
});
