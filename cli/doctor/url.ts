import { unreached, whyNotReached } from "../session/reach";
import { check } from "./check";
import { ok, problem, warning } from "./finding";

/** The URL that `up` has printed, asked from this machine as a browser would. */
export const address = check("URL", ["session", "cluster"], async ({ session }) => {
  const { pulumi, settings, stack } = session;
  const url = await pulumi.output("url").catch(() => "");
  if (url === "") return []; // nothing is deployed yet
  const reason = await whyNotReached(url);
  if (reason === undefined) return [ok("URL", `${url} answers`)];
  const { found, remedy } = unreached(settings, stack, url, reason);
  // Another network's address may be meant for others than this machine.
  const tell = settings.delivery.kind === "minikube" ? problem : warning;
  return [tell("URL", found, remedy)];
});
