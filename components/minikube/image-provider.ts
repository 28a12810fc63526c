import type { dynamic } from "@pulumi/pulumi";
import { removeRegistry } from "./image-registry";
import { type ImageStore, imageStores } from "./node-images";
import { readProfile } from "./profile";

/** What a loaded image is known by. */
export interface LoadedImage {
  profile: string;
  /** Local image, "repository:tag". */
  image: string;
}

/** Where images come from. */
export interface ImageSource<Inputs extends LoadedImage> {
  /** The ID of a local image, "sha256:…"; undefined where Docker hasn't got it. */
  idOf(image: string): Promise<string | undefined>;
  /** The ID of a local image, which is made again where it can be. @throws Error where it can't */
  ensure(inputs: Inputs): Promise<string>;
  /** Whether this update makes the image, so that Docker must have it. */
  isMadeHere(inputs: Inputs): boolean;
  /** Called before an image is loaded. */
  onLoad?(inputs: Inputs): void;
  /** Called with an image that Docker has, before nodes get it. */
  onEnsured?(inputs: Inputs): Promise<void>;
}

type State<Inputs> = Inputs & {
  /** ID of the image that the nodes got. */
  imageId: string;
};

/** Puts an image on every node of a Minikube profile, and notices when it is gone from one, or from Docker. */
export function imageProvider<Inputs extends LoadedImage>(
  source: ImageSource<Inputs>,
): dynamic.ResourceProvider<Inputs, State<Inputs>> {
  return {
    async diff(_id, olds, news) {
      const moved = olds.profile !== news.profile;
      const changed = moved || olds.image !== news.image;
      return {
        changes: changed || (await isGone(source, news, olds.imageId)),
        ...(moved ? { replaces: ["profile"] } : {}),
      };
    },
    async create(inputs) {
      return { id: `${inputs.profile}/${inputs.image}`, outs: await load(source, inputs) };
    },
    async update(_id, olds, news) {
      const isSame = olds.image === news.image;
      return {
        outs: await load(source, news, isSame ? { knownId: olds.imageId } : { willChange: true }),
      };
    },
    async read(id, state) {
      const props = state as State<Inputs>;
      const { lacking } = await look(source, props, props.imageId);
      // An image that is gone keeps its resource, with an ID that no image has: the next update sends it again.
      return { id, props: lacking.length > 0 ? { ...props, imageId: "" } : props };
    },
    async delete(_id, { profile }) {
      // Pods of another stack may run the image, and a rollback may need it: whoever knows that prunes images.
      // The registry outlives a profile that `minikube delete` has taken, whose network has its name.
      await removeRegistry(readProfile(profile)?.network ?? profile);
    },
  };
}

/** Whether a node lacks the image, or Docker has lost one that it can build. */
async function isGone<Inputs extends LoadedImage>(
  source: ImageSource<Inputs>,
  inputs: Inputs,
  imageId: string,
): Promise<boolean> {
  const { lacking, localId } = await look(source, inputs, imageId);
  return lacking.length > 0 || (localId === undefined && source.isMadeHere(inputs));
}

/**
 * @param knownId ID of the image of this name that the nodes got before
 * @param willChange whether it takes the place of one like it, so that more will follow
 */
async function load<Inputs extends LoadedImage>(
  source: ImageSource<Inputs>,
  inputs: Inputs,
  { knownId, willChange = false }: { knownId?: string; willChange?: boolean } = {},
): Promise<State<Inputs>> {
  source.onLoad?.(inputs);
  const { localId: present, stores, ids } = await look(source, inputs);
  const [id] = ids;
  const agreed = id !== undefined && ids.every((other) => other === id);
  // What isn't made anew needs nothing but what the nodes have, unless that is another image under the same name.
  if (present === undefined && agreed && id === (knownId ?? id) && !source.isMadeHere(inputs))
    return { ...inputs, imageId: id };
  const localId = await source.ensure(inputs);
  await source.onEnsured?.(inputs);
  await Promise.all(
    stores
      .filter((_, index) => ids[index] !== localId)
      .map((store) => store.add(inputs.image, willChange)),
  );
  const imageId = (await stores[0]?.idOf(inputs.image)) ?? localId;
  return { ...inputs, imageId };
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
async function look<Inputs extends LoadedImage>(
  source: ImageSource<Inputs>,
  { profile, image }: LoadedImage,
  knownId?: string,
): Promise<Whereabouts> {
  const [localId, stores] = await Promise.all([source.idOf(image), imageStores(profile)]);
  const ids = await Promise.all(stores.map((store) => store.idOf(image)));
  const good = [knownId, localId].filter((id) => id !== undefined);
  const isGood = (id: string | undefined): boolean => id !== undefined && good.includes(id);
  return { localId, stores, ids, lacking: stores.filter((_, index) => !isGood(ids[index])) };
}
