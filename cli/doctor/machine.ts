import { run } from "../../common/run";
import { listNodes, readProfile } from "../../components/minikube/profile";
import { ROOT } from "../session/workspace";
import { freeBytes } from "../update/preflight";
import { check, notChecked } from "./check";
import { type Finding, ok, problem, warning } from "./finding";

const GIB = 1024 ** 3;
const GB = 1e9;
const ENOUGH_DISK_GIB = 5;
const ENOUGH_CPUS = 2;
const ENOUGH_MEMORY_GB = 4;
const NEEDED = `needed: ${ENOUGH_CPUS} CPUs, ${ENOUGH_MEMORY_GB} GB`;

/** Room for builds and state. */
export const disk = check("disk of the project", [], async () => [
  await diskAt(ROOT, "make room there"),
]);

/** Room for images. */
export const dockerDisk = check("Docker's disk", ["engine"], async () => {
  const folder = await run("docker", ["info", "--format", "{{.DockerRootDir}}"]);
  const remedy = "docker system df shows what Docker holds; docker system prune frees it";
  return [await diskAt(folder, remedy)];
});

async function diskAt(folder: string, remedy: string): Promise<Finding> {
  const subject = `disk at ${folder}`;
  const free = await freeBytes(folder).catch(() => undefined);
  if (free === undefined) return ok(subject, "not on this machine: inside Docker's own");
  const found = `${(free / GIB).toFixed(1)} GiB free (needed: ${ENOUGH_DISK_GIB})`;
  return free > ENOUGH_DISK_GIB * GIB ? ok(subject, found) : problem(subject, found, remedy);
}

/** What the machine that Docker runs on has. */
export const resources = check("this machine", ["profile", "engine"], async () => {
  const text = await run("docker", ["info", "--format", "{{.NCPU}} {{.MemTotal}}"]);
  const [cpus = 0, bytes = 0] = text.split(" ").map(Number);
  const found = `${cpus} CPUs, ${(bytes / GB).toFixed(1)} GB (${NEEDED})`;
  const remedy = "give Docker more (Docker Desktop: Settings, Resources), or take a larger machine";
  const enough = cpus >= ENOUGH_CPUS && bytes >= ENOUGH_MEMORY_GB * GB;
  return [enough ? ok("this machine", found) : warning("this machine", found, remedy)];
});

/** The Minikube profile, as its own files tell of it. */
export const profile = check("Minikube profile", ["profile"], async ({ profile: name }) => {
  const subject = `Minikube profile "${name}"`;
  const made = readProfile(name);
  if (!made) return [problem(subject, "is missing", "npm run up makes it")];
  const { driver, runtime, ip, machines, cpus, memory } = made;
  return [
    ok(subject, `${driver}, ${runtime}, ${ip}, ${machines.length} node(s)`),
    share(`resources of ${subject}`, name, cpus, memory),
  ];
});

/** What a profile may use of the machine; 0 is all. */
function share(subject: string, profileName: string, cpus: number, memory: number): Finding {
  // Minikube's MB are 1024² bytes; whoever asks for 4000 of them means 4 GB.
  const enough =
    (cpus === 0 || cpus >= ENOUGH_CPUS) && (memory === 0 || memory >= ENOUGH_MEMORY_GB * 1000);
  const found = `${cpus || "all"} CPUs, ${memory === 0 ? "all memory" : `${memory} MB`} (${NEEDED})`;
  if (enough) return ok(subject, found);
  const start = `minikube start -p ${profileName} --cpus=${ENOUGH_CPUS} --memory=4g`;
  const remedy = `made anew it has more: minikube delete -p ${profileName}; ${start}; what else runs in it is lost`;
  return warning(subject, found, remedy);
}

/** Whether the profile's nodes run. */
export const nodes = check("Minikube's nodes", ["profile", "engine"], async ({ profile: name }) => {
  const subject = "Minikube's nodes";
  const made = readProfile(name);
  if (!made) return [notChecked(subject, "there is no profile")];
  const { driver, machines } = made;
  if (driver !== "docker")
    return [ok(subject, `${machines.length} of driver ${driver}, not known to Docker`)];
  const stopped = (await listNodes(name)).filter(({ running }) => !running);
  const count = `${machines.length - stopped.length} of ${machines.length} run`;
  if (stopped.length === 0) return [ok(subject, count)];
  const names = stopped.map(({ container }) => container).join(", ");
  return [problem(subject, `${count}, not ${names}`, "npm run up starts them")];
});
