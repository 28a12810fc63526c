/** The cluster of the tests' own: whether there is room for it, how it is made, and that it goes. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { cpus, freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../common/errors";
import { isRunning } from "../../common/processes";
import { tryRun } from "../../common/run";
import { TESTS_PROFILE } from "../support/profile";

/** What the node may use. The stack, the tests' namespaces and Kubernetes itself take about 3 GB. */
const NODE = { cpus: 2, gigabytes: 5 } as const;
/** What must be free on the machine before a node is made: it, the browser and Jest. */
const NEEDED_GIGABYTES = 6;
const NEEDED_DISK_GIGABYTES = 10;
const GIB = 1024 ** 3;
const LOCK = join(tmpdir(), `${TESTS_PROFILE}.lock`);

/**
 * Arguments of `minikube start` for it, over those of every profile. The user's current context stays,
 * also where there is none yet.
 */
export const START_ARGS = [
  ...["--keep-context", `--cpus=${NODE.cpus}`, `--memory=${NODE.gigabytes}g`],
] as const;

/** What a machine has to give. */
export interface Room {
  cpus: number;
  /** GiB of memory that are free or would be made so. */
  memory: number;
  /** GiB that are free on the disk where Docker keeps its data. */
  disk: number;
}

/** Refuses a run for which there is no room. @throws UserError that says what would have to go */
export async function needRoom(): Promise<void> {
  const inspect = ["container", "inspect", "--format", "{{.State.Running}}", TESTS_PROFILE];
  if ((await tryRun("docker", inspect)).stdout.trim() === "true") return; // kept by an earlier run
  const lacks = lacking(await roomOf());
  if (lacks.length === 0) return;
  const others = await otherNodes();
  throw new UserError({
    what: "there is no room for the tests' own cluster",
    why: lacks.join("\n"),
    next:
      others.length === 0
        ? "close what uses it, or run on a machine with more; npm run check needs no cluster"
        : `minikube stop -p ${others.join(", or -p ")} makes room; npm run check needs no cluster`,
  });
}

/** What a machine lacks for a run, a line each. */
export function lacking({ cpus: count, memory, disk }: Room): string[] {
  const few = (what: string, has: number, needs: number): string[] =>
    has >= needs ? [] : [`${what}: ${Math.floor(has * 10) / 10} where ${needs} are needed`];
  return [
    ...few("processors", count, NODE.cpus),
    ...few("GiB of free memory", memory, NEEDED_GIGABYTES),
    ...few("GiB of free disk for Docker", disk, NEEDED_DISK_GIGABYTES),
  ];
}

async function roomOf(): Promise<Room> {
  const format = "{{.NCPU}} {{.MemTotal}} {{.DockerRootDir}}";
  const { code, stdout } = await tryRun("docker", ["info", "--format", format]);
  const [count, memory, folder] = code === 0 ? stdout.trim().split(" ") : [];
  // Docker Desktop's engine runs in a machine of its own, whose disk isn't to be seen from here.
  const disk = statfsOf(folder) ?? statfsOf(tmpdir());
  return {
    cpus: Number(count) || cpus().length,
    memory: Math.min(availableMemory(), Number(memory) || Number.POSITIVE_INFINITY) / GIB,
    disk: disk === undefined ? NEEDED_DISK_GIGABYTES : disk / GIB,
  };
}

/** Bytes of memory that new processes can have; caches give theirs up for them. */
function availableMemory(): number {
  try {
    const [, kilobytes] =
      /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // not Linux
  }
  // What macOS calls free leaves most of what can be had aside.
  return process.platform === "darwin" ? Number.POSITIVE_INFINITY : freemem();
}

function statfsOf(folder: string | undefined): number | undefined {
  if (folder === undefined) return undefined;
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Nodes of other Minikube profiles that run. */
async function otherNodes(): Promise<string[]> {
  const label = "label=created_by.minikube.sigs.k8s.io=true";
  const { stdout } = await tryRun("docker", ["ps", "--filter", label, "--format", "{{.Names}}"]);
  return stdout.split("\n").filter((name) => name !== "" && name !== TESTS_PROFILE);
}

/** Keeps every other run on this machine from the cluster. @throws UserError where one is under way */
export function lockCluster(): () => void {
  mkdirSync(tmpdir(), { recursive: true });
  for (;;) {
    try {
      const file = openSync(LOCK, "wx");
      writeFileSync(file, `${process.pid}`);
      closeSync(file);
      return () => rmSync(LOCK, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const pid = Number(readFileSync(LOCK, "utf8"));
    if (pid > 0 && isRunning(pid))
      throw new UserError({
        what: "another run of the tests uses their cluster",
        why: `process ${pid} is at it`,
        next: "wait for its end; npm run check needs no cluster",
      });
    rmSync(LOCK, { force: true }); // its run was killed
  }
}
