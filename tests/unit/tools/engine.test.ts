import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "../../../common/run";
import {
  dockerClientFolder,
  engineInfo,
  engineLeft,
  ensureDebianPackages,
  ensureDockerPackage,
  ensureEngine,
  lacksSysResource,
} from "../../../tools/engine";
import { folderWith } from "../support/folder";

let hasSystemd = false;
/** Whether this machine may raise resource limits, as most do. */
let mayRaiseLimits = true;
/** Process of an engine that was there before, as its file says; none where undefined. */
let oldEngine: number | undefined;
jest.mock("node:fs", () => {
  const fs = jest.requireActual<typeof import("node:fs")>("node:fs");
  const existsSync: typeof fs.existsSync = (path) => {
    if (path === "/run/systemd/system") return hasSystemd;
    return path === "/var/run/docker.pid" ? oldEngine !== undefined : fs.existsSync(path);
  };
  const readFileSync = (path: string, encoding: "utf8"): string => {
    if (path === "/var/run/docker.pid") return `${oldEngine}\n`;
    return path === "/proc/self/status"
      ? `CapBnd:\t${mayRaiseLimits ? "000001ffffffffff" : "0000000000000000"}\n`
      : fs.readFileSync(path, encoding);
  };
  return { ...fs, existsSync, readFileSync };
});

const environment = { ...process.env };

/** A machine where root works, with these commands and no others but the shell's. */
function machineWith(commands: Readonly<Record<string, string>>): { installed(): string } {
  const scripts = Object.entries({
    "apt-get": 'echo "$@" >> "$(dirname "$0")/apt-get.log"',
    "dpkg-query": "exit 1",
    ...commands,
  }).map(([name, script]) => [name, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`]);
  const folder = folderWith(Object.fromEntries(scripts));
  for (const [name = ""] of scripts) chmodSync(join(folder, name), 0o755);
  process.env.PATH = folder;
  const log = join(folder, "apt-get.log");
  return { installed: () => (existsSync(log) ? readFileSync(log, "utf8") : "") };
}

const ANSWERS = "echo 28.2.2";
const SILENT = "echo Cannot connect to the Docker daemon >&2; exit 1";

describe("Docker's packages, as root", () => {
  beforeEach(() => {
    delete process.env.DOCKER_HOST;
    jest.spyOn(process, "getuid").mockReturnValue(0);
  });
  afterEach(() => {
    process.env = { ...environment };
    jest.restoreAllMocks();
  });

  it("are left alone where an engine answers, wherever it runs", async () => {
    const machine = machineWith({ docker: ANSWERS });
    await ensureDockerPackage();
    expect(machine.installed()).toBe("");
  });

  it("are left alone where a remote engine is meant, even while it is silent", async () => {
    const machine = machineWith({ docker: SILENT });
    process.env.DOCKER_HOST = "tcp://build-server:2375";
    await ensureDockerPackage();
    expect(machine.installed()).toBe("");
  });

  it("are left alone where a context is chosen that isn't there any more", async () => {
    const machine = machineWith({ docker: SILENT });
    await ensureDockerPackage({ ...process.env, DOCKER_CONTEXT: "gone" });
    expect(machine.installed()).toBe("");
  });

  it("are left alone where an engine is installed and only has to be started", async () => {
    const machine = machineWith({ docker: SILENT, dockerd: "exit 1" });
    await ensureDockerPackage();
    expect(machine.installed()).toBe("");
  });

  it.each([
    ["the command is missing", {}],
    ["there is no engine to talk to", { docker: SILENT }],
  ])("are installed where %s", async (_, commands: Record<string, string>) => {
    const machine = machineWith(commands);
    await ensureDockerPackage();
    expect(machine.installed()).toMatch(/install .*docker\.io iptables/);
  });
});

test("the client that is installed with an engine comes before one that can't build", async () => {
  const old =
    'case "$1" in --version) echo "Docker version 20.10.24";; version) echo 20.10.24;; esac';
  const later = folderWith({});
  machineWith({
    docker: `case "$1" in --version) echo "Docker version 28.2.2";; *) exit 1;; esac`,
    "apt-get": `[ "$1" = install ] || exit 0
printf '#!/bin/sh\n%s\n' '${old}' > ${later}/docker && chmod 755 ${later}/docker`,
  });
  jest.spyOn(process, "getuid").mockReturnValue(0);
  delete process.env.DOCKER_HOST;
  process.env.XDG_CACHE_HOME = folderWith({});
  process.env.PATH = [process.env.PATH, later].join(delimiter);
  const env = { ...process.env };
  try {
    await ensureEngine(env, true);
    for (const one of [env, process.env])
      expect((await run("docker", ["--version"], { env: one })).trim()).toMatch(/20\.10\.24$/);
  } finally {
    process.env = { ...environment };
    jest.restoreAllMocks();
  }
});

/** A `docker` whose engine says this of itself; its client has BuildKit. */
const docker = (server: object, store = "overlay2"): string => `case "$1" in
  --version) echo "Docker version 28.2.2, build e6534b4";;
  version) echo '${JSON.stringify(server)}';;
  info) echo '[["driver-type","${store}"]]';;
esac`;
const CONTAINERD = "io.containerd.snapshotter.v1";

describe("an engine that answers", () => {
  beforeEach(() => {
    delete process.env.DOCKER_HOST;
    jest.spyOn(process, "getuid").mockReturnValue(1000);
  });
  afterEach(() => {
    process.env = { ...environment };
    jest.restoreAllMocks();
  });

  it("serves where it is Docker, whatever its image store, from 27.5 on", async () => {
    machineWith({ docker: docker({ Version: "27.5.0" }, CONTAINERD) });
    await expect(ensureEngine(process.env, true)).resolves.toBeUndefined();
  });

  it("is refused where the real plugin can't build on its image store", async () => {
    machineWith({ docker: docker({ Version: "27.4.1" }, CONTAINERD) });
    await expect(ensureEngine(process.env, true)).rejects.toMatchObject({
      why: expect.stringMatching(/27\.4\.1 keeps images in containerd.*from 27\.5\.0 on/),
      next: expect.stringContaining("containerd-snapshotter"),
    });
    await expect(ensureEngine(process.env, false)).resolves.toBeUndefined();
  });

  it("is refused where it is Podman's", async () => {
    const server = { Version: "5.4.2", Components: [{ Name: "Podman Engine" }] };
    machineWith({ docker: docker(server) });
    await expect(ensureEngine(process.env, true)).rejects.toMatchObject({
      what: "Podman can't serve as Docker here",
      next: expect.stringContaining("DOCKER_HOST"),
    });
  });

  it("is refused by its client already, where that is podman-docker's", async () => {
    machineWith({ docker: "echo podman version 5.4.2" });
    await expect(dockerClientFolder()).rejects.toMatchObject({
      what: "Podman can't serve as Docker here",
    });
  });
});

describe("an engine that doesn't answer", () => {
  const STOPPED = `case "$1" in
  --version) echo "Docker version 28.2.2";;
  version) [ -e "$(dirname "$0")/started" ] && echo '{"Version":"28.2.2"}' || exit 1;;
esac`;
  const SYSTEMCTL = '[ "$1" = cat ] || touch "$(dirname "$0")/started"';

  beforeEach(() => {
    delete process.env.DOCKER_HOST;
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
    hasSystemd = true;
  });
  afterEach(() => {
    process.env = { ...environment };
    hasSystemd = false;
    jest.restoreAllMocks();
  });

  it("is started by systemd where that looks after it, and not past it", async () => {
    jest.spyOn(process, "getuid").mockReturnValue(0);
    const spawned = 'echo >> "$(dirname "$0")/apt-get.log"';
    const machine = machineWith({ docker: STOPPED, systemctl: SYSTEMCTL, dockerd: spawned });
    await ensureEngine(process.env, false);
    expect(machine.installed()).toBe("");
  });

  it("is the user's to start, where they are not root", async () => {
    jest.spyOn(process, "getuid").mockReturnValue(1000);
    machineWith({ docker: STOPPED, systemctl: SYSTEMCTL, dockerd: "exit 1" });
    await expect(ensureEngine(process.env, false)).rejects.toMatchObject({
      what: "no Docker engine answers",
      next: expect.stringContaining("systemctl start docker"),
    });
  });
});

describe("an engine that was started here", () => {
  let cache: string;
  let wrapper: string;
  let engine: ChildProcess | undefined;
  /** Where the engine keeps running containers by a wrapper at this path. */
  const runsBy = (path: string): Record<string, string> => ({
    docker: `case "$1" in
  --version) echo "Docker version 28.2.2, build e6534b4";;
  version) echo '{"Version":"28.2.2"}';;
  info) echo '{"mended":{"path":"${path}"},"runc":{"path":"runc"}}';;
esac`,
  });

  beforeEach(() => {
    delete process.env.DOCKER_HOST;
    process.env.XDG_CACHE_HOME = folderWith({
      "todo-app-minikube/runc-wrapper/1.0.0/runc-wrapper": "a wrapper",
      "todo-app-minikube/logs/dockerd.log": "",
    });
    cache = join(process.env.XDG_CACHE_HOME, "todo-app-minikube");
    wrapper = join(cache, "runc-wrapper/1.0.0/runc-wrapper");
  });
  afterEach(() => {
    engine?.kill("SIGKILL");
    engine = undefined;
    process.env = { ...environment };
    mayRaiseLimits = true;
  });

  it("keeps of the cache what it starts containers by", async () => {
    machineWith(runsBy(wrapper));
    expect(await engineLeft(process.env)).toEqual({
      needs: "runc-wrapper",
      told: [expect.stringContaining(`kept: ${join(cache, "runc-wrapper")}`)],
    });
  });

  it.each([
    ["its wrapper lies elsewhere", () => runsBy("/elsewhere/runc-wrapper/1.0.0/runc-wrapper")],
    ["no engine answers", () => ({ docker: SILENT })],
    ["there is no Docker", () => ({})],
  ])("needs nothing of the cache where %s", async (_, commands) => {
    machineWith(commands());
    expect(await engineLeft(process.env)).toEqual({ told: [] });
  });

  it("is told of while its process runs, and not where another program has the number by now", async () => {
    machineWith({ docker: ANSWERS });
    engine = spawn("/bin/sleep", ["60"], { argv0: "/usr/bin/dockerd" });
    const note = join(cache, "logs/dockerd.pid");
    writeFileSync(note, `${engine.pid}\n`);
    expect((await engineLeft(process.env)).told).toEqual([
      expect.stringContaining(`kill ${engine.pid} ends it`),
    ]);
    writeFileSync(note, `${process.pid}\n`);
    expect((await engineLeft(process.env)).told).toEqual([]);
  });

  it("gets its wrapper back where that is gone, and may not run containers without", async () => {
    const lost = join(folderWith({}), "an/earlier/cache/runc-wrapper");
    machineWith(runsBy(lost));
    await ensureEngine(process.env, false);
    expect(existsSync(lost)).toBe(false); // this machine needs none
    mayRaiseLimits = false;
    await ensureEngine(process.env, false);
    expect(readFileSync(lost, "utf8")).toBe("a wrapper");
    rmSync(lost);
  });
});

describe("an engine that nobody else looks after", () => {
  /** A docker that answers from when its engine has begun on. */
  const DOCKER = `case "$1" in
  --version) echo "Docker version 28.2.2";;
  version) [ -e "$(dirname "$0")/started" ] && echo '{"Version":"28.2.2"}' || exit 1;;
esac`;
  const NOTES = 'echo "$@" > "$(dirname "$0")/args"';
  const SERVES = `${NOTES}; echo $$ > "$(dirname "$0")/pid"; touch "$(dirname "$0")/started"; exec sleep 9`;
  let cache: string;
  let folder: string;

  const machine = (commands: Record<string, string>): void => {
    machineWith(commands);
    folder = process.env.PATH ?? "";
  };
  const noted = (name: string): string => readFileSync(join(folder, name), "utf8").trim();

  beforeEach(() => {
    delete process.env.DOCKER_HOST;
    process.env.XDG_CACHE_HOME = folderWith({
      "todo-app-minikube/runc-wrapper/1.0.0/runc-wrapper": "a wrapper",
    });
    cache = join(process.env.XDG_CACHE_HOME, "todo-app-minikube");
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
    jest.spyOn(process, "getuid").mockReturnValue(0);
  });
  afterEach(() => {
    process.env = { ...environment };
    [hasSystemd, mayRaiseLimits, oldEngine] = [false, true, undefined];
    jest.restoreAllMocks();
  });

  it("is started, and noted by its process", async () => {
    machine({ docker: DOCKER, dockerd: SERVES });
    await ensureEngine(process.env, false);
    expect(noted("args")).toBe("");
    expect(readFileSync(join(cache, "logs/dockerd.pid"), "utf8")).toBe(`${noted("pid")}\n`);
    process.kill(Number(noted("pid")));
  });

  it("waits until a killed one has gone, beside which it would refuse to start", async () => {
    const old = spawn("sleep", ["0.7"]);
    oldEngine = old.pid;
    machine({
      docker: DOCKER,
      dockerd: `[ -e /proc/${old.pid} ] && touch "$(dirname "$0")/early"; ${SERVES}`,
    });
    await ensureEngine(process.env, false);
    process.kill(Number(noted("pid")));
    expect(existsSync(join(folder, "early"))).toBe(false);
  });

  it("runs containers by the wrapper on a machine that may not raise limits", async () => {
    mayRaiseLimits = false;
    machine({ docker: DOCKER, dockerd: SERVES });
    await ensureEngine(process.env, false);
    process.kill(Number(noted("pid")));
    const wrapper = join(cache, "runc-wrapper/1.0.0/runc-wrapper");
    expect(noted("args")).toBe(`--add-runtime mended=${wrapper} --default-runtime mended`);
  });

  it("that ends at once is told by the last of its log", async () => {
    machine({ docker: DOCKER, dockerd: "seq 1 5; echo 'failed to start' >&2; exit 1" });
    await expect(ensureEngine(process.env, false)).rejects.toMatchObject({
      what: "the Docker engine doesn't start",
      why: "3\n4\n5\nfailed to start",
      next: expect.stringContaining(join(cache, "logs/dockerd.log")),
    });
  });

  it("is somebody else's to start where DOCKER_HOST names it", async () => {
    machine({ docker: DOCKER, dockerd: NOTES });
    process.env.DOCKER_HOST = "tcp://far:2376";
    await expect(ensureEngine(process.env, false)).rejects.toMatchObject({
      what: "no Docker engine answers",
      why: "DOCKER_HOST is tcp://far:2376",
    });
    expect(existsSync(join(folder, "args"))).toBe(false);
  });

  it("isn't started in the place of a context that is chosen and isn't there", async () => {
    machine({ docker: DOCKER, dockerd: NOTES });
    const env = { ...process.env, DOCKER_CONTEXT: "gone" };
    await expect(ensureEngine(env, false)).rejects.toMatchObject({
      what: "no Docker engine answers",
      why: expect.stringContaining('docker context "gone" is chosen'),
      next: expect.stringContaining("docker context use"),
    });
    expect(existsSync(join(folder, "args"))).toBe(false);
  });

  it("that runs stays noted where another one couldn't start", async () => {
    machine({ docker: DOCKER, dockerd: "exit 1" });
    const running = spawn("/bin/sleep", ["60"], { argv0: "/usr/bin/dockerd" });
    const note = join(cache, "logs/dockerd.pid");
    mkdirSync(join(cache, "logs"), { recursive: true });
    writeFileSync(note, `${running.pid}\n`);
    await expect(ensureEngine(process.env, false)).rejects.toMatchObject({
      what: "the Docker engine doesn't start",
    });
    running.kill();
    expect(readFileSync(note, "utf8")).toBe(`${running.pid}\n`);
  });

  it("by systemd that doesn't start is told by its words", async () => {
    hasSystemd = true;
    machine({
      ...{ docker: DOCKER, dockerd: NOTES },
      systemctl: '[ "$1" = cat ] || { echo "Job for docker.service failed" >&2; exit 1; }',
    });
    await expect(ensureEngine(process.env, false)).rejects.toMatchObject({
      what: "the Docker engine doesn't start",
      why: "Job for docker.service failed",
      next: expect.stringContaining("journalctl --unit docker"),
    });
    expect(existsSync(join(folder, "args"))).toBe(false);
  });

  it("that systemd knows nothing of is started past it", async () => {
    hasSystemd = true;
    machine({
      ...{ docker: DOCKER, systemctl: "exit 1", dockerd: SERVES },
    });
    await ensureEngine(process.env, false);
    process.kill(Number(noted("pid")));
  });
});

describe("what an engine says of itself", () => {
  afterEach(() => {
    process.env = { ...environment };
  });
  test.each([
    [`echo '{"Version":"28.2.2"}'`, { version: "28.2.2", isPodman: false }],
    [`echo '{"Version":"5.4","Platform":{"Name":"podman"}}'`, { version: "5.4", isPodman: true }],
    [
      `echo '{"Version":"5.4","Components":[{"Name":"Conmon"},{"Name":"Podman Engine"}]}'`,
      { version: "5.4", isPodman: true },
    ],
    ["echo 20.10.24+dfsg1", { version: "20.10.24+dfsg1", isPodman: false }],
    ["echo Podman 5", { version: "Podman 5", isPodman: true }],
    ["echo null", undefined],
    ["echo", undefined],
    [`echo '{"Version":""}'`, undefined],
    [`echo '{"Version":"28"}'; exit 1`, undefined],
  ])("%s", async (script, info) => {
    machineWith({ docker: script });
    expect(await engineInfo(process.env)).toEqual(info);
  });

  test("a machine that may not raise limits needs the wrapper", () => {
    expect(lacksSysResource()).toBe(false);
    mayRaiseLimits = false;
    expect(lacksSysResource()).toBe(true);
    mayRaiseLimits = true;
  });
});

describe("Debian packages", () => {
  const INSTALLED =
    'case "$2" in b) echo "Status: deinstall ok config-files";; *) echo "Status: install ok installed";; esac';
  beforeEach(() => {
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
    jest.spyOn(process, "getuid").mockReturnValue(0);
  });
  afterEach(() => {
    process.env = { ...environment };
    jest.restoreAllMocks();
  });

  it("that are missing are installed, no others, and one that was removed is missing", async () => {
    const machine = machineWith({ "dpkg-query": INSTALLED });
    await ensureDebianPackages(["a", "b", "c"], "tools");
    expect(machine.installed().trim().split("\n")).toEqual([
      "update -o DPkg::Lock::Timeout=300",
      "install -y --no-install-recommends -o DPkg::Lock::Timeout=300 b",
    ]);
  });

  it("that are all there need no root, and no apt", async () => {
    jest.spyOn(process, "getuid").mockReturnValue(1000);
    const machine = machineWith({ "dpkg-query": INSTALLED });
    await ensureDebianPackages(["a", "c"], "tools");
    expect(machine.installed()).toBe("");
  });

  it.each([
    [["b"], "b is missing, and only root may install packages", "as root: apt-get install b"],
    [
      ["b", "b"],
      "b, b are missing, and only root may install packages",
      "as root: apt-get install b b",
    ],
  ])("are root's to install: %j", async (packages, why, next) => {
    jest.spyOn(process, "getuid").mockReturnValue(1000);
    const machine = machineWith({ "dpkg-query": INSTALLED });
    await expect(ensureDebianPackages(packages, "tools")).rejects.toMatchObject({
      ...{ what: "tools can't be installed", why, next },
    });
    expect(machine.installed()).toBe("");
  });

  it("are no matter of a machine without apt", async () => {
    process.env.PATH = folderWith({});
    await expect(ensureDebianPackages(["a"], "tools")).rejects.toMatchObject({
      what: "tools can't be installed",
    });
  });

  it("that apt refuses are told by its words", async () => {
    machineWith({ "dpkg-query": "exit 1", "apt-get": "echo 'E: no network' >&2; exit 100" });
    await expect(ensureDebianPackages(["a"], "tools")).rejects.toThrow("E: no network");
  });
});
