import { isPortFree } from "../../common/ports";
import { tryRun } from "../../common/run";
import { findDatabase } from "../../components/database/container";
import { findTunnel } from "../../components/minikube/profile";
import { databaseName } from "../../components/names";
import { check } from "./check";
import { listed } from "./cluster";
import { ok, problem } from "./finding";

/** Name of the Helm release; Helm writes it on what is the release's. */
const RELEASE = "todo-app";
const OWNER = "meta.helm.sh/release-name";

/** A Service, as far as its ports and its owner matter. */
interface Service {
  metadata: { name: string; namespace: string; annotations?: Record<string, string> };
  spec: { ports?: { nodePort?: number }[] };
}

/** The port by which users reach the front end. */
export const nodePort = check(
  "node port",
  ["nodePort", "session", "cluster"],
  async ({ nodePort: port, session, cluster }) => {
    const subject = `node port ${port}`;
    const services = await listed<Service>(cluster, ["services", "--all-namespaces"]);
    const owner = services.find(({ spec }) =>
      spec.ports?.some(({ nodePort }) => nodePort === port),
    );
    if (!owner) return [ok(subject, "is free")];
    const { name, namespace, annotations } = owner.metadata;
    if (namespace === cluster.namespace && annotations?.[OWNER] === RELEASE)
      return [ok(subject, `is this stack's: Service ${namespace}/${name}`)];
    const remedy = `delete that Service, or choose another: pulumi config set nodePort <30000-32767> --stack ${session.stack}`;
    return [problem(subject, `is taken by Service ${namespace}/${name}`, remedy)];
  },
);

/** The port of the local database on this machine. */
export const databasePort = check(
  "local database's port",
  ["databasePort", "session", "engine"],
  async ({ databasePort: port, session }) => {
    const subject = `port ${port} of the local database`;
    const own = await findDatabase(databaseName(session.stack));
    if (own.running && own.bindings.some((at) => at.endsWith(`:${port}`)))
      return [ok(subject, "is this stack's database's")];
    if (await isPortFree(port, "127.0.0.1")) return [ok(subject, "is free")];
    const holders = ["ps", "--filter", `publish=${port}`, "--format", "{{.Names}}"];
    const container = (await tryRun("docker", holders)).stdout.trim();
    const found = container ? `is taken by container ${container}` : "is taken";
    const remedy = `end what listens there (${whoListens(port)}), or choose another: pulumi config set localDatabasePort <port> --stack ${session.stack}`;
    return [problem(subject, found, remedy)];
  },
);

/** The command that tells who listens at a port: there is no ss on macOS. */
export function whoListens(port: number, platform = process.platform): string {
  return platform === "linux"
    ? `ss -ltnp 'sport = :${port}'`
    : `lsof -nP -iTCP:${port} -sTCP:LISTEN`;
}

/** Without a tunnel a LoadBalancer on Minikube has no address. */
export const tunnel = check("tunnel", ["tunnel"], async ({ tunnel: profile }) => {
  const found = findTunnel(profile);
  if (found) return [ok("tunnel", found === "ssh" ? "runs, by SSH to 127.0.0.1" : "runs")];
  return [problem("tunnel", "doesn't run", `in another terminal: minikube tunnel -p ${profile}`)];
});
