import { join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/**
 * Pulumi's dynamic resources carry their provider as code in the state. This code only names a module,
 * relative to the project: the state doesn't change when the provider does, is the same in every clone,
 * and the program need not load the compiler that serializes closures.
 */
function providerCode(name: string): string {
  const folder = relative(process.cwd(), join(__dirname, "..")).replaceAll("\\", "/");
  return `exports.handler = () => {
  const from = (path) => require(process.cwd() + "/${folder}/" + path);
  from("startup.cjs");
  return from("providers/${name}.ts").provider;
};`;
}

/**
 * A resource whose provider is a module of providers/. Its type is the project's own, so that a state tells whose
 * it is.
 */
export abstract class LocalResource extends pulumi.CustomResource {
  constructor(
    provider: string,
    type: string,
    name: string,
    props: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const inputs = { ...props, __provider: providerCode(provider) };
    super(`pulumi-nodejs:dynamic/${pulumi.getProject()}:${type}`, name, inputs, opts);
  }
}
