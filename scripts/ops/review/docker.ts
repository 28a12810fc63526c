import { readArguments } from "./arguments";
import { change, destructive, forbidden, read, type Verdict } from "./verdict";

const CONTEXTS: ReadonlySet<string> = new Set(["apps/backend", "apps/frontend"]);
const READS: Readonly<Record<string, string>> = {
  ps: "lists containers",
  images: "lists images",
  "image ls": "lists images",
  "image list": "lists images",
  "image inspect": "shows an image",
  "image history": "shows the layers of an image",
  history: "shows the layers of an image",
  logs: "shows the logs of a container",
  "container logs": "shows the logs of a container",
  "container ls": "lists containers",
  stats: "shows what containers use",
  top: "lists the processes of a container",
  port: "lists the ports of a container",
  version: "shows versions",
  "system df": "shows the disk space that is used",
  "volume ls": "lists volumes",
  "network ls": "lists networks",
};
const REMOVALS: Readonly<Record<string, string>> = {
  rmi: "removes images",
  "image rm": "removes images",
  "image prune": "removes unused images",
  "builder prune": "removes the build cache",
  "container prune": "removes stopped containers",
  rm: "removes containers",
  "container rm": "removes containers",
  stop: "stops containers",
  "container stop": "stops containers",
  restart: "restarts containers",
  "container restart": "restarts containers",
};
const GROUPS: ReadonlySet<string> = new Set([
  "image",
  "container",
  "builder",
  "system",
  "volume",
  "network",
]);
const ARGUMENTS = {
  alone: [
    "a",
    "all",
    "q",
    "quiet",
    "no-trunc",
    "no-stream",
    "size",
    "s",
    "digests",
    "check",
    "no-cache",
  ],
  valued: [
    "f",
    "filter",
    "format",
    "tail",
    "since",
    "n",
    "t",
    "tag",
    "target",
    "file",
    "platform",
    "progress",
  ],
} as const;

/** Judges a call of docker. @throws UnknownFlag */
export function judgeDocker(args: readonly string[]): Verdict {
  const { positionals, flags } = readArguments(args, ARGUMENTS);
  const [first = "", second = ""] = positionals;
  const verb = GROUPS.has(first) ? `${first} ${second}` : first;
  const objects = positionals.slice(GROUPS.has(first) ? 2 : 1);
  if (first === "inspect" || verb === "container inspect" || verb === "container exec")
    return forbidden("shows the environment of a container, secrets included");
  const reading = READS[verb];
  if (reading !== undefined) {
    if (verb === "stats" && !flags.has("no-stream"))
      return forbidden("never ends without --no-stream");
    return read(reading);
  }
  const removal = REMOVALS[verb];
  if (removal !== undefined) return destructive(removal, objects.join(" ") || verb);
  if (verb === "tag" && objects.length === 2) return change("names an image");
  if (verb === "build" || verb === "image build") return build(objects, flags);
  return forbidden(`"docker ${verb.trim()}" isn't known here`);
}

function build(objects: readonly string[], flags: ReadonlyMap<string, readonly string[]>): Verdict {
  const context = (objects[0] ?? "").replace(/^\.\//, "").replace(/\/$/, "");
  if (objects.length !== 1 || !CONTEXTS.has(context))
    return forbidden("builds something else than apps/backend or apps/frontend");
  const file = flags.get("f")?.at(-1) ?? flags.get("file")?.at(-1);
  if (file !== undefined && file.replace(/^\.\//, "") !== `${context}/Dockerfile`)
    return forbidden("builds from another Dockerfile than the application's");
  return flags.has("check") ? read("checks the Dockerfile") : change("builds an image");
}
