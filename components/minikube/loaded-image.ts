import { UserError } from "../../common/errors";
import { tryRun } from "../../common/run";
import { imageProvider } from "./image-provider";

/** Images that somebody else makes: here they are only loaded. */
export const provider = imageProvider({
  idOf,
  async ensure({ image }) {
    const id = await idOf(image);
    if (id !== undefined) return id;
    throw new UserError({
      what: `image ${image} isn't there`,
      why: "the Docker engine of this machine has no image of that name",
      next: `build it, or docker pull ${image}`,
    });
  },
  isMadeHere: () => false,
});

async function idOf(image: string): Promise<string | undefined> {
  const result = await tryRun("docker", ["image", "inspect", "--format", "{{.Id}}", image]);
  return result.code === 0 ? result.stdout.trim() : undefined;
}
