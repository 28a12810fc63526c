import { messageOf } from "../../common/errors";
import { isContentOf } from "../../components/images/build-context";
import { askRegistry, localImageId, type RegistryAnswer } from "../../components/images/docker";
import { imageStores } from "../../components/minikube/node-images";
import { imagesOf } from "../../components/record/deployment";
import { recordedBy } from "../rollback/history";
import type { Session } from "../session/session";
import { check } from "./check";
import { type Finding, lastLine, ok, problem, warning } from "./finding";

/** The images of what is deployed, on every node. */
export const nodeImages = check(
  "images on the nodes",
  ["profile", "session", "engine", "cluster"],
  async ({ profile, session }) => {
    const stores = await imageStores(profile);
    return eachImage(session, "images on the nodes", async (image) => {
      const ids = await Promise.all(stores.map((store) => store.idOf(image)));
      const lacking = ids.filter((id) => id === undefined).length;
      if (lacking === 0) return ok(image, `on ${stores.length} node(s)`);
      const found = `missing on ${lacking} of ${stores.length} node(s)`;
      return problem(image, found, `npm run up -- --stack ${session.stack} brings it back`);
    });
  },
);

/** The same images in Docker, from where a node that loses one gets it again. */
export const dockerImages = check(
  "images in Docker",
  ["profile", "session", "engine"],
  async ({ session }) =>
    eachImage(session, "images in Docker", async (image) => {
      if ((await localImageId(image)) !== undefined) return ok(image, "in Docker");
      const up = `npm run up -- --stack ${session.stack}`;
      const context = `apps/${image.replace(/^todo-|:.*$/g, "")}`;
      const remedy = isContentOf(image, context)
        ? `${up} builds it again`
        : `${up} deploys what ${context} is now: this image is of what it was before`;
      return warning(image, "missing in Docker, where nodes that lose it get it from", remedy);
    }),
);

/** The same images in the registry that the cluster pulls from. */
export const registryImages = check(
  "images in the registry",
  ["registry", "session", "engine"],
  async ({ registry, session }) =>
    eachImage(session, "images in the registry", async (image) =>
      registryFinding(
        `${registry}/${image}`,
        await answerOf(`${registry}/${image}`),
        session.stack,
      ),
    ),
);

/** The registry's answer, or why there is none. */
async function answerOf(reference: string): Promise<RegistryAnswer | Error> {
  return askRegistry(reference).catch((error) => new Error(lastLine(messageOf(error))));
}

function registryFinding(
  reference: string,
  answer: RegistryAnswer | Error,
  stack: string,
): Finding {
  const [host = ""] = reference.split("/");
  if (answer === "there") return ok(reference, "in the registry");
  if (answer === "missing")
    return problem(
      reference,
      "missing in the registry",
      `npm run up -- --stack ${stack} pushes it`,
    );
  if (answer === "denied")
    return warning(reference, "can't be told: the registry denies it", `docker login ${host}`);
  if (answer === "limited")
    return warning(
      reference,
      "can't be told: the registry has been asked too often",
      `docker login ${host} raises most limits`,
    );
  const remedy = `see that ${host} answers, and that this machine trusts it`;
  return warning(reference, `can't be told: ${answer.message}`, remedy);
}

async function eachImage(
  { pulumi }: Session,
  subject: string,
  look: (image: string) => Promise<Finding>,
): Promise<Finding[]> {
  const newest = (await recordedBy(pulumi)).deployments.at(-1);
  if (!newest) return [ok(subject, "none: nothing has been deployed yet")];
  return Promise.all(imagesOf(newest).map(look));
}
