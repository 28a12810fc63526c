import type * as pulumi from "@pulumi/pulumi";
import { LocalResource } from "../runtime/local-resource";
import type { DeliverySettings } from "../settings/settings";
import type { AppImage } from "./app-image";
import { removeLocalImages } from "./docker";
import { removeFromNodes } from "./node-removal";

/** An image where the cluster finds it. */
export interface DeliveredImage {
  /** Repository by which the cluster's nodes know it. */
  repository: string;
  tag: string;
  /** What must be there before a pod is made from the image. */
  resource: pulumi.Resource;
}

/** A way for images to reach the cluster. */
export interface ImageDelivery {
  /** Pull policy that fits. */
  readonly pullPolicy: "IfNotPresent" | "Always";
  /**
   * @param image what was built
   * @param tag the tag to deliver, where it is not the one that was built now
   */
  deliver(image: AppImage, tag?: string): DeliveredImage;
  /** Takes images, "repository:tag", away where nothing needs them; gives those that went. */
  prune(images: readonly string[]): Promise<readonly string[]>;
}

/** The delivery that a stack asks for. */
export function imageDelivery(settings: DeliverySettings, stack: string): ImageDelivery {
  return settings.kind === "minikube"
    ? new MinikubeDelivery(settings.profile, stack)
    : new RegistryDelivery(settings.registry, stack);
}

/** Loads images into every node of a Minikube profile, only the layers that a node lacks. */
class MinikubeDelivery implements ImageDelivery {
  readonly pullPolicy = "IfNotPresent";

  constructor(
    private readonly profile: string,
    private readonly stack: string,
  ) {}

  deliver(image: AppImage, tag = image.tag): DeliveredImage {
    const { repository, version, context } = image;
    const resource = new MinikubeImage(
      `${repository}-in-minikube`,
      { profile: this.profile, stack: this.stack, image: `${repository}:${tag}`, version, context },
      { parent: image, dependsOn: image },
    );
    return { repository, tag, resource };
  }

  async prune(images: readonly string[]): Promise<readonly string[]> {
    const gone = await removeFromNodes(this.profile, images);
    await removeLocalImages(gone);
    return gone;
  }
}

/** Pushes images to a registry that the cluster pulls from. */
class RegistryDelivery implements ImageDelivery {
  readonly pullPolicy = "IfNotPresent"; // the tag names the content

  constructor(
    private readonly registry: string,
    private readonly stack: string,
  ) {}

  deliver(image: AppImage, tag = image.tag): DeliveredImage {
    const { repository, version, context } = image;
    const resource = new RegistryImage(
      `${repository}-in-registry`,
      {
        registry: this.registry,
        stack: this.stack,
        image: `${repository}:${tag}`,
        version,
        context,
      },
      { parent: image, dependsOn: image },
    );
    return { repository: `${this.registry}/${repository}`, tag, resource };
  }

  /** Local copies only: what a registry forgets is its owner's decision. */
  async prune(images: readonly string[]): Promise<readonly string[]> {
    await removeLocalImages(images.flatMap((image) => [image, `${this.registry}/${image}`]));
    return images;
  }
}

class MinikubeImage extends LocalResource {
  constructor(name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super("minikube-image", "MinikubeImage", name, props, opts);
  }
}

class RegistryImage extends LocalResource {
  constructor(name: string, props: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super("registry-image", "RegistryImage", name, props, opts);
  }
}
