import { stripVTControlCharacters } from "node:util";
import { messageOf } from "../common/errors";
import { tryRun } from "../common/run";
import { keptDeployments } from "../components/deployments";
import { listNodes, readProfile, tunnelRuns } from "../components/minikube";
import { imageStores } from "../components/node-images";
import { inspectTools } from "../tools";
import { main } from "./cli";
import { databaseName } from "./database";
import { freeBytes } from "./preflight";
import { inspectDamage } from "./repair";
import { openSession, type Session, usesLocalDatabase } from "./session";
import { ROOT } from "./workspace";

const GIB = 1024 ** 3;
const ENOUGH_DISK_GIB = 5;
const ENOUGH_CPUS = 2;
const ENOUGH_MEMORY_GIB = 4;

/** One thing that was looked at. */
export interface Finding {
  level: "ok" | "warning" | "problem";
  subject: string;
  /** What was found, and where it matters what is needed. */
  found: string;
  remedy?: string;
}

const MARKS = { ok: "✓", warning: "!", problem: "✗" } as const;

main(
  "doctor",
  "Looks at everything that a stack needs; changes nothing but missing tools. Exit code 1 where something must be mended.",
  {},
  async ({ stack }) => {
    const session = await openSession(stack);
    const groups = [tools, engine, disk, cluster, ports, database, images, locks];
    let problems = 0;
    for (const group of groups) {
      const findings = await group(session).catch((error): Finding[] => [
        { level: "problem", subject: group.name, found: messageOf(error).split("\n")[0] ?? "" },
      ]);
      for (const finding of findings) {
        if (finding.level === "problem") problems += 1;
        process.stdout.write(`${line(finding)}\n`);
      }
    }
    process.stdout.write(problems === 0 ? "all is well\n" : `${problems} to mend\n`);
    return problems === 0 ? 0 : 1;
  },
);

/** A finding as it is printed. */
export function line({ level, subject, found, remedy }: Finding): string {
  const text = `${MARKS[level]} ${subject}: ${stripVTControlCharacters(found)}`;
  return remedy === undefined ? text : `${text}\n    remedy: ${remedy}`;
}

async function tools({ tools: { notes } }: Session): Promise<Finding[]> {
  const reports = await inspectTools();
  const findings = reports.map(({ name, needed, found, source, remedy }): Finding => {
    if (source === "missing")
      return {
        level: "problem",
        subject: name,
        found: `missing (needed: ${needed})`,
        ...(remedy ? { remedy } : {}),
      };
    return { level: "ok", subject: name, found: `${found} (needed: ${needed}; ${source})` };
  });
  return [
    ...findings,
    ...notes.map(
      (note): Finding => ({ level: "ok", subject: "note", found: note.replace(/^note: /, "") }),
    ),
  ];
}

async function engine({ tools: { env } }: Session): Promise<Finding[]> {
  const version = await tryRun("docker", ["version", "--format", "{{.Server.Version}}"], { env });
  if (version.code === 0)
    return [{ level: "ok", subject: "Docker engine", found: version.stdout.trim() }];
  return [
    {
      level: "problem",
      subject: "Docker engine",
      found: "doesn't answer",
      remedy: "start Docker, or let npm run up do it",
    },
  ];
}

async function disk({ tools: { env } }: Session): Promise<Finding[]> {
  const docker = await tryRun("docker", ["info", "--format", "{{.DockerRootDir}}"], { env });
  const folders = [...new Set([ROOT, docker.stdout.trim()])].filter((folder) => folder !== "");
  return Promise.all(
    folders.map(async (folder): Promise<Finding> => {
      const free = await freeBytes(folder).catch(() => undefined);
      const subject = `disk at ${folder}`;
      if (free === undefined) return { level: "ok", subject, found: "inside Docker's own machine" };
      const found = `${(free / GIB).toFixed(1)} GiB free (needed: ${ENOUGH_DISK_GIB})`;
      if (free > ENOUGH_DISK_GIB * GIB) return { level: "ok", subject, found };
      return {
        level: "problem",
        subject,
        found,
        remedy: "docker system df shows what Docker holds; docker system prune frees it",
      };
    }),
  );
}

async function cluster({ settings, cluster: target, tools: { env } }: Session): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (settings.delivery.kind === "minikube")
    findings.push(...(await profile(settings.delivery.profile, env)));
  if (!(await target.answers())) {
    findings.push({
      level: "problem",
      subject: "cluster",
      found: `context "${settings.kubeContext}" doesn't answer`,
      remedy: "npm run up starts Minikube; another cluster must be started by its own means",
    });
    return findings;
  }
  const pods = await target.pods();
  const services = pods.filter(({ metadata }) =>
    /^(backend|frontend)$/.test(metadata.labels?.component ?? ""),
  );
  const ready = services.filter(
    ({ status }) => status.containerStatuses?.every((container) => container.ready) === true,
  );
  findings.push({
    level: "ok",
    subject: "cluster",
    found: `context "${settings.kubeContext}" answers`,
  });
  if (services.length === 0)
    findings.push({
      level: "warning",
      subject: "pods",
      found: `none in namespace ${target.namespace}`,
      remedy: "npm run up",
    });
  else if (ready.length < services.length)
    findings.push({
      level: "problem",
      subject: "pods",
      found: `${ready.length} of ${services.length} ready`,
      remedy: "npm run logs tells why",
    });
  else
    findings.push({
      level: "ok",
      subject: "pods",
      found: `${ready.length} of ${services.length} ready`,
    });
  findings.push(await dns(target));
  return findings;
}

/** Without the cluster's DNS the front end doesn't find the back end, nor the back end its database. */
async function dns(target: Session["cluster"]): Promise<Finding> {
  const slices = await target.list<{ endpoints?: { conditions: { ready?: boolean } }[] }>(
    "endpointslices",
    ...["--namespace", "kube-system", "--selector", "kubernetes.io/service-name=kube-dns"],
  );
  const servers = slices.flatMap(({ endpoints }) => endpoints ?? []);
  const ready = servers.filter(({ conditions }) => conditions.ready).length;
  if (ready > 0) return { level: "ok", subject: "cluster DNS", found: `${ready} server(s) ready` };
  return {
    level: "problem",
    subject: "cluster DNS",
    found: "no server is ready, so no pod finds a Service by its name",
    remedy:
      "kubectl --namespace kube-system get pods --selector k8s-app=kube-dns tells why; kubectl --namespace kube-system rollout restart deployment/coredns",
  };
}

async function profile(name: string, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const subject = `Minikube profile "${name}"`;
  const found = readProfile(name);
  if (!found)
    return [{ level: "problem", subject, found: "is missing", remedy: "npm run up makes it" }];
  const nodes = found.driver === "docker" ? await listNodes(name) : [];
  const stopped = nodes.filter(({ running }) => !running);
  if (stopped.length > 0)
    return [
      {
        level: "problem",
        subject,
        found: `stopped: ${stopped.map(({ container }) => container).join(", ")}`,
        remedy: "npm run up starts it",
      },
    ];
  const info = await tryRun("docker", ["info", "--format", "{{.NCPU}} {{.MemTotal}}"], { env });
  const [cpus = 0, memory = 0] = info.stdout.trim().split(" ").map(Number);
  const enough = cpus >= ENOUGH_CPUS && memory >= ENOUGH_MEMORY_GIB * GIB;
  const resources = `${cpus} CPUs, ${(memory / GIB).toFixed(0)} GiB (needed: ${ENOUGH_CPUS}, ${ENOUGH_MEMORY_GIB})`;
  return [
    {
      level: "ok",
      subject,
      found: `${found.driver}, ${found.runtime}, ${found.ip}, ${nodes.length} node(s)`,
    },
    { level: enough ? "ok" : "warning", subject: "resources", found: resources },
  ];
}

async function ports({ settings, cluster: target }: Session): Promise<Finding[]> {
  const { service, delivery } = settings;
  if (service.type === "LoadBalancer" && delivery.kind === "minikube") {
    const runs = tunnelRuns(delivery.profile);
    const remedy = `in another terminal: minikube tunnel -p ${delivery.profile}`;
    return [
      runs
        ? { level: "ok", subject: "tunnel", found: "runs" }
        : { level: "problem", subject: "tunnel", found: "doesn't run", remedy },
    ];
  }
  if (service.type !== "NodePort") return [];
  const services = await target.list<{
    metadata: { name: string; namespace: string };
    spec: { ports?: { nodePort?: number }[] };
  }>("services", "--all-namespaces");
  const owner = services.find(({ spec }) =>
    spec.ports?.some(({ nodePort }) => nodePort === service.nodePort),
  );
  const subject = `port ${service.nodePort}`;
  if (!owner) return [{ level: "ok", subject, found: "is free" }];
  if (owner.metadata.namespace === settings.namespace)
    return [{ level: "ok", subject, found: "is this stack's" }];
  const found = `is taken by Service ${owner.metadata.namespace}/${owner.metadata.name}`;
  return [{ level: "problem", subject, found, remedy: "pulumi config set nodePort <30000-32767>" }];
}

/** The database as the pods see it: the back end's own readiness tells, from inside the cluster. */
async function database({
  settings,
  cluster: target,
  stack,
  tools: { env },
}: Session): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (usesLocalDatabase(settings)) {
    const name = databaseName(stack);
    const state = await tryRun(
      "docker",
      ["container", "inspect", "--format", "{{.State.Status}}", name],
      { env },
    );
    const running = state.stdout.trim() === "running";
    const found = state.code === 0 ? state.stdout.trim() : "missing";
    findings.push(
      running
        ? { level: "ok", subject: name, found }
        : { level: "problem", subject: name, found, remedy: "npm run up starts it" },
    );
  }
  const [pod] = (await target.pods()).filter(
    ({ metadata, status }) =>
      metadata.labels?.component === "backend" && status.phase === "Running",
  );
  if (!pod) return findings;
  const probe =
    "import urllib.request,sys;sys.stdout.write(urllib.request.urlopen('http://127.0.0.1:7860/ready',timeout=5).read().decode())";
  const result = await target.try([
    "exec",
    pod.metadata.name,
    "--container",
    "backend",
    "--",
    "python",
    "-c",
    probe,
  ]);
  const subject = "database from inside the cluster";
  findings.push(
    result.code === 0
      ? { level: "ok", subject, found: "reachable" }
      : {
          level: "problem",
          subject,
          found: `${pod.metadata.name} says it isn't ready`,
          remedy:
            "npm run logs -- --component backend; see that databaseUrl is right and its host reachable",
        },
  );
  return findings;
}

async function images({ settings, stack }: Session): Promise<Finding[]> {
  const newest = keptDeployments(stack).at(-1);
  if (!newest || settings.delivery.kind !== "minikube") return [];
  const stores = await imageStores(settings.delivery.profile);
  return Promise.all(
    Object.entries(newest.tags).map(async ([name, tag]): Promise<Finding> => {
      const image = `todo-${name}:${tag}`;
      const ids = await Promise.all(stores.map((store) => store.idOf(image)));
      const lacking = ids.filter((id) => id === undefined).length;
      if (lacking === 0)
        return { level: "ok", subject: image, found: `on ${stores.length} node(s)` };
      return {
        level: "problem",
        subject: image,
        found: `missing on ${lacking} of ${stores.length} node(s)`,
        remedy: "npm run up brings it back",
      };
    }),
  );
}

async function locks(session: Session): Promise<Finding[]> {
  const damage = await inspectDamage(session);
  const remedy = `npm run unlock -- --stack ${session.stack}`;
  const findings: Finding[] = damage.liveLocks.map(
    ({ pid, timestamp }): Finding => ({
      ...{ level: "warning", subject: "lock" },
      found: `an update (process ${pid}) is under way since ${timestamp}`,
    }),
  );
  if (damage.staleLocks.length > 0)
    findings.push({
      level: "problem",
      subject: "lock",
      found: "left by an update that was killed",
      remedy,
    });
  if (damage.pendingRelease !== undefined)
    findings.push({
      level: "problem",
      subject: "Helm release",
      found: damage.pendingRelease,
      remedy,
    });
  if (damage.pendingOperations > 0)
    findings.push({
      level: "problem",
      subject: "Pulumi's state",
      found: `${damage.pendingOperations} pending operation(s)`,
      remedy,
    });
  return findings.length > 0
    ? findings
    : [{ level: "ok", subject: "locks", found: "none pending" }];
}
