import { join } from "node:path";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type { Exception } from "../../../../blueprints/exceptions";
import { refusal } from "../../../../blueprints/report";
import { type GateArgs, verdict } from "../../../../components/blueprints/gate";
import { goodRelease } from "../../support/good-release";

// The SDK loads these to serialize closures, which the program does not.
jest.mock("typescript", () => ({}));
jest.mock("@npmcli/arborist", () => ({}));

const root = join(__dirname, "../../../..");
const PROVIDER = undefined as unknown as Provider;
const EXCEPTION: Exception = {
  rule: "kubernetes/resources",
  object: "Deployment/todo-app-backend",
  reason: "the load test shows what it needs",
  until: "2999-12-31",
};

let rendered: object[] | Error;
let home: string;
/** Another one each time: what was rendered with the same values is not rendered again. */
let run = 0;

beforeAll(async () => {
  home = process.cwd();
  process.chdir(root);
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: () => {
      if (rendered instanceof Error) throw rendered;
      return { result: rendered };
    },
  });
});
afterAll(() => process.chdir(home));

function broken(): object[] {
  const [deployment, ...others] = goodRelease();
  delete deployment?.spec?.template?.spec?.containers?.[0]?.resources?.limits?.memory;
  return [deployment ?? {}, ...others];
}

function judged(args: Partial<GateArgs> = {}): ReturnType<typeof verdict> {
  run += 1;
  return verdict(
    {
      sources: {
        dockerfiles: ["apps/backend/Dockerfile", "apps/frontend/Dockerfile"],
        version: "0.1.0",
      },
      chart: "helm/todo-app",
      release: "todo-app",
      namespace: "todo-app",
      values: { run },
      secret: { name: "todo-app-secrets", checksum: pulumi.output("f00d") },
      exceptions: [],
      ...args,
    },
    PROVIDER,
  );
}

test("this project's own chart and Dockerfiles keep every rule, advisory ones included", async () => {
  rendered = goodRelease();
  expect(await judged()).toEqual({
    mandatory: [],
    advisory: [],
    accepted: [],
    unused: [],
    expired: [],
  });
});

test("a broken object is refused with object, field, reason and remedy", async () => {
  rendered = broken();
  expect(refusal(await judged())).toMatch(
    /^1 mandatory finding .+ nothing was changed:\nkubernetes\/resources: Deployment\/todo-app-backend, spec\.template\.spec\.containers\[backend\]\.resources\.limits\.memory: is not set\n {2}why: .+\n {2}do: {2}.+$/,
  );
});

test("a chart and a Dockerfile that break a rule are refused too", async () => {
  rendered = goodRelease();
  const blueprints = join(root, "blueprints");
  const { mandatory } = await judged({
    sources: { dockerfiles: [join(blueprints, "docker/user/bad/Dockerfile")], version: "0.1.0" },
    chart: join(blueprints, "helm/chart-version/bad/shop"),
  });
  const ids = mandatory.map(({ rule }) => rule.id);
  expect(ids).toEqual(expect.arrayContaining(["docker/user", "helm/chart-version"]));
});

test("a rollback is judged by what will run, not by how that was written then", async () => {
  rendered = broken();
  const chart = join(root, "blueprints/helm/chart-version/bad/shop");
  const { mandatory } = await judged({ sources: undefined, chart });
  expect(mandatory.map(({ rule }) => rule.id)).toEqual(["kubernetes/resources"]);
});

test("an exception accepts the finding until its day is over", async () => {
  rendered = broken();
  const accepted = await judged({ exceptions: [EXCEPTION] });
  expect(accepted.mandatory).toEqual([]);
  expect(accepted.accepted.map(({ exception }) => exception)).toEqual([EXCEPTION]);
  const ended = { ...EXCEPTION, until: "2020-01-01" };
  const { mandatory, expired } = await judged({ exceptions: [ended] });
  expect(mandatory).toHaveLength(1);
  expect(expired).toEqual([ended]);
});

test("a chart that can't be rendered is told as such", async () => {
  rendered = new Error("values don't meet the specifications of the schema");
  await expect(judged()).rejects.toThrow(/helm\/todo-app can't be rendered/);
});
