import * as pulumi from "@pulumi/pulumi";
import { databaseName } from "../names";
import { LocalResource } from "../runtime/local-resource";
import { DATABASE_PORT } from "./container";

/** How a stack's database on this machine is to be. */
export interface LocalDatabaseArgs {
  stack: string;
  /** Minikube profile whose pods use it. */
  profile: string;
  /** TCP port on this machine's loopback, for people; 55432 unless configured. */
  port: number;
}

/**
 * PostgreSQL in a container of this machine, outside the cluster. It is on the Docker network of the profile's
 * nodes, so that pods know it by its name on every engine, and published on loopback only. Its volume outlives
 * it, unless a destroy is told to take the data too. Another clone's or user's is refused.
 */
export class LocalDatabase extends LocalResource {
  /** Generated once, and kept in the state, encrypted. */
  declare readonly password: pulumi.Output<string>;
  /** URL by which pods connect; a secret. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: LocalDatabaseArgs, opts?: pulumi.CustomResourceOptions) {
    const container = databaseName(args.stack);
    super(
      "local-database",
      "LocalDatabase",
      name,
      { ...args, name: container, password: undefined },
      { ...opts, additionalSecretOutputs: ["password"] },
    );
    this.url = pulumi.secret(
      pulumi.interpolate`postgresql://todo:${this.password}@${container}:${DATABASE_PORT}/todo`,
    );
  }
}
