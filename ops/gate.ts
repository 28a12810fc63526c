/**
 * The gate: what an assistant takes for its shell. It runs no shell: it reads each command, runs what only
 * looks, with the assistant's own credentials, and keeps everything else for the engineer to decide on.
 */
import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Look } from "./audit";
import { formatCommand, type PlainCommand } from "./command-line";
import type { Runner } from "./desk";
import type { Redactor } from "./redact";
import { type Reviewed, review, type Scope } from "./review";

/** Bytes of output that an assistant gets of one command; the end is what tells most. */
const MOST_OUTPUT = 24_000;
/** Commands in answer to one question. */
const MOST_COMMANDS = 40;
const READ_TIMEOUT_MS = 45_000;
const EXIT_REFUSED = 126;

/** What the assistant's command got back. */
export interface GateReply {
  stdout: string;
  stderr: string;
  code: number;
}

/** What the gate needs. */
export interface GateOptions {
  scope: Scope;
  /** The assistant's own kubeconfig. */
  kubeconfig: string;
  run: Runner;
  redactor: Redactor;
  /** Private folder: for the socket, and for the programs that an assistant may start. */
  folder: string;
  /** Called with every command, as it comes. */
  onLook?: (look: Look) => void;
}

/** A gate that is open until it is closed. */
export class Gate {
  /** Everything that the assistant wanted to run. */
  readonly looks: Look[] = [];
  /** What it wanted beyond looking: the engineer's to decide. */
  readonly suggestions: Reviewed[] = [];
  private server: Server | undefined;

  constructor(private readonly options: GateOptions) {}

  /** The only folder on the assistant's PATH: its shell, which is this gate, and nothing else. */
  get path(): string {
    return join(this.options.folder, "bin");
  }

  /** Opens the gate: makes the folder of programs and listens to them. */
  async open(): Promise<void> {
    const { folder } = this.options;
    const socket = join(folder, "gate");
    const client = join(folder, "gate-client.cjs");
    await mkdir(this.path, { mode: 0o700 });
    await copyFile(join(__dirname, "gate-client.cjs"), client);
    for (const shell of ["bash", "sh", "kubectl"]) {
      const file = join(this.path, shell);
      const words = [process.execPath, client, socket, shell];
      const line = formatCommand({ argv: words });
      await writeFile(file, `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o700 });
      await chmod(file, 0o700);
    }
    this.server = createServer({ allowHalfOpen: true }, (connection) => this.serve(connection));
    await new Promise<void>((resolve, reject) => {
      this.server?.once("error", reject).listen(socket, resolve);
    });
    await chmod(socket, 0o600);
  }

  close(): Promise<void> {
    return new Promise((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
  }

  /** Runs a command that only looks; keeps any other. */
  async handle(text: string): Promise<GateReply> {
    const { scope, redactor } = this.options;
    const reviewed = review(text, scope);
    if (this.looks.length >= MOST_COMMANDS)
      return this.refuse(reviewed, "enough was looked at: answer with what you know");
    const { command } = reviewed;
    if (reviewed.class === "forbidden" || !command) {
      this.suggestions.push(reviewed);
      return this.refuse(reviewed, `not allowed: ${reviewed.reasons.join("; ")}`);
    }
    if (reviewed.class !== "read" || command.argv[0] !== "kubectl") {
      this.suggestions.push(reviewed);
      return this.refuse(
        reviewed,
        "not run: it is kept as a suggestion, and the engineer decides on it after your answer",
      );
    }
    const result = await this.look(command);
    const stdout = clip(redactor.text(result.stdout));
    const stderr = clip(redactor.text(result.stderr));
    this.note({
      command: redactor.text(text),
      class: "read",
      ran: true,
      exit_code: result.code,
      bytes: stdout.length + stderr.length,
    });
    return { stdout, stderr, code: result.code };
  }

  /** kubectl with the assistant's credentials instead of the engineer's context. */
  private look({ argv, stdin }: PlainCommand): ReturnType<Runner> {
    const [program = "kubectl", ...args] = argv.filter((word) => !word.startsWith("--context="));
    return this.options.run(program, ["--kubeconfig", this.options.kubeconfig, ...args], {
      timeoutMs: READ_TIMEOUT_MS,
      ...(stdin === undefined ? {} : { input: stdin }),
    });
  }

  private refuse(reviewed: Reviewed, why: string): GateReply {
    this.note({
      command: this.options.redactor.text(reviewed.suggestion),
      class: reviewed.class,
      ran: false,
      exit_code: null,
      bytes: 0,
    });
    return { stdout: "", stderr: `${why}\n`, code: EXIT_REFUSED };
  }

  private note(look: Look): void {
    this.looks.push(look);
    this.options.onLook?.(look);
  }

  private serve(connection: Socket): void {
    let request = "";
    connection.setEncoding("utf8");
    connection.on("error", () => undefined); // the assistant may end before its command does
    connection.on("data", (text: string) => {
      request += text;
    });
    connection.on("end", () => {
      void this.answer(request).then((reply) => connection.end(JSON.stringify(reply)));
    });
  }

  private async answer(request: string): Promise<GateReply> {
    try {
      const { program, args } = JSON.parse(request) as { program: string; args: string[] };
      if (program === "kubectl")
        return await this.handle(formatCommand({ argv: [program, ...args] }));
      const [flag, command, ...more] = args;
      if (flag === "-c" && command !== undefined && more.length === 0)
        return await this.handle(command);
      return { stdout: "", stderr: "not allowed: only -c COMMAND is\n", code: EXIT_REFUSED };
    } catch (error) {
      return { stdout: "", stderr: `${String(error)}\n`, code: EXIT_REFUSED };
    }
  }
}

function clip(text: string): string {
  if (text.length <= MOST_OUTPUT) return text;
  return `[the first ${text.length - MOST_OUTPUT} characters are left out]\n${text.slice(-MOST_OUTPUT)}`;
}
