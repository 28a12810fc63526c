import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDockerPackage } from "../../../tools/engine";
import { folderWith } from "../support/folder";

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
