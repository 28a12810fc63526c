import type * as pulumi from "@pulumi/pulumi";

/**
 * A transformation of Kubernetes providers that name a context. The SDK takes KUBECONFIG for the provider's own setting:
 * a machine's path would be in the state, another one a change in everybody else's preview, and a list of files no file
 * at all. Left out, the provider reads the variable as kubectl does.
 */
export function withoutKubeconfig({
  props: { kubeconfig: _, ...props },
  opts,
}: pulumi.ResourceTransformationArgs): pulumi.ResourceTransformationResult {
  return { props, opts };
}
