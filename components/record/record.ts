import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { messageOf } from "../../common/errors";
import { folderHash } from "../images/build-context";
import type { ImageDelivery } from "../images/delivery";
import { noteRemoved, unusedImages } from "../images/loaded-images";
import type { JsonObject } from "../runtime/json";
import { LocalResource } from "../runtime/local-resource";
import { type Deployment, identityOf, imagesOf, type KeptDeployment } from "./deployment";

/** What is to be recorded. */
export interface RecordArgs extends Omit<Deployment, "chartHash" | "config"> {
  stack: string;
  /** Folder of the chart. */
  chart: string;
  /** The stack's own configuration; that of its file unless said. */
  config?: JsonObject;
  /** Salt of the encryption of its secrets, with `config`. */
  salt?: string;
  /** Whether it may be returned to; a development loop's may not. Default true. */
  kept?: boolean;
}

/**
 * The record of what a stack deploys, for a later rollback, in the state: every clone, colleague and CI run with
 * the same backend sees the same. The attempt is noted before anything is changed, what it deployed once it serves.
 */
export class DeploymentRecord extends pulumi.ComponentResource {
  /** The attempt, which everything that changes the cluster waits for. */
  readonly attempt: pulumi.Resource;
  private readonly deployment: KeptDeployment & { stack: string; kept: boolean };
  private readonly number: pulumi.Output<number>;

  constructor(
    private readonly title: string,
    private readonly args: RecordArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("todo-app:components:DeploymentRecord", title, {}, opts);
    const { stack, version, values, tags, kept = true } = args;
    const { config, salt } = args.config
      ? { config: args.config, salt: args.salt }
      : stackFile(stack);
    const deployment = { version, values, tags, chartHash: folderHash(args.chart), config };
    const identity = identityOf(deployment);
    this.deployment = { ...deployment, ...(salt && { salt }), stack, identity, kept };
    const attempts = new Attempts(
      title,
      { stack, identity, version, tags, config, kept },
      { parent: this },
    );
    this.attempt = attempts;
    this.number = attempts.number;
  }

  /**
   * Keeps what was deployed, once `served` is there, and takes away images that nobody needs any more.
   * @param keep number of other deployments to keep beside it
   */
  keep(served: pulumi.Resource, delivery: ImageDelivery, keep: number): void {
    const { chart } = this.args;
    const record = new Deployments(
      this.title,
      { ...this.deployment, chart, keep, attempt: this.number },
      { parent: this, dependsOn: served },
    );
    if (pulumi.runtime.isDryRun()) return;
    record.deployments.apply((deployments) =>
      pruneImages(this.args.stack, deployments.flatMap(imagesOf), delivery),
    );
  }
}

class Attempts extends LocalResource {
  declare readonly number: pulumi.Output<number>;

  constructor(name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super("attempts", "Attempts", name, { ...props, number: undefined, rows: undefined }, opts);
  }
}

class Deployments extends LocalResource {
  declare readonly deployments: pulumi.Output<KeptDeployment[]>;

  constructor(name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    const outputs = { deployments: undefined, served: undefined, charts: undefined };
    super("deployments", "Deployments", name, { ...props, ...outputs }, opts);
  }
}

/** The configuration in a stack's file, secrets encrypted: what defaults say is in the values. */
function stackFile(stack: string): { config: JsonObject; salt: string | undefined } {
  const file = `Pulumi.${stack}.yaml`;
  const { config = {}, encryptionsalt } = (
    existsSync(file) ? (parse(readFileSync(file, "utf8")) ?? {}) : {}
  ) as { config?: JsonObject; encryptionsalt?: string };
  return { config, salt: encryptionsalt };
}

/**
 * Takes a stack's unused images away; what is deployed doesn't depend on it, so that a failure is but a warning.
 * @param needed images, "repository:tag", that kept deployments have
 */
export async function pruneImages(
  stack: string,
  needed: readonly string[],
  delivery: Pick<ImageDelivery, "prune">,
): Promise<void> {
  const unused = unusedImages(stack, needed);
  if (unused.length === 0) return;
  try {
    noteRemoved(stack, await delivery.prune(unused));
  } catch (error) {
    await pulumi.log.warn(
      `no longer needed, but there until the next up: ${unused.join(", ")}: ${messageOf(error)}`,
    );
  }
}
