/**
 * First process of a front-end pod in development: `serve [PORT]`, and `attach` to talk to it.
 *
 * Runs `next dev` on the sources in the overlay and writes edits there, each file as a whole. An edit that
 * isn't even TypeScript is held back, so that the one before goes on. The messages are those of backend.py.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const OVERLAY = process.env.DEV_OVERLAY || "/overlay";
const APP = process.env.DEV_APP || "/app";
const ROOT = "src";
const ENDPOINT = join(OVERLAY, ".supervisor");
const PARTIAL = join(OVERLAY, ".partial");
/** A terminal that has said nothing for so long is gone: it sends a `ping` each two seconds. */
const SILENCE_MS = 10_000;
const DEBUGGER_PORT = 9229;
/** Pause before `next dev`, ended by itself, is started again. */
const RETRY_MS = 2_000;
/** A page that has no answer by then is asked for again. */
const PAGE_MS = 20_000;
/** How long the compiler may take to notice a write, and how often it is asked. */
const NOTICE_MS = 25;
const PAGE = /^\s*(?:GET|HEAD) (\/(?!_next\/|api\/)\S*) \d{3} in /;
const PLACE = /\.\/(src\/[^\s:()]+):(\d+)/;
const COLOURS = /\u001b\[[0-9;]*m/g;

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** The sources: what was received of each, and its hash. */
class Tree {
  files = new Map();
  /** Content that was received and is held back, by path. */
  held = new Map();

  read() {
    this.files.clear();
    const walk = (folder) => {
      for (const entry of readdirSync(join(OVERLAY, folder), { withFileTypes: true })) {
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory()) walk(path);
        else this.files.set(path, sha256(readFileSync(join(OVERLAY, path))));
      }
    };
    walk(ROOT);
  }

  /** Takes an edit over. Throws where a path leads out of the tree. */
  take(write, remove) {
    for (const path of [...Object.keys(write), ...remove])
      if (!path.startsWith(`${ROOT}/`) || path.split("/").includes(".."))
        throw new Error(`${path} is not in the tree`);
    for (const path of remove) {
      this.files.delete(path);
      this.held.set(path, undefined);
    }
    for (const [path, text] of Object.entries(write)) {
      const data = Buffer.from(text, "base64");
      this.files.set(path, sha256(data));
      this.held.set(path, data);
    }
  }

  /** Writes what is held back; each file is the old or the new one, never half of it. */
  flush() {
    for (const [path, data] of this.held) if (data === undefined) this.#remove(path);
    for (const [path, data] of this.held) if (data !== undefined) this.#write(path, data);
    this.held.clear();
  }

  hash() {
    const paths = [...this.files.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return sha256(paths.map((path) => `${path}\0${this.files.get(path)}\n`).join(""));
  }

  #remove(path) {
    rmSync(join(OVERLAY, path), { force: true });
    for (let folder = dirname(path); folder !== ROOT; folder = dirname(folder)) {
      if (!existsSync(join(OVERLAY, folder)) || readdirSync(join(OVERLAY, folder)).length > 0) return;
      rmdirSync(join(OVERLAY, folder));
    }
  }

  #write(path, data) {
    const target = join(OVERLAY, path);
    mkdirSync(dirname(target), { recursive: true });
    if (existsSync(target) && statSync(target).isDirectory()) rmSync(target, { recursive: true });
    // Not beside it: the compiler would see a file that nobody has written.
    writeFileSync(PARTIAL, data);
    renameSync(PARTIAL, target);
  }
}

/** What is wrong with the syntax of the files that are held back; undefined where nothing is. */
function syntaxError(tree) {
  const typescript = compiler();
  for (const [path, data] of tree.held) {
    if (data === undefined || !/\.tsx?$/.test(path)) continue;
    const text = data.toString();
    const options = { jsx: typescript.JsxEmit.Preserve, target: typescript.ScriptTarget.ESNext };
    const { diagnostics } = typescript.transpileModule(text, {
      fileName: path,
      reportDiagnostics: true,
      compilerOptions: options,
    });
    const [first] = diagnostics ?? [];
    if (!first) continue;
    const line = text.slice(0, first.start ?? 0).split("\n").length;
    const error = typescript.flattenDiagnosticMessageText(first.messageText, "\n");
    return { error: `SyntaxError: ${error}`, file: path, line };
  }
  return undefined;
}

let loaded;
function compiler() {
  loaded ??= createRequire(join(APP, "package.json"))("typescript");
  return loaded;
}

class Supervisor {
  /** @param readyPort is opened once something has served, for the probes; 0 for none */
  constructor(readyPort = 0) {
    this.readyPort = readyPort;
  }

  tree = new Tree();
  terminal;
  owner;
  heard = 0;
  edit = 0;
  serving = null;
  /** The page that was asked for last: an edit counts as served when it answers. */
  page = "/sign-in";
  /** What `next dev` has said since the last edit. */
  said = [];
  stopping = false;
  restarting = false;
  /** Whether a debugger may attach. */
  debugging = false;

  run() {
    mkdirSync(join(OVERLAY, ROOT), { recursive: true });
    if (readdirSync(join(OVERLAY, ROOT)).length === 0 && existsSync(join(APP, "baked", ROOT)))
      cpSync(join(APP, "baked", ROOT), join(OVERLAY, ROOT), { recursive: true });
    this.tree.read();
    rmSync(ENDPOINT, { force: true });
    createServer((connection) => this.#attached(connection)).listen(ENDPOINT);
    setInterval(() => {
      if (this.terminal && Date.now() - this.heard > SILENCE_MS) this.terminal.destroy();
    }, 1_000);
    this.#start();
    for (const signal of ["SIGTERM", "SIGINT"])
      process.on(signal, () => {
        this.stopping = true;
        this.next?.kill(signal);
      });
    void this.#compiled();
    setTimeout(compiler, RETRY_MS);
  }

  #start() {
    const { HOST = "0.0.0.0", PORT = "3000" } = process.env;
    const inspect = this.debugging ? ["--inspect", `127.0.0.1:${DEBUGGER_PORT}`] : [];
    const args = ["node_modules/next/dist/bin/next", "dev", ...inspect, "--port", PORT, "--hostname", HOST];
    if (this.debugging) this.#tell({ type: "debugging", port: DEBUGGER_PORT });
    this.next = spawn(process.execPath, args, { cwd: APP, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.next.stdout, this.next.stderr])
      createInterface({ input: stream }).on("line", (line) => this.#heard(line));
    this.next.once("exit", (code) => {
      if (this.stopping) process.exit(code ?? 0);
      this.serving = null;
      if (!this.restarting) this.#tell({ type: "ended", code: code ?? 1 });
      setTimeout(
        () => {
          this.#start();
          void this.#compiled();
        },
        this.restarting ? 0 : RETRY_MS,
      );
      this.restarting = false;
    });
  }

  #heard(line) {
    const plain = line.replace(COLOURS, "");
    const page = PAGE.exec(plain)?.[1];
    if (page && !this.asking) this.page = page;
    this.said = [...this.said, plain].slice(-60);
    process.stdout.write(`${line}\n`);
  }

  #attached(connection) {
    connection.on("error", () => undefined);
    connection.on("close", () => {
      if (this.terminal === connection) this.terminal = undefined;
    });
    createInterface({ input: connection }).on("line", (line) => this.#take(connection, JSON.parse(line)));
  }

  #take(connection, message) {
    if (message.type === "hello") {
      if (this.terminal && this.terminal !== connection) {
        connection.write(`${JSON.stringify({ type: "refused", owner: this.owner })}\n`);
        return;
      }
      this.terminal = connection;
      this.owner = message.owner;
      const files = Object.fromEntries(this.tree.files);
      this.#tell({ type: "hello", files, tree: this.tree.hash(), serving: this.serving });
    }
    if (connection !== this.terminal) return;
    this.heard = Date.now();
    if (message.type === "sync") this.#sync(message);
    else if (message.type === "restart") {
      this.edit = message.edit;
      this.#restart();
    } else if (message.type === "debug") {
      if (this.debugging) this.#tell({ type: "debugging", port: DEBUGGER_PORT });
      else {
        this.debugging = true;
        this.#restart();
      }
    }
  }

  #restart() {
    this.restarting = true;
    this.next?.kill("SIGTERM");
  }

  #sync({ edit, write, delete: remove }) {
    this.edit = edit;
    this.said = [];
    try {
      this.tree.take(write, remove);
      this.#tell({ type: "synced", edit, tree: this.tree.hash() });
      const wrong = syntaxError(this.tree);
      if (wrong) {
        this.#tell({ ...wrong, type: "broken", edit, serves: true });
        return;
      }
      this.tree.flush();
    } catch (error) {
      this.tree.held.clear();
      this.tree.read();
      this.#tell({ type: "broken", edit, error: String(error), serves: true });
      return;
    }
    void this.#compiled();
  }

  /** Asks for the page that is looked at, until it is there as it is now, and tells how it went. */
  async #compiled() {
    const { edit } = this;
    const started = Date.now();
    await sleep(NOTICE_MS);
    // However long a page takes to compile: the probes wait for the first one.
    while (edit === this.edit) {
      const status = await this.#ask();
      if (edit !== this.edit) return;
      if (status === undefined) {
        await sleep(NOTICE_MS * 4); // it is starting
        continue;
      }
      const seconds = (Date.now() - started) / 1000;
      if (status < 500) {
        this.serving = this.tree.hash();
        this.#tell({ type: "serving", edit, tree: this.serving, seconds });
        this.#openReadyPort();
      } else this.#tell({ type: "broken", edit, serves: false, ...this.#failure(status) });
      return;
    }
  }

  /** Probes ask this port: the one pod's only address must not go because it is compiling. */
  #openReadyPort() {
    if (!this.readyPort) return;
    createServer((probe) => probe.destroy()).listen(this.readyPort, process.env.HOST || "0.0.0.0");
    this.readyPort = 0;
  }

  async #ask() {
    const { PORT = "3000" } = process.env;
    this.asking = true;
    try {
      const answer = await fetch(`http://127.0.0.1:${PORT}${this.page}`, {
        redirect: "manual",
        signal: AbortSignal.timeout(PAGE_MS),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return undefined;
    } finally {
      this.asking = false;
    }
  }

  #failure(status) {
    const said = this.said.join("\n");
    const [, file, line] = PLACE.exec(said) ?? [];
    const error = this.said.find((text) => /error|failed|not found|can't|⨯/i.test(text))?.trim();
    return {
      error: error ?? `${this.page} answers ${status}`,
      traceback: said,
      ...(file && { file, line: Number(line) }),
    };
  }

  #tell(message) {
    this.terminal?.write(`${JSON.stringify(message)}\n`);
  }
}

function attach() {
  const connection = connect(ENDPOINT);
  connection.on("error", (error) => {
    process.stderr.write(`the supervisor doesn't answer: ${error.message}\n`);
    process.exitCode = 1;
  });
  process.stdin.pipe(connection).pipe(process.stdout);
  connection.on("close", () => process.exit());
}

if (process.argv[2] === "attach") attach();
else new Supervisor(Number(process.argv[3] ?? 0)).run();
