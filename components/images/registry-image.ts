import type { dynamic } from "@pulumi/pulumi";
import { run } from "../../common/run";
import { isContentOf } from "./build-context";
import { addReadableTags, askRegistry, ensureLocalImage, localImageId } from "./docker";
import { noteLoaded } from "./loaded-images";

interface Inputs {
  /** Host and optional path of the registry. */
  registry: string;
  /** Stack that wants the image. */
  stack: string;
  /** Local image, "repository:tag". */
  image: string;
  /** Version of the application, one of the image's readable tags. */
  version: string;
  /** Build context, for an image that neither Docker nor the registry has any more. */
  context: string;
}

/** Pushes an image to a registry, as the user who is signed in with `docker login`, and notices when it is gone. */
export const provider: dynamic.ResourceProvider<Inputs, Inputs> = {
  async diff(_id, olds, news) {
    const moved = olds.registry !== news.registry;
    const changed = moved || olds.image !== news.image;
    return {
      changes: changed || (await isGone(news)),
      ...(moved ? { replaces: ["registry"] } : {}),
    };
  },
  async create(inputs) {
    return { id: reference(inputs), outs: await push(inputs) };
  },
  async update(_id, _olds, news) {
    return { outs: await push(news) };
  },
  async read(id, state) {
    const props = state as Inputs;
    return { id, props: (await isGone(props)) ? { ...props, image: "" } : props };
  },
  async delete() {
    // Other stacks may run it: what a registry forgets is its owner's decision.
  },
};

function reference({ registry, image }: Inputs): string {
  return `${registry}/${image}`;
}

/** Registries that don't say what they have, in this process: one warning is enough. */
const silent = new Set<string>();
/** Why they don't, and what helps. */
const REASONS = {
  denied: ["denies reading", "docker login as a user who may pull shows whether it is"],
  limited: ["has been asked too often", "docker login raises most limits"],
} as const;

/** Whether the registry lacks the image; one that doesn't say is taken to have kept what it got. */
async function isGone(inputs: Inputs): Promise<boolean> {
  const { registry, image } = inputs;
  const answer = await askRegistry(reference(inputs));
  if (answer === "there" || answer === "missing") return answer === "missing";
  if (!silent.has(registry)) {
    silent.add(registry);
    const [reason, help] = REASONS[answer];
    // A provider's standard error is what Pulumi shows of it.
    console.warn(
      `warning: registry ${registry} ${reason}: ${image} is taken to be there (${help})`,
    );
  }
  return false;
}

async function push(inputs: Inputs): Promise<Inputs> {
  const { registry, stack, image, version, context } = inputs;
  const target = reference(inputs);
  noteLoaded(stack, image);
  // Some registries deny to show what they don't have: pushing tells more.
  const answer = await askRegistry(target).catch(() => undefined);
  const there = answer === "there";
  // The tag names the content, whoever pushed it. A rollback needs nothing but what the registry has.
  if (!there || (await localImageId(image))) {
    await ensureLocalImage(image, inputs);
    // What a rollback brings back is of another commit.
    if (isContentOf(image, context)) await addReadableTags(image, version, context);
  }
  if (!there) {
    await run("docker", ["tag", image, target]);
    await run("docker", ["push", target]);
  }
  return { registry, stack, image, version, context };
}
