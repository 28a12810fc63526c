import { UserError } from "../../common/errors";
import { run, tryRun } from "../../common/run";
import { PART_OF } from "../../components/names";
import type { Settings } from "../../components/settings/settings";

/** A pod, as far as scripts look into it. */
export interface Pod {
  metadata: {
    name: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
  };
  status: {
    phase: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

/** A container's state, as Kubernetes tells it. */
export interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  image: string;
  state: {
    waiting?: { reason?: string; message?: string };
    terminated?: { exitCode: number; reason?: string; message?: string };
    running?: { startedAt: string };
  };
  lastState?: { terminated?: { exitCode: number; reason?: string; message?: string } };
}

/** The cluster of a stack, by kubectl and always by the stack's own context. */
export class Cluster {
  readonly namespace: string;
  readonly context: string;

  constructor(
    settings: Settings,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.namespace = settings.namespace;
    this.context = settings.kubeContext;
  }

  /** Arguments of kubectl that name the cluster and the namespace. */
  get arguments(): string[] {
    return ["--context", this.context, "--namespace", this.namespace];
  }

  /** Output of kubectl in the stack's namespace. @throws CommandError */
  kubectl(args: readonly string[]): Promise<string> {
    return run("kubectl", [...this.arguments, ...args], { env: this.env });
  }

  /** Runs kubectl in the stack's namespace and tells how it ended. */
  try(args: readonly string[], timeoutMs = 15_000): ReturnType<typeof tryRun> {
    return tryRun("kubectl", [...this.arguments, ...args], { env: this.env, timeoutMs });
  }

  /** Whether the API server answers. */
  async answers(): Promise<boolean> {
    return (await this.try(["get", "--raw", "/readyz", "--request-timeout=5s"])).code === 0;
  }

  /** The objects of a kind, in all namespaces where wanted; empty where the cluster doesn't say. */
  async list<T>(kind: string, ...flags: string[]): Promise<T[]> {
    const result = await this.try(["get", kind, "--output", "json", ...flags]);
    return result.code === 0 ? (JSON.parse(result.stdout) as { items: T[] }).items : [];
  }

  /** The pods of the release. */
  pods(): Promise<Pod[]> {
    return this.list<Pod>("pods", "--selector", PART_OF);
  }
}

/**
 * Asks about a kind of which no object was found: there is none, or the cluster doesn't say.
 * @throws UserError where it doesn't say
 */
export async function checkNone(
  cluster: Pick<Cluster, "namespace" | "arguments" | "try">,
  kind: string,
): Promise<void> {
  const { code, stderr } = await cluster.try(["get", kind, "--output", "name"]);
  if (code === 0) return;
  throw new UserError({
    what: `the cluster doesn't say which ${kind} namespace ${cluster.namespace} has`,
    why: stderr.trim() || "it took too long",
    next: `see that kubectl ${cluster.arguments.join(" ")} auth can-i list ${kind} says yes, then run this again`,
  });
}
