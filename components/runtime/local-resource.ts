import * as pulumi from "@pulumi/pulumi";

/** The resource providers of this project, each a module in providers/. */
export type LocalProvider =
  | "attempts"
  | "deployed-objects"
  | "deployments"
  | "local-database"
  | "minikube-image"
  | "registry-image";

/**
 * Pulumi's dynamic resources carry their provider as code in the state. This code only names a module,
 * relative to the project: the state doesn't change when the provider does, is the same in every clone,
 * and the program need not load the compiler that serializes closures.
 */
function providerCode(name: LocalProvider): string {
  return `exports.handler = () => {
  const from = (path) => require(process.cwd() + "/components/" + path);
  from("startup.cjs");
  return from("providers/${name}.ts").provider;
};`;
}

/** A resource whose provider is a module of this project. */
export abstract class LocalResource extends pulumi.CustomResource {
  constructor(
    provider: LocalProvider,
    type: string,
    name: string,
    props: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const inputs = { ...props, __provider: providerCode(provider) };
    super(`pulumi-nodejs:dynamic/todo-app:${type}`, name, inputs, opts);
  }
}
