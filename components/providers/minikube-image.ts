import type { dynamic } from "@pulumi/pulumi";
import { addReadableTags, ensureLocalImage, localImageId } from "../docker";
import { noteLoaded } from "../loaded-images";
import { type ImageStore, imageStores } from "../node-images";

/** What a loaded image is made of. */
interface Inputs {
  profile: string;
  /** Stack that wants the image. */
  stack: string;
  /** Local image, "repository:tag". */
  image: string;
  /** Version of the application, one of the image's readable tags. */
  version: string;
  /** Build context, for an image that neither Docker nor a node has any more. */
  context: string;
}

interface State extends Inputs {
  /** ID of the image that the nodes got. */
  imageId: string;
}

/** Puts an image on every node of a Minikube profile, and notices when it is gone from one. */
export const provider: dynamic.ResourceProvider<Inputs, State> = {
  async diff(_id, olds, news) {
    const moved = olds.profile !== news.profile;
    const changed = moved || olds.image !== news.image;
    return {
      changes: changed || (await lacking(news.profile, news.image, olds.imageId)).length > 0,
      ...(moved ? { replaces: ["profile"] } : {}),
    };
  },
  async create(inputs) {
    return { id: `${inputs.profile}/${inputs.image}`, outs: await load(inputs) };
  },
  async update(_id, _olds, news) {
    return { outs: await load(news) };
  },
  async read(id, state) {
    const props = state as State;
    const gone = await lacking(props.profile, props.image, props.imageId);
    // An image that is gone keeps its resource, with an ID that no image has: the next update sends it again.
    return { id, props: gone.length > 0 ? { ...props, imageId: "" } : props };
  },
  async delete() {
    // Pods of another stack may run it, and rollback needs it: images are pruned with the deployments.
  },
};

async function load(inputs: Inputs): Promise<State> {
  const { profile, stack, image, version, context } = inputs;
  noteLoaded(stack, image);
  const stores = await imageStores(profile);
  const ids = new Set(await Promise.all(stores.map((store) => store.idOf(image))));
  const [id] = ids;
  // A rollback needs nothing but what the nodes have.
  if (ids.size === 1 && id !== undefined && !(await localImageId(image)))
    return { profile, stack, image, version, context, imageId: id };
  const localId = await ensureLocalImage(image, inputs);
  await addReadableTags(image, version);
  await Promise.all((await lacking(profile, image, localId)).map((store) => store.add(image)));
  const imageId = (await stores[0]?.idOf(image)) ?? localId;
  return { profile, stack, image, version, context, imageId };
}

/** The nodes where the image is missing, or another one has its name. */
async function lacking(profile: string, image: string, imageId: string): Promise<ImageStore[]> {
  const stores = await imageStores(profile);
  const found = await Promise.all(stores.map((store) => store.idOf(image)));
  return stores.filter((_, index) => found[index] !== imageId);
}
