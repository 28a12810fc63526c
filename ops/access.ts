/** What an assistant may reach: a kubeconfig of its own, for a ServiceAccount that can only look. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../common/errors";
import type { RunResult } from "../common/run";
import { OPERATIONS_ACCOUNT } from "../components/access/operations-access-rules";
import type { Desk, Runner } from "./desk";
import type { Scope } from "./review";

/** As short as the API server grants. */
const TOKEN_LIFETIME = "10m";

/** What must be refused; a cluster that grants one of them has bindings that were not meant for this. */
const MUST_BE_REFUSED: readonly (readonly string[])[] = [
  ["get", "secrets"],
  ["list", "secrets"],
  ["get", "secrets", "--all-namespaces"],
  ["create", "pods/exec"],
  ["delete", "pods"],
  ["patch", "deployments.apps"],
];

/** Runs kubectl with given credentials, and tells how it ended. */
export type Kubectl = (args: readonly string[]) => Promise<RunResult>;

/** A way into the cluster that can only look. */
export interface Access {
  /** Path of the kubeconfig. */
  kubeconfig: string;
  /** Removes it; the token ends by itself. */
  close: () => Promise<void>;
}

/**
 * Makes a kubeconfig with a short-lived token, and asks the API server whether it is as narrow as it must be.
 * @param folder private folder for the file
 * @throws UserError where the ServiceAccount is missing, or may do more than look
 */
export async function openAccess(
  { stack, scope, run }: Pick<Desk, "stack" | "scope" | "run">,
  folder: string,
): Promise<Access> {
  const { namespace } = scope;
  const kubectl = engineersKubectl(scope, run);
  const [token, cluster] = await Promise.all([createToken(kubectl, stack), clusterOf(kubectl)]);
  const kubeconfig = join(folder, "kubeconfig.json");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "cluster", cluster }],
    users: [{ name: OPERATIONS_ACCOUNT, user: { token } }],
    contexts: [
      { name: "operations", context: { cluster: "cluster", user: OPERATIONS_ACCOUNT, namespace } },
    ],
    "current-context": "operations",
  };
  await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  const close = (): Promise<void> => rm(kubeconfig, { force: true });
  try {
    const asAssistant: Kubectl = (args) => run("kubectl", ["--kubeconfig", kubeconfig, ...args]);
    await requireNarrow(asAssistant, `ServiceAccount ${namespace}/${OPERATIONS_ACCOUNT}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { kubeconfig, close };
}

/** kubectl with the engineer's credentials, on the stack's cluster and in its namespace. */
export function engineersKubectl({ kubeContext, namespace }: Scope, run: Runner): Kubectl {
  const target = ["--context", kubeContext, "--namespace", namespace];
  return (args) => run("kubectl", [...target, ...args], { timeoutMs: 30_000 });
}

/**
 * @param kubectl runs kubectl as the identity
 * @throws UserError where the identity may do what no assistant may, in the stack's namespace or beyond
 */
export async function requireNarrow(kubectl: Kubectl, identity: string): Promise<void> {
  const answers = await Promise.all(
    MUST_BE_REFUSED.map(async (ask) => {
      const { stdout } = await kubectl(["auth", "can-i", ...ask]);
      return { ask: ask.join(" "), answer: stdout.trim().split("\n").at(-1) ?? "" };
    }),
  );
  const granted = answers.filter(({ answer }) => !answer.startsWith("no"));
  if (granted.length === 0) return;
  const unknown = granted.some(({ answer }) => !answer.startsWith("yes"));
  throw new UserError({
    what: `${identity} may do more than look`,
    why: unknown
      ? `the cluster doesn't say that it can't: ${granted.map(({ ask }) => ask).join(", ")}`
      : `the cluster lets it: ${granted.map(({ ask }) => ask).join(", ")}`,
    next: "find and remove the binding (kubectl get rolebindings,clusterrolebindings -A -o wide); no assistant is started until then",
  });
}

async function createToken(kubectl: Kubectl, stack: string): Promise<string> {
  const result = await kubectl([
    "create",
    "token",
    OPERATIONS_ACCOUNT,
    "--duration",
    TOKEN_LIFETIME,
  ]);
  if (result.code === 0) return result.stdout.trim();
  const missing = /not ?found/i.test(result.stderr);
  throw new UserError({
    what: "no access for an assistant",
    why: missing
      ? `the ServiceAccount ${OPERATIONS_ACCOUNT} isn't there: stack "${stack}" doesn't have it enabled`
      : result.stderr.trim().split("\n").slice(-3).join("\n"),
    next: missing
      ? `pulumi config set ops true --stack ${stack}, then npm run up -- --stack ${stack}; without: npm run ops gives the health report, and --manual the commands`
      : "check your own access: kubectl auth can-i create serviceaccounts/token",
  });
}

/** The cluster's address and certificate authority, and nothing of the engineer's credentials. */
async function clusterOf(kubectl: Kubectl): Promise<unknown> {
  const result = await kubectl([
    ...["config", "view", "--minify", "--flatten", "--raw"],
    ...["--output", "jsonpath={.clusters[0].cluster}"],
  ]);
  if (result.code === 0 && result.stdout.trim().startsWith("{")) return JSON.parse(result.stdout);
  throw new UserError({
    what: "the cluster's address is unknown",
    why: result.stderr.trim() || "the kubeconfig has no such context",
    next: "npm run doctor",
  });
}
