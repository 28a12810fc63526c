import { createCipheriv, pbkdf2Sync } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import {
  checkPassphrase,
  configFor,
  isEncrypted,
  stackConfig,
  stackSettings,
} from "../../../../cli/session/workspace";
import { folderWith } from "../../support/folder";

const readFile = fs.readFileSync;

/** Settings as the commands read them from these two files. */
function settingsOf(project: unknown, stack: unknown): ReturnType<typeof stackSettings> {
  const reads = [
    jest.spyOn(fs, "existsSync").mockReturnValue(true),
    jest.spyOn(fs, "readFileSync").mockImplementation((path, ...rest) => {
      if (/Pulumi\.yaml$/.test(String(path))) return stringify(project);
      if (/Pulumi\.dev\.yaml$/.test(String(path))) return stringify(stack);
      return readFile(path, ...(rest as [BufferEncoding]));
    }),
  ];
  try {
    return stackSettings("dev");
  } finally {
    for (const read of reads) read.mockRestore();
  }
}

describe("the commands read the configuration that Pulumi reads", () => {
  test("the defaults in Pulumi.yaml, in each form that they may have there", () => {
    const config = {
      minikubeProfile: { type: "string", default: "team" },
      allowedHosts: { type: "array", items: { type: "string" }, default: ["a.example.com"] },
      logLevel: "debug",
      "todo-app:replicas": 3,
      nodePort: { value: 30_100 },
    };
    const settings = settingsOf({ config }, {});
    expect(settings).toMatchObject({
      delivery: { kind: "minikube", profile: "team" },
      ...{ kubeContext: "team", allowedHosts: ["a.example.com"], logLevel: "debug", replicas: 3 },
      service: { nodePort: 30_100 },
    });
  });

  test("a stack's own values before them", () => {
    const project = { config: { replicas: { default: 3 } } };
    expect(settingsOf(project, { config: { "todo-app:replicas": 2 } }).replicas).toBe(2);
  });

  test("a stack's own values under each name that Pulumi knows them by, and no other project's", () => {
    const config = {
      namespace: "a-team",
      "todo-app:config:nodePort": 30_101,
      "other:replicas": 4,
      "other:config:replicas": 5,
    };
    const settings = settingsOf({}, { config });
    expect(settings).toMatchObject({ namespace: "a-team", service: { nodePort: 30_101 } });
    expect(settings.replicas).toBe(1);
  });

  test("no value as an empty one", () => {
    const config = { "todo-app:kubeContext": null, "todo-app:publicUrl": null };
    expect(settingsOf({}, { config })).toMatchObject({
      ...{ kubeContext: "minikube", publicUrl: undefined },
    });
  });

  test.each([
    [["todo/dev", { "team/base": { merge: false } }], "todo/dev, team/base"],
    [{ values: {} }, "one of its own"],
  ])("and name what only Pulumi can read: ESC environments %j", (environment, named) => {
    expect(() => settingsOf({}, { environment })).toThrow(
      new RegExp(`^stack "dev" takes configuration from Pulumi ESC.*names ${named} under`),
    );
  });

  test("but not where there is none", () => {
    expect(settingsOf({}, { environment: [] }).replicas).toBe(1);
  });
});

describe("a file that was damaged is told as such", () => {
  const withText = async (name: RegExp, text: string, use: () => unknown): Promise<unknown> => {
    const reads = [
      jest.spyOn(fs, "existsSync").mockReturnValue(true),
      jest.spyOn(fs, "readFileSync").mockImplementation((path, ...rest) => {
        if (name.test(String(path))) return text;
        if (/Pulumi(\.dev)?\.yaml$/.test(String(path))) return "{}";
        return readFile(path, ...(rest as [BufferEncoding]));
      }),
    ];
    try {
      return await use();
    } finally {
      for (const read of reads) read.mockRestore();
    }
  };

  test.each([
    [/Pulumi\.yaml$/, "config: [", "Pulumi.yaml can't be read"],
    [/Pulumi\.dev\.yaml$/, "<<<<<<< HEAD\nconfig: {}", "Pulumi.dev.yaml can't be read"],
    [/Pulumi\.dev\.yaml$/, "- config", "Pulumi.dev.yaml can't be read"],
  ])("%s with %j", async (name, text, what) => {
    await expect(withText(name, text, async () => stackSettings("dev"))).rejects.toMatchObject({
      what,
      next: "mend the file",
    });
  });

  test.each(["v1:abc", "v1:abc:v1:AAAA:AAAA", "12"])("a salt that is none: %s", async (salt) => {
    const check = () => checkPassphrase("dev", { PULUMI_CONFIG_PASSPHRASE: "x" });
    const text = `encryptionsalt: ${salt}\n`;
    await expect(withText(/Pulumi\.dev\.yaml$/, text, check)).rejects.toMatchObject({
      what: "the encryptionsalt in Pulumi.dev.yaml is damaged",
    });
  });
});

describe("a stack's secrets", () => {
  /** Runs something while the stack's file has this content. */
  const withFile = <T>(content: object | undefined, use: () => T): T => {
    jest.spyOn(fs, "existsSync").mockImplementation((path) => {
      return /Pulumi\.(dev|other)\.yaml$/.test(String(path)) ? content !== undefined : true;
    });
    jest.spyOn(fs, "readFileSync").mockImplementation((path, ...rest) => {
      if (/Pulumi\.dev\.yaml$/.test(String(path))) return stringify(content);
      return readFile(path, ...(rest as [BufferEncoding]));
    });
    return use();
  };
  afterEach(() => jest.restoreAllMocks());
  const SECRET = { secure: "v1:a" };

  test.each([
    [SECRET, true],
    [{ a: { b: SECRET } }, true],
    [[1, SECRET], true],
    [{ secure: 1 }, false],
    [{ secure: "v1:a", more: 1 }, false],
    ["v1:a", false],
    [null, false],
    [{}, false],
  ])("%j is one, or holds one: %s", (value, is) => {
    expect(isEncrypted(value)).toBe(is);
  });

  const now = {
    config: { "todo-app:key": { secure: "now" }, "todo-app:level": "info" },
    encryptionsalt: "new",
  };

  test("that were encrypted under the same salt come back as they were", () => {
    const config = { "todo-app:key": { secure: "then" } };
    expect(withFile(now, () => configFor("dev", config, "new"))).toEqual({ ...now, config });
    expect(withFile(now, () => configFor("dev", config, undefined))).toEqual({ ...now, config });
  });

  test("that were encrypted under another one are today's, or none", () => {
    const config = {
      ...{ "todo-app:key": { secure: "then" }, "todo-app:gone": { secure: "then" } },
      "todo-app:level": "debug",
    };
    expect(withFile(now, () => configFor("dev", config, "old"))).toEqual({
      ...now,
      config: { "todo-app:key": { secure: "now" }, "todo-app:level": "debug" },
    });
  });

  test("are in the configuration as the file has them", () => {
    expect(withFile(now, () => stackConfig("dev"))).toEqual(now.config);
    expect(withFile({}, () => stackConfig("dev"))).toEqual({});
  });

  test("of the usual stack may be none; any other stack has to be there", () => {
    expect(withFile(undefined, () => stackConfig("dev"))).toEqual({});
    expect(() => withFile(undefined, () => stackConfig("other"))).toThrow(
      expect.objectContaining({
        ...{ what: 'there is no stack "other"', why: "Pulumi.other.yaml is missing" },
      }),
    );
  });

  /** A salt as Pulumi makes it with this passphrase. */
  function saltOf(passphrase: string): string {
    const salt = Buffer.from("saltsalt");
    const key = pbkdf2Sync(passphrase, salt, 1_000_000, 32, "sha256");
    const nonce = Buffer.alloc(12, 1);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = Buffer.concat([cipher.update("pulumi"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${salt.toString("base64")}:v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  }
  const SALT = { encryptionsalt: saltOf("right") };
  const check = (env: NodeJS.ProcessEnv, file: object = SALT) =>
    withFile(file, () => checkPassphrase("dev", env));

  test("need the passphrase that they were encrypted with, wherever it is", async () => {
    await expect(check({ PULUMI_CONFIG_PASSPHRASE: "right" })).resolves.toBeUndefined();
    const folder = folderWith({ good: "right\n", bad: "wrong\n" });
    const file = (name: string) => ({ PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, name) });
    await expect(check(file("good"))).resolves.toBeUndefined();
    await expect(
      check({ ...file("bad"), PULUMI_CONFIG_PASSPHRASE: "right" }),
    ).resolves.toBeUndefined();
    await expect(check({ PULUMI_CONFIG_PASSPHRASE: "wrong" })).rejects.toMatchObject({
      what: 'wrong passphrase for stack "dev"',
      why: "Pulumi.dev.yaml was encrypted with another one than that in PULUMI_CONFIG_PASSPHRASE",
    });
    await expect(check(file("bad"))).rejects.toMatchObject({
      why: `Pulumi.dev.yaml was encrypted with another one than the one in ${join(folder, "bad")}`,
    });
    await expect(check(file("none"))).rejects.toMatchObject({
      what: `the passphrase in ${join(folder, "none")} can't be read`,
    });
  });

  test("can't be read without any, and where there are none nobody asks", async () => {
    await expect(check({})).rejects.toMatchObject({
      what: 'the passphrase of stack "dev" isn\'t known',
    });
    await expect(check({ PULUMI_CONFIG_PASSPHRASE_FILE: "" })).rejects.toMatchObject({
      what: 'the passphrase of stack "dev" isn\'t known',
    });
    await expect(check({}, {})).resolves.toBeUndefined();
  });
});
