import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryRun } from "../../../common/run";
import type { Look } from "../../../ops/audit";
import { Gate } from "../../../ops/gate";
import { Redactor } from "../../../ops/redact";
import { FakeRunner } from "./support";

const scope = { namespace: "todo-app", release: "todo-app", kubeContext: "minikube" };

let folder: string;
let gate: Gate;
let runner: FakeRunner;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gate-"));
  runner = new FakeRunner([
    [/get pods/, { stdout: "NAME READY\nx 1/1 xyzzy-plugh\n", stderr: "a warning\n" }],
    [/describe/, { code: 1, stderr: "not found\n" }],
    [/logs/, { stdout: "y".repeat(100_000) }],
  ]);
  gate = new Gate({
    scope,
    kubeconfig: "/own/kubeconfig",
    run: runner.run,
    redactor: new Redactor(["xyzzy-plugh"]),
    folder,
  });
  await gate.open();
});

afterEach(async () => {
  await gate.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a program with nothing but the gate on its PATH gets of its shell. */
const shell = (command: string) =>
  tryRun(join(gate.path, "bash"), ["-c", command], { env: { PATH: gate.path } });

describe("the gate", () => {
  it("runs a command that looks, by the assistant's own credentials, and redacts what it says (FR-069)", async () => {
    expect(await shell("kubectl get pods -o wide")).toEqual({
      code: 0,
      stdout: "NAME READY\nx 1/1 [redacted]\n",
      stderr: "a warning\n",
    });
    expect(runner.lines).toEqual([
      "kubectl --kubeconfig /own/kubeconfig get pods -o wide --namespace=todo-app",
    ]);
    expect(gate.looks).toMatchObject([{ class: "read", ran: true, exit_code: 0 }]);
  });

  it("passes failures on", async () => {
    expect(await shell("kubectl describe pod x")).toMatchObject({ code: 1, stderr: "not found\n" });
  });

  it("keeps a change for the engineer instead of running it (FR-067)", async () => {
    const reply = await shell("kubectl scale deployment/x --replicas=2");
    expect(reply).toMatchObject({ code: 126, stdout: "" });
    expect(reply.stderr).toContain("the engineer decides");
    expect(runner.lines).toEqual([]);
    expect(gate.suggestions).toMatchObject([{ class: "change" }]);
  });

  it.each([
    "touch PROOF",
    "kubectl get pods; touch PROOF",
    "kubectl get pods $(touch PROOF)",
    "kubectl get pods > PROOF",
    "kubectl get secrets",
    "env",
    "docker ps",
  ])("runs no shell: %j (FR-067)", async (command) => {
    const proof = join(folder, "proof");
    const reply = await shell(command.replaceAll("PROOF", proof));
    expect(reply).toMatchObject({ code: 126, stdout: "" });
    expect(readdirSync(folder)).not.toContain("proof");
    expect(runner.lines).toEqual([]);
    expect(gate.suggestions).toHaveLength(1);
  });

  it("takes no other form of a shell's command line", async () => {
    const env = { PATH: gate.path };
    for (const args of [["-lc", "kubectl get pods"], ["script.sh"], [], ["-c", "a", "b"]])
      expect((await tryRun(join(gate.path, "bash"), args, { env })).code).toBe(126);
    expect(runner.lines).toEqual([]);
  });

  it("stands for kubectl too", async () => {
    const env = { PATH: gate.path };
    const got = await tryRun(join(gate.path, "kubectl"), ["get", "pods"], { env });
    expect(got.code).toBe(0);
    expect((await tryRun(join(gate.path, "kubectl"), ["get", "secrets"], { env })).code).toBe(126);
  });

  it("cuts long output from the front", async () => {
    const { stdout } = await shell("kubectl logs x");
    expect(stdout.length).toBeLessThan(30_000);
    expect(stdout).toMatch(/^\[the first \d+ characters are left out\]/);
  });

  it("doesn't answer for ever", async () => {
    for (let i = 0; i < 40; i += 1) await gate.handle("kubectl get pods");
    expect(await gate.handle("kubectl get pods")).toMatchObject({ code: 126 });
    expect(runner.lines).toHaveLength(40);
  });

  it("gives a look the manifest that it is about, by the assistant's credentials and in its time", async () => {
    const text = "kubectl apply -f - --dry-run=server <<'EOF'\nkind: ConfigMap\nEOF";
    expect(await gate.handle(text)).toMatchObject({ code: 127 });
    expect(runner.calls).toEqual([
      {
        line: "kubectl --kubeconfig /own/kubeconfig apply -f - --dry-run=server --namespace=todo-app",
        options: { timeoutMs: 45_000, input: "kind: ConfigMap\n" },
      },
    ]);
    await gate.handle("kubectl get pods");
    expect(runner.calls[1]?.options).toEqual({ timeoutMs: 45_000 });
  });

  it("notes every command as it comes, redacted, with the bytes that were given", async () => {
    const noted: Look[] = [];
    const noting = new Gate({
      ...{ scope, kubeconfig: "k", run: runner.run, folder, onLook: (look) => noted.push(look) },
      redactor: new Redactor(["xyzzy-plugh"]),
    });
    await noting.handle("kubectl get pods -l a=xyzzy-plugh");
    await noting.handle("kubectl get secrets xyzzy-plugh");
    expect(noted).toEqual([
      {
        ...{ command: "kubectl get pods -l a=[redacted]", class: "read", ran: true, exit_code: 0 },
        bytes: "NAME READY\nx 1/1 [redacted]\na warning\n".length,
      },
      {
        ...{ command: "kubectl get secrets [redacted]", class: "forbidden", ran: false },
        ...{ exit_code: null, bytes: 0 },
      },
    ]);
    expect(noting.looks).toEqual(noted);
  });

  it("says why it refuses", async () => {
    expect(await gate.handle("kubectl get secrets")).toEqual({
      ...{ stdout: "", code: 126, stderr: "not allowed: reads or alters Secrets\n" },
    });
    for (let i = 0; i < 39; i += 1) await gate.handle("kubectl get pods");
    expect(await gate.handle("kubectl scale deployment/x --replicas=2")).toMatchObject({
      stderr: "enough was looked at: answer with what you know\n",
    });
    // Nor is it kept: what comes by then is no answer to what was asked.
    expect(gate.suggestions).toHaveLength(1);
  });

  it("gives 24000 characters whole, and of more the last ones", async () => {
    const said = (length: number) => {
      const run = async () => ({ code: 0, stdout: `a${"y".repeat(length - 1)}`, stderr: "" });
      const redactor = new Redactor();
      return new Gate({ scope, kubeconfig: "k", run, redactor, folder }).handle("kubectl get pods");
    };
    expect((await said(24_000)).stdout).toBe(`a${"y".repeat(23_999)}`);
    expect((await said(24_001)).stdout).toBe(
      `[the first 1 characters are left out]\n${"y".repeat(24_000)}`,
    );
  });

  it("and its programs are this user's alone", async () => {
    const mode = (name: string) => statSync(join(folder, name)).mode & 0o777;
    expect(["bin", "gate", "bin/bash", "bin/sh", "bin/kubectl"].map(mode)).toEqual([
      ...[0o700, 0o600, 0o700, 0o700, 0o700],
    ]);
  });

  it("answers what it can't read by a refusal", async () => {
    const reply = await new Promise<string>((resolve) => {
      const connection = connect(join(folder, "gate"));
      let text = "";
      connection.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      connection.on("end", () => resolve(text)).end("no json");
    });
    expect(JSON.parse(reply)).toMatchObject({
      code: 126,
      stderr: expect.stringMatching(/^SyntaxError/),
    });
  });

  it("that was never opened can be closed", async () => {
    const options = { scope, kubeconfig: "k", run: runner.run, redactor: new Redactor(), folder };
    await expect(new Gate(options).close()).resolves.toBeUndefined();
  });
});
