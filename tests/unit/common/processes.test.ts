import { spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ageOf, isRunning, listProcesses, processesIn } from "../../../common/processes";
import { folderWith } from "../support/folder";

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

describe("the processes of this machine", () => {
  test("have their parents and whole command lines, with no ps on PATH", () => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)", "a b"], {
      stdio: "ignore",
    });
    try {
      if (process.platform === "linux") process.env.PATH = folderWith({});
      expect(listProcesses()).toContainEqual({
        pid: child.pid,
        parent: process.pid,
        command: `${process.execPath} -e setTimeout(() => {}, 60_000) a b`,
      });
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("are told by Linux, whatever their names; one that ends meanwhile is left out", () => {
    const proc = folderWith({
      self: "",
      "7/stat": "7 (a (name) S) S 3 7 7 0",
      "7/cmdline": "/bin/pulumi\0up\0--yes\0",
      "8/stat": "8 (kthread) S 2 0 0 0",
      "8/cmdline": "",
      "9/cmdline": "",
      "meminfo/x": "",
    });
    expect(listProcesses(proc)).toEqual([
      { pid: 7, parent: 3, command: "/bin/pulumi up --yes" },
      { pid: 8, parent: 2, command: "" },
    ]);
  });

  test("are asked of ps where the system has no such folder", () => {
    const folder = folderWith({
      ps: "#!/bin/sh\n[ \"$*\" = '-A -ww -o pid= -o ppid= -o args=' ] && echo '  7     1 pulumi up --stack dev'\n",
    });
    chmodSync(join(folder, "ps"), 0o755);
    process.env.PATH = [folder, process.env.PATH].join(delimiter);
    expect(listProcesses("/nowhere")).toEqual([
      { pid: 7, parent: 1, command: "pulumi up --stack dev" },
    ]);
    process.env.PATH = folderWith({});
    expect(listProcesses("/nowhere")).toEqual([]);
  });

  test("are lines of ps with two numbers; others are none", () => {
    expect(processesIn("PID PPID ARGS\n    0     0 kernel_task\n\n")).toEqual([
      { pid: 0, parent: 0, command: "kernel_task" },
    ]);
  });
});

test("a process runs until it has ended", async () => {
  expect(isRunning(process.pid)).toBe(true);
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await new Promise((resolve) => child.once("exit", resolve));
  expect(isRunning(child.pid ?? 0)).toBe(false);
});

describe("the age of a process", () => {
  test("is told by when it and the machine began, in seconds", () => {
    const proc = folderWith({
      uptime: "1000.50 1900.00\n",
      "7/stat": "7 (a (name) S) S 3 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 99800 1 1",
      "8/stat": "8 (cut off) S 2",
    });
    expect(ageOf(7, proc)).toBeCloseTo(2.5);
    expect(ageOf(8, proc)).toBeUndefined();
    expect(ageOf(9, proc)).toBeUndefined();
    expect(ageOf(7, "/nowhere")).toBeUndefined();
  });

  test("is small for one that has just begun, where the system tells", () => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    try {
      const age = ageOf(child.pid ?? 0);
      if (process.platform === "linux") expect(age).toBeLessThan(10);
      else expect(age).toBeUndefined();
    } finally {
      child.kill("SIGKILL");
    }
  });
});
