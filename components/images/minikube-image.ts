import { imageProvider, type LoadedImage } from "../minikube/image-provider";
import { RESTORE_VARIABLE } from "../record/restore";
import { isContentOf } from "./build-context";
import { addReadableTags, ensureLocalImage, localImageId } from "./docker";
import { noteLoaded } from "./loaded-images";

/** What a loaded image of this project is made of. */
interface Inputs extends LoadedImage {
  /** Stack that wants the image. */
  stack: string;
  /** Version of the application, one of the image's readable tags. */
  version: string;
  /** Build context, for an image that neither Docker nor a node has any more. */
  context: string;
}

/** Images of this project, which can be built again, and which a rollback may need long after they were built. */
export const provider = imageProvider<Inputs>({
  idOf: localImageId,
  ensure: (inputs) => ensureLocalImage(inputs.image, inputs),
  // A rollback builds none.
  isMadeHere: ({ image, context }) => !process.env[RESTORE_VARIABLE] && isContentOf(image, context),
  onLoad: ({ stack, image }) => noteLoaded(stack, image),
  async onEnsured({ image, version, context }) {
    // What a rollback brings back is of another commit.
    if (isContentOf(image, context)) await addReadableTags(image, version, context);
  },
});
