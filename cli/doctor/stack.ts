import { STATE_FOLDER } from "../../components/record/state-folder";
import { ConfigError, type Settings } from "../../components/settings/settings";
import { namedVariables } from "../session/backend";
import type { Cluster } from "../session/cluster";
import { type Session, sessionWith, usesLocalDatabase } from "../session/session";
import { checkPassphrase, ROOT, stackSettings } from "../session/workspace";
import { check, type Facts, type Ground, Missing, notChecked, thrown, UNNEEDED } from "./check";
import { type Finding, lastLine, ok, problem } from "./finding";
import type { FoundTools } from "./toolchain";

/** The stack's session, without anything that isn't there: neither tools nor state nor a passphrase. */
export function findStack(
  stack: string,
  env: NodeJS.ProcessEnv,
): { findings: Finding[]; session: Session | Missing } {
  const subject = `Pulumi.${stack}.yaml`;
  try {
    const settings = stackSettings(stack);
    const session = sessionWith(
      stack,
      settings,
      { env, notes: [] },
      namedVariables(ROOT, process.env), // whoever only looks makes no passphrase
    );
    const found = `right: ${settings.environment}, namespace ${settings.namespace}`;
    return { findings: [ok(subject, found)], session };
  } catch (error) {
    const session = new Missing("the stack's configuration can't be used");
    if (!(error instanceof ConfigError)) return { findings: [thrown(subject, error)], session };
    const remedy = `mend it there, or by pulumi config set (--secret for secrets) or rm, with --stack ${stack}`;
    const findings = error.mistakes.map((mistake) => problem(subject, mistake, remedy));
    return { findings, session };
  }
}

/** What of the grounds the settings alone decide. */
export function groundsOf(
  session: Session | Missing,
): Pick<Facts, "session" | "profile" | "registry" | "nodePort" | "tunnel" | "databasePort"> {
  const ground = <T>(read: (settings: Settings) => T | undefined): Ground<T> =>
    session instanceof Missing ? session : (read(session.settings) ?? UNNEEDED);
  const profileOf = ({ delivery }: Settings): string | undefined =>
    delivery.kind === "minikube" ? delivery.profile : undefined;
  return {
    session,
    profile: ground(profileOf),
    registry: ground(({ delivery }) =>
      delivery.kind === "registry" ? delivery.registry : undefined,
    ),
    nodePort: ground(({ service }) => (service.type === "NodePort" ? service.nodePort : undefined)),
    tunnel: ground((settings) =>
      settings.service.type === "LoadBalancer" ? profileOf(settings) : undefined,
    ),
    databasePort: ground((settings) =>
      usesLocalDatabase(settings) ? settings.database.localPort : undefined,
    ),
  };
}

/** The stack's cluster, if it answers. */
export async function findCluster(
  session: Session | Missing,
  tools: FoundTools,
): Promise<{ findings: Finding[]; cluster: Cluster | Missing }> {
  const subject = "cluster";
  const reason =
    session instanceof Missing ? session.reason : tools.has("kubectl") ? "" : "kubectl is missing";
  if (session instanceof Missing || reason !== "")
    return { findings: [notChecked(subject, reason)], cluster: new Missing(reason) };
  const { cluster, settings } = session;
  const context = `context "${settings.kubeContext}"`;
  const result = await cluster.try(["get", "--raw", "/readyz", "--request-timeout=5s"]);
  if (result.code === 0) return { findings: [ok(subject, `${context} answers`)], cluster };
  const found = `${context} doesn't answer: ${lastLine(result.stderr) || "it took too long"}`;
  const remedy =
    settings.delivery.kind === "minikube"
      ? `npm run up -- --stack ${session.stack} starts it`
      : `see that kubectl --context ${settings.kubeContext} get nodes works`;
  return {
    findings: [problem(subject, found, remedy)],
    cluster: new Missing("the cluster doesn't answer"),
  };
}

/** Whether what is encrypted in the stack's file can be read. */
export const passphrase = check("passphrase", ["session"], async ({ session }) => {
  try {
    await checkPassphrase(session.stack, session.pulumi.env);
    return [ok("passphrase", "fits")];
  } catch (error) {
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    if (cause?.code !== "ENOENT") throw error;
    const found = `Pulumi.${session.stack}.yaml is encrypted, and this clone has no passphrase`;
    const remedy = `set PULUMI_CONFIG_PASSPHRASE to the right one, or bring ${STATE_FOLDER}/passphrase from the clone that has it`;
    return [problem("passphrase", found, remedy)];
  }
});
