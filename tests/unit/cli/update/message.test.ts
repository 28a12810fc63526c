import { recordedBy } from "../../../../cli/rollback/history";
import { stackConfig } from "../../../../cli/session/workspace";
import { deploymentMessage, messageOfUpdate } from "../../../../cli/update/message";
import { contentTag } from "../../../../components/images/build-context";
import { version } from "../../../../package.json";

jest.mock("../../../../cli/rollback/history", () => ({ recordedBy: jest.fn() }));
jest.mock("../../../../cli/session/workspace", () => ({ stackConfig: jest.fn() }));
jest.mock("../../../../components/images/build-context", () => ({
  contentTag: jest.fn((tagged: string, context: string) => `${tagged}-of-${context}`),
}));

const told = (backend: string, frontend: string, config: Record<string, string> = {}) => ({
  ...{ version: "1.0.0", tags: { backend, frontend }, config },
});

describe("an update's message", () => {
  test("names version and images, and what is another than before", () => {
    expect(deploymentMessage(told("b1", "f1"))).toBe("1.0.0: backend b1, frontend f1");
    const before = told("b1", "f1", { "todo-app:level": "info", "todo-app:gone": "x" });
    expect(deploymentMessage(before, before)).toBe("1.0.0: backend b1, frontend f1");
    expect(deploymentMessage(told("b2", "f1", before.config), before)).toBe(
      "1.0.0: backend b2, frontend f1; changed: backend",
    );
    const now = told("b1", "f2", { "todo-app:level": "debug" });
    expect(deploymentMessage(now, before)).toBe(
      "1.0.0: backend b1, frontend f2; changed: frontend, gone, level",
    );
  });

  test("is of what the folders hold now, against what was deployed last", async () => {
    jest.mocked(stackConfig).mockReturnValue({ "todo-app:level": "debug" });
    const [earlier, last] = [told("x", "x"), told("b", "f", { "todo-app:level": "info" })];
    jest.mocked(recordedBy).mockResolvedValue({ deployments: [earlier, last] } as never);
    const settings = { platform: "linux/arm64", delivery: { kind: "minikube" } };
    const session = { stack: "dev", pulumi: {}, settings };
    const tag = (name: string) => `${version}-arm64-of-apps/${name}`;
    expect(await messageOfUpdate(session as never)).toBe(
      `${version}: backend ${tag("backend")}, frontend ${tag("frontend")}; changed: backend, frontend, level`,
    );
    expect(contentTag).toHaveBeenCalledTimes(2);
    jest.mocked(recordedBy).mockResolvedValue({ deployments: [] } as never);
    expect(await messageOfUpdate(session as never)).not.toContain("changed");
  });
});
