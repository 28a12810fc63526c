import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
import type { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import type { ConfiguredSecrets } from "../settings/settings";
import { fingerprint } from "./fingerprint";

const GENERATED_LENGTH = 48;

/** What the namespace and its Secret are made of. */
export interface AppSecretsArgs {
  namespace: string;
  /** Name of the Secret. */
  secretName: string;
  /** Values from the stack's configuration; what is missing is generated once and kept. */
  configured: ConfiguredSecrets;
  /** URL of the database to use where none is configured, a secret; undefined where one is. */
  localDatabaseUrl: pulumi.Output<string> | undefined;
}

/** The namespace, and in it the Secret that holds everything confidential. */
export class AppSecrets extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;
  readonly secretName: pulumi.Output<string>;
  /** Fingerprint of the values: a new one makes pods start again. */
  readonly checksum: pulumi.Output<string>;

  constructor(
    name: string,
    args: AppSecretsArgs,
    opts: pulumi.ComponentResourceOptions & { provider: Provider },
  ) {
    super("todo-app:components:AppSecrets", name, {}, opts);
    const { configured } = args;
    const generated = (key: string): pulumi.Output<string> =>
      new RandomPassword(
        `${name}-${key}`,
        { length: GENERATED_LENGTH, special: false },
        { parent: this },
      ).result;
    // Made whether needed or not: a value that was in use is still there when a configured one goes.
    const jwtSecret = generated("jwt-secret");
    const betterAuthSecret = generated("better-auth-secret");
    const data: Record<string, pulumi.Output<string>> = {
      DATABASE_URL: pulumi.secret(configured.databaseUrl ?? args.localDatabaseUrl ?? ""),
      JWT_SECRET: configured.jwtSecret ? pulumi.secret(configured.jwtSecret) : jwtSecret,
      BETTER_AUTH_SECRET: configured.betterAuthSecret
        ? pulumi.secret(configured.betterAuthSecret)
        : betterAuthSecret,
      ...(configured.openaiApiKey
        ? { OPENAI_API_KEY: pulumi.secret(configured.openaiApiKey) }
        : {}),
    };
    const namespace = new Namespace(
      name,
      {
        metadata: {
          name: args.namespace,
          labels: {
            "app.kubernetes.io/part-of": "todo-app",
            "pod-security.kubernetes.io/enforce": "restricted",
          },
        },
      },
      { parent: this },
    );
    this.namespace = namespace.metadata.name;
    const secret = new Secret(
      name,
      {
        metadata: { name: args.secretName, namespace: this.namespace },
        stringData: data,
      },
      { parent: this },
    );
    this.secretName = secret.metadata.name;
    this.checksum = pulumi.unsecret(pulumi.output(data).apply(fingerprint));
    this.registerOutputs({ namespace: this.namespace, secretName: this.secretName });
  }
}
