import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  localBackend,
  namedVariables,
  secretFile,
  stateVariables,
} from "../../../../cli/session/backend";
import { ROOT } from "../../../../cli/session/workspace";
import { folderWith } from "../../support/folder";

const LOGIN = JSON.stringify({ current: "https://api.pulumi.com" });
const STATE = ".state/.pulumi/stacks/todo-app/dev.json";
const PROJECT_FILES = { "Pulumi.yaml": "name: todo-app\n", "cli/shell/pulumi": "" };

/** What plain `pulumi` finds in its environment when it is called by the wrapper. */
function wrapped(
  cwd: string,
  env: Record<string, string>,
  args: readonly string[] = [],
  path = process.env.PATH,
): Record<string, string> {
  const tools = folderWith({ "shell/pulumi": "", "bin/pulumi": "#!/bin/sh\nenv\n" });
  const wrapper = join(tools, "shell/pulumi");
  copyFileSync(join(ROOT, "cli/shell/pulumi"), wrapper);
  for (const file of [wrapper, join(tools, "bin/pulumi")]) chmodSync(file, 0o755);
  const PATH = [
    dirname(wrapper),
    path === process.env.PATH ? join(tools, "bin") : "",
    path,
    join(tools, "bin"),
  ]
    .filter((part) => part !== "")
    .join(":");
  const output = execFileSync(wrapper, args, {
    cwd,
    env: { HOME: join(tools, "home"), PATH, ...env },
    encoding: "utf8",
  });
  const entries = output.split("\n").map((line) => /^(\w+)=(.*)$/.exec(line) ?? []);
  return Object.fromEntries(entries.map(([, name, value]) => [name, value]));
}

describe.each([
  [
    "the commands",
    (root: string, env: Record<string, string>): Record<string, string | undefined> => ({
      ...stateVariables(root, { HOME: "/nowhere", ...env }),
    }),
  ],
  ["plain pulumi", (root: string, env: Record<string, string>) => wrapped(root, env)],
])("the state that %s work on", (_, variables) => {
  it("is in the clone where the user has no other, under a passphrase that only this user reads", () => {
    const root = folderWith(PROJECT_FILES);
    const home = folderWith({});
    const found = variables(root, { PULUMI_CREDENTIALS_PATH: home });
    expect(found.PULUMI_BACKEND_URL).toBe(localBackend(root));
    const file = found.PULUMI_CONFIG_PASSPHRASE_FILE ?? "";
    expect(file).toBe(join(root, ".state/passphrase"));
    expect(readFileSync(file, "utf8").trim()).toMatch(/^[\w-]{43}$/);
    expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
  });

  it("is where the user is logged in, unless the clone has a state already", () => {
    const login = { PULUMI_CREDENTIALS_PATH: folderWith({ "credentials.json": LOGIN }) };
    const fresh = variables(folderWith(PROJECT_FILES), login);
    expect([fresh.PULUMI_BACKEND_URL, fresh.PULUMI_CONFIG_PASSPHRASE_FILE]).toEqual([
      undefined,
      undefined,
    ]);
    const used = folderWith({ ...PROJECT_FILES, [STATE]: "{}" });
    expect(variables(used, login).PULUMI_BACKEND_URL).toBe(localBackend(used));
  });

  it("is the named one, whose passphrase is the user's to name", () => {
    const root = folderWith(PROJECT_FILES);
    const shared = folderWith({});
    const found = variables(root, {
      PULUMI_BACKEND_URL: `file://${shared}`,
      PULUMI_CREDENTIALS_PATH: shared,
    });
    expect(found.PULUMI_CONFIG_PASSPHRASE_FILE).toBeUndefined();
    expect(existsSync(join(root, ".state"))).toBe(false);
  });

  it.each(["c#/todo", "100% mine", "what?", "with blanks", "für Jürgen", 'a"b', "{x}^y"])(
    "is found in a folder named %s",
    (name) => {
      const root = join(folderWith({}), name);
      for (const [file, text] of Object.entries(PROJECT_FILES)) {
        mkdirSync(dirname(join(root, file)), { recursive: true });
        copyFileSync(join(folderWith({ [file]: text }), file), join(root, file));
      }
      const { PULUMI_BACKEND_URL = "" } = variables(root, { PULUMI_CREDENTIALS_PATH: root });
      expect(decodeURIComponent(new URL(PULUMI_BACKEND_URL).pathname)).toBe(join(root, ".state"));
      // Pulumi notes the selected stack under the text.
      expect(PULUMI_BACKEND_URL).toBe(localBackend(root));
    },
  );
});

describe("plain pulumi", () => {
  it("knows a clone by its own path where it is called by a link to it", () => {
    const root = folderWith(PROJECT_FILES);
    const link = join(folderWith({}), "link");
    symlinkSync(root, link);
    const found = wrapped(link, { PWD: link, PULUMI_CREDENTIALS_PATH: folderWith({}) });
    expect([found.PULUMI_BACKEND_URL, found.PWD]).toEqual([localBackend(root), root]);
  });

  it.each([
    ["", [undefined, undefined]],
    ["/contexts/tls/abc", ["1", "/contexts/tls/abc/docker"]],
  ])("builds in the engine of the current context, with its certificates: %j", (tls, expected) => {
    const folder = folderWith({
      docker: `#!/bin/sh\ncase "$*" in *TLSMaterial*) echo "${tls}" ;; *) echo tcp://192.0.2.7:2376 ;; esac\n`,
    });
    chmodSync(join(folder, "docker"), 0o755);
    const env = { PULUMI_CREDENTIALS_PATH: folderWith({}), DOCKER_CONTEXT: "team" };
    const found = wrapped(folderWith(PROJECT_FILES), env, [], `${folder}:${process.env.PATH}`);
    expect(found.DOCKER_HOST).toBe("tcp://192.0.2.7:2376");
    expect([found.DOCKER_TLS_VERIFY, found.DOCKER_CERT_PATH]).toEqual(expected);
  });

  it("is the program of that name, not a folder", () => {
    const folder = folderWith({ "pulumi/x": "" });
    const root = folderWith(PROJECT_FILES);
    const PATH = `${folder}:${process.env.PATH}`;
    const found = wrapped(root, { PULUMI_CREDENTIALS_PATH: folderWith({}) }, [], PATH);
    expect(found.PULUMI_BACKEND_URL).toBe(localBackend(root));
  });

  it("starts a program on this project's components as its file says, with the tools' plugins and the user's own state", () => {
    const example = join(ROOT, "examples/guestbook");
    const found = wrapped(example, {});
    const { PULUMI_LANGUAGE_NODEJS_RUN_PATH: start = "" } = found;
    expect(existsSync(join(example, start))).toBe(true);
    expect(start).toMatch(/program\.cjs$/);
    expect(found.PULUMI_HOME).toMatch(/\/pulumi-home$/);
    expect(found.PULUMI_CREDENTIALS_PATH).toBe(join(found.HOME ?? "", ".pulumi"));
    expect(found.PULUMI_BACKEND_URL).toBeUndefined();
    expect(found.PULUMI_CONFIG_PASSPHRASE_FILE).toBeUndefined();
  });

  it("works on the clone that it is called in or told of, whoever's exports the shell has", () => {
    const [one, other] = [
      folderWith({ ...PROJECT_FILES, "apps/x": "" }),
      folderWith(PROJECT_FILES),
    ];
    const login = { PULUMI_CREDENTIALS_PATH: folderWith({}) };
    expect(wrapped(join(one, "apps"), login).PULUMI_BACKEND_URL).toBe(localBackend(one));
    for (const args of [["-C", other, "up"], ["up", "--cwd", other], [`--cwd=${other}`]])
      expect(wrapped(one, login, args).PULUMI_BACKEND_URL).toBe(localBackend(other));
  });

  it("finds nothing changed in another project", () => {
    const env = { HOME: "/home/ann", PULUMI_HOME: "/home/ann/.pulumi" };
    const found = wrapped(folderWith({ "Pulumi.yaml": "name: other\n" }), env);
    const own = Object.entries(found).filter(([name]) => name.startsWith("PULUMI"));
    expect(own).toEqual([["PULUMI_HOME", "/home/ann/.pulumi"]]);
  });
});

describe("what was deleted meanwhile", () => {
  it("is named with its variable", () => {
    const root = folderWith(PROJECT_FILES);
    const gone = join(root, "gone");
    expect(() => stateVariables(root, { PULUMI_BACKEND_URL: `file://${gone}` })).toThrow(
      /^PULUMI_BACKEND_URL names/,
    );
    expect(() => stateVariables(root, { PULUMI_CONFIG_PASSPHRASE_FILE: gone })).toThrow(
      /^PULUMI_CONFIG_PASSPHRASE_FILE names/,
    );
  });

  it("is told where the passphrase has lost its content", () => {
    const root = folderWith({ ...PROJECT_FILES, ".state/passphrase": "" });
    expect(() => stateVariables(root, { PULUMI_CREDENTIALS_PATH: root })).toThrow(
      /passphrase .* is empty/,
    );
  });
});

describe("a passphrase file of the user's own", () => {
  it.each([
    ["is empty", { passphrase: "\n" }, "passphrase", /names an empty file/],
    ["can't be read", { "passphrase/x": "" }, "passphrase", /can't be read/],
  ])("is named where it %s", (_, files, name, message) => {
    const PULUMI_CONFIG_PASSPHRASE_FILE = join(folderWith(files), name);
    const root = folderWith(PROJECT_FILES);
    expect(() => stateVariables(root, { PULUMI_CONFIG_PASSPHRASE_FILE })).toThrow(message);
  });
});

test("whoever only looks makes nothing", () => {
  const root = folderWith(PROJECT_FILES);
  expect(
    namedVariables(root, { PULUMI_CREDENTIALS_PATH: root }).PULUMI_CONFIG_PASSPHRASE_FILE,
  ).toBe(join(root, ".state/passphrase"));
  expect(existsSync(join(root, ".state"))).toBe(false);
});

test("a secret is made once, and a second command reads the first one's", () => {
  const file = join(folderWith({}), "a/secret");
  expect(secretFile(file, () => "one")).toBe("one");
  expect(secretFile(file, () => "two")).toBe("one");
});

test("a secret that another command has made meanwhile is that one's", () => {
  const file = join(folderWith({}), "secret");
  const faster = (): string => {
    writeFileSync(file, "theirs\n");
    return "mine";
  };
  expect(secretFile(file, faster)).toBe("theirs");
  expect(readdirSync(join(file, ".."))).toEqual(["secret"]);
  const made = join(file, "../own/secret");
  secretFile(made, () => "x");
  expect([made, join(made, "..")].map((path) => statSync(path).mode & 0o777)).toEqual([
    ...[0o600, 0o700],
  ]);
});

test("a secret that can't be made says where, and why", () => {
  const file = join(folderWith({ x: "" }), "x/secret");
  expect(() => secretFile(file, () => "y")).toThrow(
    expect.objectContaining({ what: `${file} can't be read or made` }),
  );
});
