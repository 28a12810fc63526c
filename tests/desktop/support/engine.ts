/** A Docker engine that stands to its user as Docker Desktop's does. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run, tryRun } from "../../../common/run";
import { RUNC_WRAPPER } from "../../../tools/catalog";
import { lacksSysResource } from "../../../tools/engine";
import { ensure } from "../../../tools/install";

const NAMESPACE = "todo-desktop";
const LINK = "todo-desk0";
const HOST = "10.213.0.1";
const INSIDE = "10.213.0.2";
/** Ports that the engine chooses by itself must not be those of another engine on this machine. */
const OWN_PORTS = "42000 52000";
const START_SECONDS = 60;
const LOOK_MS = 200;

/**
 * It lives in a network namespace of its own, as in a virtual machine: its networks, their gateways and the
 * addresses of its containers don't exist on this machine. What is published on loopback, or everywhere, answers at
 * 127.0.0.1. Needs root and Linux.
 */
export class DesktopEngine {
  private readonly servers = new Map<number, Server | undefined>();
  private readonly sockets = new Set<Socket>();
  private readonly children: ChildProcess[] = [];
  private active = true;

  private constructor(
    /** Holds images from one run to the next. */
    private readonly data: string,
  ) {}

  /** Address of this machine, as the engine's containers see it. */
  readonly thisMachine = HOST;

  get host(): string {
    return `unix://${join(this.data, "docker.sock")}`;
  }

  /** What whoever uses it finds in the environment; Minikube then goes by published ports, as on WSL. */
  get variables(): Record<string, string> {
    return { DOCKER_HOST: this.host, WSL_DISTRO_NAME: NAMESPACE };
  }

  static async start(data: string): Promise<DesktopEngine> {
    mkdirSync(data, { recursive: true });
    const engine = new DesktopEngine(data);
    await openNamespace();
    const runtime = lacksSysResource()
      ? join((await ensure(RUNC_WRAPPER)).folder, "runc-wrapper")
      : undefined;
    rmSync(join(data, "pid"), { force: true });
    engine.inside("dockerd", [
      ...["--host", engine.host, "--data-root", join(data, "data")],
      ...[
        "--exec-root",
        join(data, "exec"),
        "--pidfile",
        join(data, "pid"),
        "--bip",
        "172.30.0.1/16",
      ],
      ...(runtime ? ["--add-runtime", `own=${runtime}`, "--default-runtime", "own"] : []),
    ]);
    const env = { ...process.env, DOCKER_HOST: engine.host };
    for (let waited = 0; (await tryRun("docker", ["version"], { env })).code !== 0; waited += 1) {
      if (waited > START_SECONDS * 2) throw new Error(`no engine answers: ${data}/dockerd.log`);
      await sleep(500);
    }
    const socket = join(data, "ports.sock");
    rmSync(socket, { force: true });
    engine.inside(process.execPath, [join(__dirname, "ports.cjs"), socket]);
    while (!existsSync(socket)) await sleep(50);
    void engine.publish(socket);
    return engine;
  }

  /** Gives it the images that this machine's own engine has, where it lacks them. */
  async copyImages(pattern: RegExp, own: NodeJS.ProcessEnv): Promise<void> {
    const list = ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"];
    const names = async (env: NodeJS.ProcessEnv): Promise<string[]> =>
      (await run("docker", list, { env })).split("\n");
    const there = await names({ ...own, DOCKER_HOST: this.host });
    const lacking = (await names(own)).filter(
      (name) => pattern.test(name) && !there.includes(name),
    );
    if (lacking.length === 0) return;
    const copy = 'docker save "$@" | DOCKER_HOST=$TARGET docker load';
    await run("sh", ["-c", copy, "sh", ...lacking], { env: { ...own, TARGET: this.host } });
  }

  async stop(): Promise<void> {
    this.active = false;
    for (const server of this.servers.values()) server?.close();
    for (const socket of this.sockets) socket.destroy();
    const ended = this.children.map(
      (child) => child.exitCode ?? new Promise((resolve) => child.once("exit", resolve)),
    );
    for (const child of this.children) child.kill("SIGTERM");
    await Promise.all(ended);
    await tryRun("ip", ["link", "delete", LINK]);
    await tryRun("ip", ["netns", "delete", NAMESPACE]);
    for (const rule of RULES) await tryRun("iptables", rule("--delete"));
  }

  /** Starts a program inside the namespace. */
  private inside(program: string, args: readonly string[]): void {
    const log = openSync(join(this.data, `${program.split("/").pop()}.log`), "a");
    const command = [`--net=/run/netns/${NAMESPACE}`, program, ...args];
    this.children.push(spawn("nsenter", command, { stdio: ["ignore", log, log] }));
  }

  /** Each port that is served inside answers on this machine's loopback, unless something else does. */
  private async publish(socket: string): Promise<void> {
    while (this.active) {
      const ports = await portsOf(socket);
      for (const port of ports)
        if (!this.servers.has(port)) this.servers.set(port, serve(port, socket, this.sockets));
      for (const [port, server] of this.servers)
        if (!ports.includes(port)) {
          server?.close();
          this.servers.delete(port);
        }
      await sleep(LOOK_MS);
    }
  }
}

type Rule = (action: "--insert" | "--delete") => string[];
const RULES: Rule[] = [
  (action) => ["--table", "nat", action, "POSTROUTING", "-s", `${HOST}/30`, "-j", "MASQUERADE"],
  (action) => [action, "FORWARD", "-i", LINK, "-j", "ACCEPT"],
  (action) => [action, "FORWARD", "-o", LINK, "-j", "ACCEPT"],
];

async function openNamespace(): Promise<void> {
  if (existsSync(`/run/netns/${NAMESPACE}`)) return;
  const ip = (...args: string[]): Promise<string> => run("ip", args);
  await ip("netns", "add", NAMESPACE);
  await ip("link", "add", LINK, "type", "veth", "peer", "name", "eth0", "netns", NAMESPACE);
  await ip("address", "add", `${HOST}/30`, "dev", LINK);
  await ip("link", "set", LINK, "up");
  await ip("-n", NAMESPACE, "address", "add", `${INSIDE}/30`, "dev", "eth0");
  for (const device of ["eth0", "lo"]) await ip("-n", NAMESPACE, "link", "set", device, "up");
  await ip("-n", NAMESPACE, "route", "add", "default", "via", HOST);
  await run("sysctl", ["-qw", "net.ipv4.ip_forward=1"]);
  const range = ["sysctl", "-qw", `net.ipv4.ip_local_port_range=${OWN_PORTS}`];
  await run("nsenter", [`--net=/run/netns/${NAMESPACE}`, ...range]);
  for (const rule of RULES) await run("iptables", rule("--insert"));
}

/** @param open gets every connection until it is closed */
function serve(port: number, socket: string, open: Set<Socket>): Server {
  const server = createServer({ allowHalfOpen: true }, (outside) => {
    const inside = connect({ path: socket, allowHalfOpen: true });
    inside.write(twoBytes(port));
    for (const [one, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
    outside.pipe(inside).pipe(outside);
  });
  server.on("error", () => undefined); // something else of this machine serves it
  return server.listen(port, "127.0.0.1");
}

async function portsOf(socket: string): Promise<number[]> {
  const chunks: Buffer[] = [];
  const asked = connect(socket);
  asked.end(twoBytes(0));
  try {
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    return JSON.parse(Buffer.concat(chunks).toString()) as number[];
  } catch {
    return []; // it ends just now
  }
}

function twoBytes(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
