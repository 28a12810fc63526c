import fs from "node:fs";
import { stringify } from "yaml";
import { checkPassphrase, stackSettings } from "../../../../cli/session/workspace";

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
