import * as pulumi from "@pulumi/pulumi";
import {
  CLUSTER_RULES,
  NAMESPACE_RULES,
  OPERATIONS_ACCOUNT,
} from "../../../../components/access/operations-access-rules";

// The SDK loads these to serialize closures, which components do not.
jest.mock("typescript", () => ({}));
jest.mock("@npmcli/arborist", () => ({}));

interface Registered {
  type: string;
  inputs: Record<string, unknown>;
}

const registered: Registered[] = [];

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, inputs });
      return { id: name, state: inputs };
    },
    call: () => ({}),
  });
  // Loaded late: the mocks must be in place before any resource is.
  const { OperationsAccess } = await import("../../../../components/access/operations-access");
  const { Provider } = await import("@pulumi/kubernetes/provider");
  const access = new OperationsAccess(
    "todo-app",
    { namespace: pulumi.output("todo-app") },
    { provider: new Provider("cluster") },
  );
  await new Promise((resolve) => access.account.apply(resolve));
  await new Promise((resolve) => setTimeout(resolve, 200));
});

const find = (type: string): Record<string, unknown> => {
  const found = registered.filter((resource) => resource.type.endsWith(`:${type}`));
  expect(found).toHaveLength(1);
  return found[0]?.inputs ?? {};
};

describe("the access of assistants", () => {
  it("is a ServiceAccount that no pod can use, in the namespace of the stack", () => {
    expect(find("ServiceAccount")).toMatchObject({
      metadata: { name: OPERATIONS_ACCOUNT, namespace: "todo-app" },
      automountServiceAccountToken: false,
    });
  });

  it("is bound to the rules for the namespace there, and to few for the cluster", () => {
    const subjects = [{ kind: "ServiceAccount", name: OPERATIONS_ACCOUNT, namespace: "todo-app" }];
    expect(find("Role")).toMatchObject({ rules: NAMESPACE_RULES });
    expect(find("RoleBinding")).toMatchObject({
      metadata: { namespace: "todo-app" },
      roleRef: { kind: "Role", name: OPERATIONS_ACCOUNT },
      subjects,
    });
    expect(find("ClusterRole")).toMatchObject({ rules: CLUSTER_RULES });
    expect(find("ClusterRoleBinding")).toMatchObject({
      metadata: { name: `${OPERATIONS_ACCOUNT}-todo-app` },
      roleRef: { kind: "ClusterRole", name: `${OPERATIONS_ACCOUNT}-todo-app` },
      subjects,
    });
  });

  it("only looks, and not at secrets, nor into containers", () => {
    for (const { resources, verbs } of [...NAMESPACE_RULES, ...CLUSTER_RULES]) {
      expect(verbs.filter((verb) => !["get", "list", "watch"].includes(verb))).toEqual([]);
      const reaching = resources.filter((name) =>
        /secret|exec|attach|portforward|proxy|token|role|ephemeral|\*/.test(name),
      );
      expect(reaching).toEqual([]);
    }
    expect(CLUSTER_RULES.flatMap(({ resources }) => resources).sort()).toEqual([
      "namespaces",
      "nodes",
      "nodes",
    ]);
  });
});
