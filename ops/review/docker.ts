import { type Arguments, entryOf, type FlagRules, readArguments } from "./arguments";
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
const READ_FLAGS: FlagRules = {
  alone: [
    "a",
    "all",
    "q",
    "quiet",
    "no-trunc",
    "no-stream",
    "s",
    "size",
    "digests",
    "t",
    "timestamps",
  ],
  valued: ["f", "filter", "format", "tail", "since", "n", "last"],
};
const REMOVAL_FLAGS: FlagRules = { alone: ["f", "force", "a", "all"], valued: ["filter", "time"] };
const BUILD_FLAGS: FlagRules = {
  alone: ["check", "no-cache", "q", "quiet"],
  valued: ["t", "tag", "target", "f", "file", "platform", "progress"],
};

/** Judges a call of docker. @throws UnknownFlag */
export function judgeDocker(args: readonly string[]): Verdict {
  const [first = "", second = ""] = args;
  const grouped = GROUPS.has(first);
  const verb = grouped ? `${first} ${second}` : first;
  const rest = args.slice(grouped ? 2 : 1);
  if (verb === "inspect" || verb === "container inspect")
    return forbidden("shows the environment of a container, secrets included");
  const reading = entryOf(READS, verb);
  if (reading !== undefined) {
    const { flags } = readArguments(rest, READ_FLAGS);
    return verb === "stats" && !flags.has("no-stream")
      ? forbidden("never ends without --no-stream")
      : read(reading);
  }
  const removal = entryOf(REMOVALS, verb);
  if (removal !== undefined) {
    const { positionals } = readArguments(rest, REMOVAL_FLAGS);
    return destructive(removal, positionals.join(" ") || verb);
  }
  if (verb === "tag" || verb === "image tag") {
    const { positionals } = readArguments(rest, {});
    return positionals.length === 2 ? change("names an image") : forbidden("names no image");
  }
  if (verb === "build" || verb === "image build") return build(readArguments(rest, BUILD_FLAGS));
  return forbidden(`"docker ${verb.trim()}" isn't known here`);
}

function build({ positionals, flags }: Arguments): Verdict {
  const context = (positionals[0] ?? "").replace(/^\.\//, "").replace(/\/$/, "");
  if (positionals.length !== 1 || !CONTEXTS.has(context))
    return forbidden("builds something else than apps/backend or apps/frontend");
  const file = flags.get("f")?.at(-1) ?? flags.get("file")?.at(-1);
  if (file !== undefined && file.replace(/^\.\//, "") !== `${context}/Dockerfile`)
    return forbidden("builds from another Dockerfile than the application's");
  return flags.has("check") ? read("checks the Dockerfile") : change("builds an image");
}
