import type { dynamic } from "@pulumi/pulumi";
import { isContentOf } from "../images/build-context";
import { addReadableTags, ensureLocalImage, localImageId } from "../images/docker";
import { noteLoaded } from "../images/loaded-images";
import { RESTORE_VARIABLE } from "../record/restore";
import { type ImageStore, imageStores } from "./node-images";

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

/** Puts an image on every node of a Minikube profile, and notices when it is gone from one, or from Docker. */
export const provider: dynamic.ResourceProvider<Inputs, State> = {
  async diff(_id, olds, news) {
    const moved = olds.profile !== news.profile;
    const changed = moved || olds.image !== news.image;
    return {
      changes: changed || (await isGone(news, olds.imageId)),
      ...(moved ? { replaces: ["profile"] } : {}),
    };
  },
  async create(inputs) {
    return { id: `${inputs.profile}/${inputs.image}`, outs: await load(inputs) };
  },
  async update(_id, olds, news) {
    return { outs: await load(news, olds.image === news.image ? olds.imageId : undefined) };
  },
  async read(id, state) {
    const props = state as State;
    const { lacking } = await look(props, props.imageId);
    // An image that is gone keeps its resource, with an ID that no image has: the next update sends it again.
    return { id, props: lacking.length > 0 ? { ...props, imageId: "" } : props };
  },
  async delete() {
    // Pods of another stack may run it, and rollback needs it: images are pruned with the deployments.
  },
};

/** Whether a node lacks the image, or Docker has lost one that it can build. */
async function isGone(inputs: Inputs, imageId: string): Promise<boolean> {
  const { lacking, localId } = await look(inputs, imageId);
  return lacking.length > 0 || (localId === undefined && isBuiltHere(inputs));
}

/** Whether this update builds the image; a rollback builds none. */
function isBuiltHere({ image, context }: Inputs): boolean {
  return !process.env[RESTORE_VARIABLE] && isContentOf(image, context);
}

/** @param knownId ID of the image of this name that the nodes got before */
async function load(inputs: Inputs, knownId?: string): Promise<State> {
  const { profile, stack, image, version, context } = inputs;
  noteLoaded(stack, image);
  const { localId: present, stores, ids } = await look(inputs);
  const [id] = ids;
  const agreed = id !== undefined && ids.every((other) => other === id);
  // A rollback needs nothing but what the nodes have, unless that is another image under the same name.
  if (present === undefined && agreed && id === (knownId ?? id) && !isBuiltHere(inputs))
    return { profile, stack, image, version, context, imageId: id };
  const localId = await ensureLocalImage(image, inputs);
  // What a rollback brings back is of another commit.
  if (isContentOf(image, context)) await addReadableTags(image, version, context);
  await Promise.all(
    stores.filter((_, index) => ids[index] !== localId).map((store) => store.add(image)),
  );
  const imageId = (await stores[0]?.idOf(image)) ?? localId;
  return { profile, stack, image, version, context, imageId };
}

/** Where an image is. */
interface Whereabouts {
  /** ID that Docker has under the name. */
  localId: string | undefined;
  stores: ImageStore[];
  /** ID that each store has under the name. */
  ids: (string | undefined)[];
  /** The stores where it is missing, or another one has its name. */
  lacking: ImageStore[];
}

/**
 * Looks for an image. On a node, what Docker has under the name is as good as what was loaded there:
 * another clone with the same content may have built and loaded it since.
 *
 * @param knownId ID of the image that was loaded
 */
async function look({ profile, image }: Inputs, knownId?: string): Promise<Whereabouts> {
  const [localId, stores] = await Promise.all([localImageId(image), imageStores(profile)]);
  const ids = await Promise.all(stores.map((store) => store.idOf(image)));
  const good = [knownId, localId].filter((id) => id !== undefined);
  const isGood = (id: string | undefined): boolean => id !== undefined && good.includes(id);
  return { localId, stores, ids, lacking: stores.filter((_, index) => !isGood(ids[index])) };
}
