import { readArguments } from "./arguments";
import { destructive, forbidden, read, type Scope, type Verdict } from "./verdict";

const READS: ReadonlySet<string> = new Set(["list", "ls", "status", "history", "hist", "version"]);

/** Judges a call of helm. @throws UnknownFlag */
export function judgeHelm(args: readonly string[], scope: Scope): Verdict {
  const { positionals, flags } = readArguments(args, {
    alone: ["a", "all", "wait", "short", "q"],
    valued: ["n", "namespace", "o", "output", "max", "timeout", "revision", "filter", "f"],
  });
  const [verb = "", release, ...more] = positionals;
  const namespace = flags.get("n")?.at(-1) ?? flags.get("namespace")?.at(-1) ?? scope.namespace;
  if (namespace !== scope.namespace) return forbidden(`leaves the namespace for ${namespace}`);
  if (verb === "get") return forbidden("reads what the release was made of, secrets included");
  if (release !== undefined && release !== scope.release)
    return forbidden(`"${release}" isn't the release of this stack`);
  if (flags.has("f") && verb !== "list" && verb !== "ls")
    return forbidden("takes values from a file that isn't shown");
  if (READS.has(verb) && more.length === 0) return read("looks at releases");
  if (verb === "rollback" && release !== undefined && more.length <= 1)
    return destructive(
      "rolls the release back behind Pulumi's back (npm run rollback does both)",
      release,
    );
  if (verb === "uninstall" && release !== undefined && more.length === 0)
    return destructive("takes the whole application out of the cluster", release);
  if (verb === "install" || verb === "upgrade")
    return forbidden("releases past the Pulumi program: npm run up does that");
  return forbidden(`"helm ${verb}" isn't known here`);
}
