import type * as pulumi from "@pulumi/pulumi";
import { LocalResource } from "../runtime/local-resource";

/** An image and where it is to be. */
export interface MinikubeImageArgs {
  /** Minikube profile whose nodes get it. */
  profile: pulumi.Input<string>;
  /** Local image, "repository:tag". A new tag for new content: a node's containers don't notice anything else. */
  image: pulumi.Input<string>;
}

/**
 * An image of this machine's Docker engine on every node of a Minikube profile. Only the layers that a node lacks are
 * sent; what is gone from a node later is sent again by the next update.
 */
export class MinikubeImage extends LocalResource {
  /** ID of the image on the nodes, "sha256:…". */
  declare readonly imageId: pulumi.Output<string>;
  declare readonly image: pulumi.Output<string>;

  constructor(name: string, args: MinikubeImageArgs, opts?: pulumi.CustomResourceOptions) {
    super("loaded-image", "MinikubeImage", name, { ...args, imageId: undefined }, opts);
  }
}
