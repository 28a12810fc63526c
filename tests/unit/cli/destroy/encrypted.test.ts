import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findEncrypted, forgetEncrypted } from "../../../../cli/destroy/encrypted";
import { folderWith } from "../../support/folder";

let folder: string;
jest.mock("../../../../cli/session/workspace", () => ({
  ...jest.requireActual<object>("../../../../cli/session/workspace"),
  stackFile: (stack: string) => join(folder, `Pulumi.${stack}.yaml`),
  checkPassphrase: async (stack: string) => {
    if (stack === "others") throw new Error("wrong passphrase");
  },
}));

const SALT = "encryptionsalt: v1:salt:v1:sealed";
const STAGING = `config:
  todo-app:environment: staging
  # as the team has it
  todo-app:backendResources:
    limits: {cpu: "1", memory: 768Mi}
`;

beforeEach(() => {
  folder = folderWith({
    "Pulumi.dev.yaml": `${SALT}\n`,
    "Pulumi.staging.yaml": `${SALT}\n${STAGING}  todo-app:jwtSecret:\n    secure: v1:abc\n`,
    "Pulumi.others.yaml": `${SALT}\n`,
    "Pulumi.plain.yaml": STAGING,
    "Pulumi.cloud.yaml": "config:\n  todo-app:jwtSecret:\n    secure: AAAB\n",
  });
});
const ALL = ["dev", "staging", "others", "plain", "cloud"];

describe("what a passphrase has encrypted in stacks' files", () => {
  it("is found where that passphrase can read it, and nowhere else", async () => {
    expect(await findEncrypted(ALL, {})).toEqual([
      { stack: "dev", keys: ["encryptionsalt"] },
      { stack: "staging", keys: ["encryptionsalt", "todo-app:jwtSecret"] },
    ]);
  });

  it("is taken out of them: the rest stays as it was written, and a file with nothing else goes", async () => {
    forgetEncrypted(await findEncrypted(ALL, {}));
    const read = (stack: string): string =>
      readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8");
    expect(read("staging")).toBe(STAGING);
    expect(existsSync(join(folder, "Pulumi.dev.yaml"))).toBe(false);
    expect(read("others")).toBe(`${SALT}\n`);
  });

  it("isn't looked for in a file that can't be read", async () => {
    writeFileSync(join(folder, "Pulumi.dev.yaml"), "<<<<<<< HEAD\nencryptionsalt: [");
    expect(await findEncrypted(["dev"], {})).toEqual([]);
  });
});
