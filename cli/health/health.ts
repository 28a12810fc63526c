/** The health of a stack by rules, as `status` and `ops` tell it. */
import { tryRun } from "../../common/run";
import { forCluster, forStack, RELEASE } from "../../components/names";
import { engineersKubectl } from "../../ops/access";
import { AuditTrail } from "../../ops/audit";
import type { Desk, Runner } from "../../ops/desk";
import { findingsOf } from "../../ops/health/findings";
import { formatReport, isHealthy } from "../../ops/health/report";
import { takeSnapshot } from "../../ops/health/snapshot";
import { secretValues } from "../../ops/known-secrets";
import { Redactor } from "../../ops/redact";
import { processTerminal } from "../../ops/terminal";
import { openSession } from "../session/session";

/** Exit code of a health report with problems in it. */
export const EXIT_UNHEALTHY = 2;

/** A stack's health at one moment. */
export interface Health {
  /** Whether nothing is broken. */
  healthy: boolean;
  /** The report for people, a screen or two. */
  text: string;
  /** The report for programs; secrets are taken out of it. */
  data: Record<string, unknown>;
}

/** The desk of a stack. @throws UserError where its cluster doesn't answer */
export async function openDesk(stack: string): Promise<Desk> {
  const { settings, tools } = await openSession(stack, ["kubectl", "helm"]);
  const { namespace, kubeContext } = settings;
  const scope = { namespace, release: RELEASE, kubeContext };
  const { env } = tools;
  const run: Runner = (command, args, options = {}) => tryRun(command, args, { env, ...options });
  const redactor = new Redactor(await secretValues(engineersKubectl(scope, run)));
  const audit = new AuditTrail(undefined, (entry) => redactor.deep(entry));
  return { stack, scope, env, run, redactor, audit, terminal: processTerminal };
}

/** Looks at a stack once. @throws UserError where the cluster doesn't answer */
export async function healthOf({ stack, scope, run, redactor }: Desk): Promise<Health> {
  const snapshot = await takeSnapshot(scope, run);
  const findings = findingsOf(snapshot).map((finding) => ({
    ...finding,
    recommendation: forCluster(forStack(finding.recommendation, stack), scope),
  }));
  const healthy = isHealthy(findings);
  const { release, usage, nodes } = snapshot;
  return {
    healthy,
    text: formatReport(snapshot, findings, redactor),
    data: redactor.deep({ healthy, release, usage, nodes: nodes.length, findings }),
  };
}
