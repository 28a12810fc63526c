/** Holds two containers until it is ended: `container-holder.ts NAME IMAGE`. */
import { run } from "../../../common/run";
import { withContainers } from "../../run/containers";

const [name = "", image = ""] = process.argv.slice(2);
const [background, foreground] = [`${name}-background`, `${name}-foreground`] as const;

void withContainers([background, foreground], process.env, async () => {
  await run("docker", ["run", "--detach", "--name", background, image, "sleep", "300"]);
  await run("docker", ["run", "--rm", "--name", foreground, image, "sleep", "300"]);
});
