/** The chart installed by Helm alone, in a namespace of the test's own. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandError, type RunResult } from "../../../common/run";
import {
  chart as currentChart,
  type KubernetesObject,
  helm as runHelm,
  shapeFile,
} from "../../chart/support";
import { databaseUrlOf, makeDatabase } from "./database";
import { Namespace } from "./namespace";
import { required } from "./required";

export const RELEASE = "todo-app";

/** What the release's Secret holds. */
export interface Secrets {
  databaseUrl: string;
  jwtSecret: string;
  betterAuthSecret: string;
}

/** One revision of a release, as `helm history` lists it. */
export interface Revision {
  revision: number;
  status: string;
  chart: string;
  app_version: string;
  updated: string;
  description: string;
}

/** Further values, over those of the shape and of this cluster. */
export type Values = Readonly<Record<string, unknown>>;

export class ChartRelease {
  readonly namespace: Namespace;
  readonly secrets: Secrets;
  private readonly work = mkdtempSync(join(tmpdir(), "chart-release-"));

  /** @param target namespace of the objects, where the chart makes one itself */
  constructor(
    readonly name: string,
    readonly target = name,
  ) {
    this.namespace = new Namespace(name);
    const databaseUrl = databaseUrlOf(databaseNameOf(name));
    const derive = (use: string): string =>
      createHash("sha256").update(`${use}:${databaseUrl}`).digest("hex");
    this.secrets = {
      databaseUrl,
      jwtSecret: derive("jwt"),
      betterAuthSecret: derive("better-auth"),
    };
  }

  /** The namespace that holds the objects. */
  get objects(): Namespace {
    return new Namespace(this.target, this.namespace.context);
  }

  /** Makes the namespace and an empty database. */
  async create(): Promise<void> {
    await makeDatabase(databaseNameOf(this.name));
    if (this.target !== this.name) await this.objects.remove();
    await this.namespace.create();
  }

  async remove(): Promise<void> {
    rmSync(this.work, { recursive: true, force: true });
    await this.namespace.remove();
    if (this.target !== this.name) await this.objects.remove();
  }

  /**
   * A values file with what this cluster needs over a shape's: images that the node has, small requests
   * (so that the tests fit on a small node; limits stay), and secrets.
   */
  values(more: Values = {}, withSecrets = true): string {
    const requests = { cpu: "25m", memory: "64Mi" };
    const overlay = merge(
      {
        backend: { image: image("CHART_TEST_BACKEND_IMAGE"), resources: { requests } },
        frontend: { image: image("CHART_TEST_FRONTEND_IMAGE"), resources: { requests } },
        ...(withSecrets && { secrets: { ...this.secrets } }),
      },
      more,
    );
    const text = JSON.stringify(overlay);
    const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
    const file = join(this.work, `${digest}.json`);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  /** Installs or upgrades by Helm, and waits. @throws CommandError */
  async deploy(
    verb: "install" | "upgrade",
    options: {
      shape?: string;
      files?: readonly string[];
      values?: Values;
      flags?: readonly string[];
    } = {},
  ): Promise<void> {
    await this.succeed(
      this.deployArguments(verb, {
        ...options,
        flags: ["--wait", "--timeout=4m", ...(options.flags ?? [])],
      }),
    );
  }

  /** The arguments of an install or upgrade of the chart as it is in the repository. */
  deployArguments(
    verb: "install" | "upgrade",
    options: {
      shape?: string;
      files?: readonly string[];
      values?: Values;
      flags?: readonly string[];
    },
  ): string[] {
    const files = options.files ?? [
      shapeFile(options.shape ?? "defaults"),
      this.values(options.values),
    ];
    return [
      ...[verb, RELEASE, currentChart, ...files.flatMap((file) => ["--values", file])],
      ...(options.flags ?? []),
    ];
  }

  /** Runs Helm in the namespace; pending LoadBalancers get an address while it waits for one. */
  async helm(args: readonly string[]): Promise<RunResult> {
    const waits = args.some((arg) => arg === "--wait" || arg === "--atomic");
    const stop = waits ? this.serveLoadBalancers() : async () => undefined;
    try {
      return await runHelm([
        ...[...args, "--namespace", this.name],
        ...["--kube-context", this.namespace.context],
      ]);
    } finally {
      await stop();
    }
  }

  /** Runs Helm in the namespace, and gives its output. @throws CommandError */
  async succeed(args: readonly string[]): Promise<string> {
    const result = await this.helm(args);
    if (result.code !== 0) throw new CommandError(`helm ${args.join(" ")}`, result);
    return result.stdout;
  }

  async history(): Promise<Revision[]> {
    const result = await this.helm(["history", RELEASE, "--output", "json"]);
    return result.code === 0 ? (JSON.parse(result.stdout) as Revision[]) : [];
  }

  deployments(): Promise<KubernetesObject[]> {
    return this.objects.list<KubernetesObject>("deployments");
  }

  /** Gives pending LoadBalancers an address, as a tunnel or a cloud would, until stopped. */
  private serveLoadBalancers(): () => Promise<void> {
    let running = true;
    const loop = (async () => {
      while (running) {
        await sleep(1000);
        const listed = await this.objects.try(["get", "services", "--output", "json"]);
        if (listed.code !== 0) continue;
        for (const { metadata, spec, status } of (JSON.parse(listed.stdout) as ServiceList).items) {
          if (spec.type !== "LoadBalancer" || status.loadBalancer?.ingress) continue;
          const patch = { status: { loadBalancer: { ingress: [{ ip: spec.clusterIP }] } } };
          const flags = ["--subresource=status", "--type=merge", "--patch", JSON.stringify(patch)];
          await this.objects.try(["patch", "service", metadata.name, ...flags]);
        }
      }
    })();
    return async () => {
      running = false;
      await loop;
    };
  }
}

interface ServiceList {
  items: {
    metadata: { name: string };
    spec: { type: string; clusterIP: string };
    status: { loadBalancer?: { ingress?: unknown[] } };
  }[];
}

function databaseNameOf(namespace: string): string {
  return namespace.replaceAll("-", "_");
}

/** An image that the nodes have, named "repository:tag" by a variable, as chart values. */
function image(variable: string): Record<string, string> {
  const [, repository = "", tag = ""] = /^(.+):([^:/]+)$/.exec(required(variable)) ?? [];
  return { repository, tag, pullPolicy: "IfNotPresent" };
}

function merge(base: Values, over: Values): Values {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isRecord(before) && isRecord(value) ? merge(before, value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
