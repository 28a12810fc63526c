import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount";
import type { Provider } from "@pulumi/kubernetes/provider";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding";
import { Role } from "@pulumi/kubernetes/rbac/v1/role";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding";
import * as pulumi from "@pulumi/pulumi";
import {
  type AccessRule,
  CLUSTER_RULES,
  NAMESPACE_RULES,
  OPERATIONS_ACCOUNT,
} from "./operations-access-rules";

const RBAC = "rbac.authorization.k8s.io";

/** Where the access is given. */
export interface OperationsAccessArgs {
  namespace: pulumi.Output<string>;
}

/**
 * A ServiceAccount by which AI assistants look at the stack: read-only, without Secrets, exec or other
 * namespaces. No pod runs under it and it has no stored token; `npm run ops` asks for one that lasts minutes.
 */
export class OperationsAccess extends pulumi.ComponentResource {
  readonly account: pulumi.Output<string>;

  constructor(
    name: string,
    args: OperationsAccessArgs,
    opts: pulumi.ComponentResourceOptions & { provider: Provider },
  ) {
    super("todo-app:components:OperationsAccess", name, {}, opts);
    const { namespace } = args;
    const parent = { parent: this };
    const labels = { "app.kubernetes.io/part-of": "todo-app" };
    const metadata = { name: OPERATIONS_ACCOUNT, namespace, labels };
    // Stacks share a cluster, and names of cluster-wide objects are unique in it.
    const clusterWide = { name: pulumi.interpolate`${OPERATIONS_ACCOUNT}-${namespace}`, labels };
    const account = new ServiceAccount(
      name,
      { metadata, automountServiceAccountToken: false },
      parent,
    );
    const subjects = [{ kind: "ServiceAccount", name: account.metadata.name, namespace }];
    const role = new Role(name, { metadata, rules: rules(NAMESPACE_RULES) }, parent);
    new RoleBinding(
      name,
      { metadata, roleRef: { apiGroup: RBAC, kind: "Role", name: role.metadata.name }, subjects },
      parent,
    );
    const clusterRole = new ClusterRole(
      name,
      { metadata: clusterWide, rules: rules(CLUSTER_RULES) },
      parent,
    );
    new ClusterRoleBinding(
      name,
      {
        metadata: clusterWide,
        roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: clusterRole.metadata.name },
        subjects,
      },
      parent,
    );
    this.account = account.metadata.name;
    this.registerOutputs({ account: this.account });
  }
}

function rules(list: readonly AccessRule[]): AccessRule[] {
  return list.map(({ apiGroups, resources, verbs }) => ({ apiGroups, resources, verbs }));
}
