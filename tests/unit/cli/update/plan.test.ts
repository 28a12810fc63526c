import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../../../cli/session/session";
import { checkPlan, givenPath, planned, seal } from "../../../../cli/update/plan";
import { contentTag } from "../../../../components/images/build-context";
import { folderWith } from "../../support/folder";

jest.mock("../../../../components/images/build-context", () => ({
  contentTag: jest.fn(),
  folderHash: jest.fn().mockReturnValue("a"),
}));

const folder = folderWith({});
let deployed = 1;

const session = (stack = "dev"): Session =>
  ({
    stack,
    pulumi: {
      state: async () => ({
        resources: [
          {
            type: "pulumi-nodejs:dynamic/todo-app:Attempts",
            outputs: { rows: Array.from({ length: deployed }, (_, at) => ({ number: at + 1 })) },
          },
        ],
      }),
    },
  }) as never;

async function saved(): Promise<string> {
  const file = join(folder, "plan.json");
  writeFileSync(file, JSON.stringify({ manifest: {}, resourcePlans: {} }));
  await seal(file, session());
  return file;
}

beforeEach(() => {
  deployed = 1;
  jest.mocked(contentTag).mockImplementation((_version, context) => `${context}-1`);
});

describe("a plan", () => {
  it("is Pulumi's own, so that plain pulumi takes it too", async () => {
    expect(JSON.parse(readFileSync(await saved(), "utf8"))).toMatchObject({
      ...{ manifest: {}, resourcePlans: {} },
    });
    expect(planned("/x/plan.json")).toEqual({
      args: ["--plan", "/x/plan.json"],
      env: { PULUMI_EXPERIMENTAL: "true" },
    });
  });

  it("may be deployed while nothing has changed", async () => {
    await expect(checkPlan(await saved(), session())).resolves.toBeUndefined();
  });

  it("is refused in one sentence where the tree has changed", async () => {
    const file = await saved();
    jest.mocked(contentTag).mockImplementation((_version, context) => `${context}-2`);
    await expect(checkPlan(file, session())).rejects.toMatchObject({
      what: "what is here isn't what was reviewed",
      why: `since ${file} was saved the back end and the front end have changed`,
      next: "review it again: npm run preview -- --stack dev --save plan.json",
    });
  });

  it("is refused where somebody has deployed meanwhile", async () => {
    const file = await saved();
    deployed = 2;
    await expect(checkPlan(file, session())).rejects.toMatchObject({
      why: `since ${file} was saved what is deployed has changed`,
    });
  });

  it("is of one stack", async () => {
    await expect(checkPlan(await saved(), session("staging"))).rejects.toMatchObject({
      why: 'it is of stack "dev"',
    });
  });

  it.each([
    ["missing.json", undefined, /no such file/],
    ["text.json", "hello", /not valid JSON/],
    ["other.json", "{}", /isn't one that a preview has saved/],
    ["theirs.json", '{"resourcePlans":{}}', /wasn't saved by npm run preview/],
  ])("is none in %s", async (name, text, why) => {
    const file = join(folder, name);
    if (text !== undefined) writeFileSync(file, text);
    await expect(checkPlan(file, session())).rejects.toMatchObject({
      ...{ what: `${file} is no plan that can be used here`, why: expect.stringMatching(why) },
    });
  });

  it("is found from where npm was called", () => {
    const from = join(folder, "from");
    mkdirSync(from);
    expect(givenPath("plan.json", { INIT_CWD: from })).toBe(join(from, "plan.json"));
  });
});
