import type { Finding } from "../../../../blueprints/rule";
import { main } from "../../../../cli/main";
import { openSession } from "../../../../cli/session/session";
import { deployedFindings, helmTests } from "../../../../cli/verify/deployed";
import { chartFindings, dockerfileFindings, imageFindings } from "../../../../cli/verify/sources";
import { ensureTools } from "../../../../tools";
import "../../../../cli/commands/verify";
import { commandOf, written } from "./support";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/session", () => ({ openSession: jest.fn() }));
jest.mock("../../../../cli/verify/deployed", () => ({
  ...{ deployedFindings: jest.fn(), helmTests: jest.fn() },
}));
jest.mock("../../../../cli/verify/sources", () => ({
  ...{ chartFindings: jest.fn(), dockerfileFindings: jest.fn(), imageFindings: jest.fn() },
}));
jest.mock("../../../../tools", () => ({ ensureTools: jest.fn() }));

const verify = commandOf(main, "staging");
const finding = (object: string, level: "mandatory" | "advisory" = "mandatory"): Finding =>
  ({
    rule: { id: "kubernetes/x", level, reason: "why so", remedy: "do so" },
    ...{ object, field: "spec.a", problem: "is not set" },
  }) as unknown as Finding;
const EXCEPTION = {
  ...{ rule: "kubernetes/x", object: "Deployment/b", reason: "known", until: "2999-12-31" },
};
let out: string[];

beforeEach(() => {
  out = written("stdout");
  written("stderr");
  const session = { settings: { blueprintExceptions: [EXCEPTION] } };
  jest
    .mocked(openSession)
    .mockReset()
    .mockResolvedValue(session as never);
  jest.mocked(deployedFindings).mockReset().mockResolvedValue([]);
  jest
    .mocked(helmTests)
    .mockReset()
    .mockResolvedValue([{ name: "health", passed: true }]);
  jest
    .mocked(ensureTools)
    .mockReset()
    .mockResolvedValue({ env: { ONLY: "this" }, notes: [] });
  jest.mocked(chartFindings).mockReset().mockResolvedValue([]);
  jest.mocked(imageFindings).mockReset().mockResolvedValue([]);
  jest.mocked(dockerfileFindings).mockReset().mockReturnValue([]);
});
afterEach(() => jest.restoreAllMocks());
const lines = (): string[] => out.join("").trimEnd().split("\n");

describe("npm run verify", () => {
  test("looks at what runs, and passes where the tests do and no mandatory rule is broken", async () => {
    jest.mocked(deployedFindings).mockResolvedValue([finding("Deployment/a", "advisory")]);
    expect(await verify()).toBe(0);
    expect(openSession).toHaveBeenLastCalledWith("staging");
    expect(lines()[0]).toBe("✓ health");
    expect(lines().at(-1)).toBe("0 mandatory, 1 advisory, 0 accepted");
  });

  test("fails by a test, with its reason where there is one", async () => {
    jest.mocked(helmTests).mockResolvedValue([
      ...[
        { name: "health", passed: true },
        { name: "journey", passed: false },
      ],
      { name: "helm test", passed: false, reason: "it took long" },
    ]);
    expect(await verify()).toBe(1);
    expect(lines().slice(0, 3)).toEqual(["✓ health", "✗ journey", "✗ helm test: it took long"]);
  });

  test("fails by a mandatory rule, but for what the stack accepts", async () => {
    jest
      .mocked(deployedFindings)
      .mockResolvedValue([...[finding("Deployment/a"), finding("Deployment/b")]]);
    expect(await verify()).toBe(1);
    expect(lines()).toContainEqual(
      expect.stringMatching(/^✗ kubernetes\/x: Deployment\/a, spec\.a: is not set/),
    );
    expect(lines().at(-1)).toBe("1 mandatory, 0 advisory, 1 accepted");
  });

  test("--json tells programs all of it", async () => {
    jest
      .mocked(deployedFindings)
      .mockResolvedValue([
        ...[finding("Deployment/a"), finding("Deployment/b"), finding("Deployment/c", "advisory")],
      ]);
    expect(await verify({ json: true })).toBe(1);
    const row = (object: string) => ({
      ...{ rule: "kubernetes/x", object, field: "spec.a", problem: "is not set" },
      ...{ reason: "why so", remedy: "do so" },
    });
    expect(JSON.parse(out.join(""))).toEqual({
      ...{ passed: false, tests: [{ name: "health", passed: true }] },
      ...{ mandatory: [row("Deployment/a")], advisory: [row("Deployment/c")] },
      accepted: [{ ...row("Deployment/b"), until: "2999-12-31", exception: "known" }],
    });
  });
});

describe("a source", () => {
  test("alone is looked at, and nothing that runs", async () => {
    jest.mocked(chartFindings).mockResolvedValue([finding("chart")]);
    expect(await verify({ chart: "/charts/a", values: "/v/one,/v/two" })).toBe(1);
    const [[folder = "", values = [], env] = []] = jest.mocked(chartFindings).mock.calls;
    expect([folder, ...values].map((path) => path.replace(/^(\.\.\/)+/, "/"))).toEqual([
      ...["/charts/a", "/v/one", "/v/two"],
    ]);
    expect(env).toEqual({ ONLY: "this" });
    for (const other of [openSession, dockerfileFindings, imageFindings])
      expect(other).not.toHaveBeenCalled();
  });

  test("may be each kind at once; a Dockerfile alone needs no tools", async () => {
    jest.mocked(dockerfileFindings).mockReturnValue([finding("Dockerfile")]);
    jest.mocked(imageFindings).mockResolvedValue([finding("image")]);
    expect(await verify({ dockerfile: "/a/Dockerfile" })).toBe(1);
    expect(ensureTools).not.toHaveBeenCalled();
    expect(lines().at(-1)).toBe("1 mandatory, 0 advisory, 0 accepted");
    out.length = 0;
    expect(await verify({ dockerfile: "/a/Dockerfile", image: "x:1" })).toBe(1);
    expect(imageFindings).toHaveBeenLastCalledWith("x:1", { ONLY: "this" });
    expect(chartFindings).not.toHaveBeenCalled();
    expect(lines().at(-1)).toBe("2 mandatory, 0 advisory, 0 accepted");
  });

  test("that is this folder is called so", async () => {
    await verify({ chart: process.cwd() });
    expect(jest.mocked(chartFindings).mock.lastCall?.slice(0, 2)).toEqual([".", []]);
  });

  test("has to be named where there are values", async () => {
    await expect(verify({ values: "a.yaml", image: "x:1" })).rejects.toMatchObject({
      ...{ what: "there are values for no chart", exitCode: 64 },
    });
  });
});
