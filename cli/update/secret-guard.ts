import { isDeepStrictEqual } from "node:util";
import { UserError } from "../../common/errors";
import { say } from "../../common/progress";
import { tryRun } from "../../common/run";
import { BACKEND, SECRET, secretUrn } from "../../components/names";
import type { Session } from "../session/session";

interface Secret {
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    managedFields?: { manager: string; operation: string }[];
  };
  type: string;
  data?: Record<string, string>;
}

/**
 * The Secret as it was before an update. Helm undoes a rollout that fails, but Pulumi has changed the
 * Secret before it: a pod of the old release that starts again would read values that never worked.
 */
export class SecretGuard {
  private constructor(
    private readonly session: Session,
    private readonly secret: Secret | undefined,
    /** Fingerprint of the values that the released pods run with. */
    private readonly released: string | undefined,
  ) {}

  static async before(session: Session): Promise<SecretGuard> {
    const [secret, released] = await Promise.all([readSecret(session), readReleased(session)]);
    return new SecretGuard(session, secret, released);
  }

  /** Whether a release was there before the update. */
  get hasRelease(): boolean {
    return this.released !== undefined;
  }

  /** After an update that failed: puts the values back that the released pods run with. */
  async restore(): Promise<void> {
    const { session, secret, released } = this;
    if (!secret || released === undefined) return;
    const found = await Promise.all([readSecret(session), readReleased(session)]).catch(
      () => undefined, // why the update failed says more than that the cluster is gone
    );
    if (!found) {
      say(`! Secret ${SECRET} can't be looked at: the next npm run up sets it right`);
      return;
    }
    const [now, stillReleased] = found;
    if (stillReleased !== released || isDeepStrictEqual(now?.data, secret.data)) return;
    const { stack, pulumi, cluster, tools } = session;
    const { name, namespace, labels, annotations, managedFields } =
      now?.metadata ?? secret.metadata;
    const manager = managedFields?.find(({ operation }) => operation === "Apply")?.manager;
    const object = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace, labels, annotations },
      type: secret.type,
      data: secret.data,
    };
    const flags = ["--server-side", "--force-conflicts", `--field-manager=${manager ?? "kubectl"}`];
    const applied = await tryRun(
      "kubectl",
      [...cluster.arguments, "apply", ...flags, "--filename", "-"],
      { env: tools.env, input: JSON.stringify(object) },
    );
    const urn = secretUrn(stack);
    const refreshed =
      applied.code === 0 &&
      (await pulumi.try(["refresh", "--yes", "--skip-preview", "--target", urn])).code === 0;
    say(
      refreshed
        ? `· Secret ${name} has the values of the release that serves`
        : `! Secret ${name} still has the values of the update that failed: the next npm run up sets it right`,
    );
  }
}

async function readSecret(session: Session): Promise<Secret | undefined> {
  const flags = ["--ignore-not-found", "--show-managed-fields", "--output=json"];
  const text = await read(session, ["get", "secret", SECRET, ...flags]);
  return text === "" ? undefined : (JSON.parse(text) as Secret);
}

async function readReleased(session: Session): Promise<string | undefined> {
  const path = "{.spec.template.metadata.annotations.checksum/secret}";
  const flags = ["--ignore-not-found", `--output=jsonpath=${path}`];
  return (await read(session, ["get", "deployment", BACKEND, ...flags])) || undefined;
}

/** What the cluster says; nothing where it has no such object. @throws UserError where it doesn't answer */
async function read({ cluster, settings }: Session, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.try(args);
  if (code === 0) return stdout;
  throw new UserError({
    what: `the cluster of context "${settings.kubeContext}" doesn't say what runs there`,
    why: stderr.trim() || `kubectl ended with exit code ${code}`,
    next: "see that kubectl can read secrets and deployments there, then run this again",
  });
}
