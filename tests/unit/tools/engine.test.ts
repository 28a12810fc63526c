import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  dockerClientFolder,
  engineLeft,
  ensureDockerPackage,
  ensureEngine,
} from "../../../tools/engine";
import { folderWith } from "../support/folder";

let hasSystemd = false;
/** Whether this machine may raise resource limits, as most do. */
let mayRaiseLimits = true;
jest.mock("node:fs", () => {
  const fs = jest.requireActual<typeof import("node:fs")>("node:fs");
  const existsSync: typeof fs.existsSync = (path) =>
    path === "/run/systemd/system" ? hasSystemd : fs.existsSync(path);
  const readFileSync = (path: string, encoding: "utf8"): string =>
    path === "/proc/self/status"
      ? `CapBnd:\t${mayRaiseLimits ? "000001ffffffffff" : "0000000000000000"}\n`
      : fs.readFileSync(path, encoding);
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
