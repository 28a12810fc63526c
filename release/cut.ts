/** What a new version changes in the project's files; nothing is written here. */
import gt from "semver/functions/gt";
import valid from "semver/functions/valid";
import { parseDocument } from "yaml";
import { UserError } from "../common/errors";

/** Files that a version changes, by their paths in the project. */
export const FILES = [
  "CHANGELOG.md",
  "package.json",
  "package-lock.json",
  "policy/package.json",
  "helm/todo-app/Chart.yaml",
  "helm/todo-app/README.md",
] as const;
export type Files = Readonly<Record<(typeof FILES)[number], string>>;

const UNRELEASED = "## [Unreleased]";
/** Artifact Hub's kinds of changes, by the changelog's headings. */
const KINDS: Readonly<Record<string, string>> = {
  Added: "added",
  Changed: "changed",
  Deprecated: "deprecated",
  Removed: "removed",
  Fixed: "fixed",
  Security: "security",
};

/** A line of the changelog. */
interface Change {
  kind: string;
  description: string;
}

/**
 * The files of a version.
 * @param day its date, YYYY-MM-DD
 * @throws UserError where it can't be the next one, or has nothing to tell
 */
export function cut(files: Files, version: string, day: string): Files {
  const before = (JSON.parse(files["package.json"]) as { version: string }).version;
  if (valid(version) !== version || !gt(version, before))
    throw new UserError({
      what: `${version} can't be the next version`,
      why: `the last one is ${before}, and versions are semantic: MAJOR.MINOR.PATCH`,
      next: "npm run release -- 0.2.0 --dry-run",
      exitCode: 64,
    });
  const changes = unreleased(files["CHANGELOG.md"]);
  if (changes.length === 0)
    throw new UserError({
      what: `version ${version} has nothing to tell`,
      why: "CHANGELOG.md has no entry under [Unreleased]",
      next: "write what users notice there, then run this again",
    });
  const inManifest = (text: string, count: number): string => {
    let left = count;
    return text.replaceAll(`"version": "${before}"`, (found) =>
      left-- > 0 ? `"version": "${version}"` : found,
    );
  };
  return {
    "CHANGELOG.md": files["CHANGELOG.md"].replace(
      UNRELEASED,
      `${UNRELEASED}\n\n## [${version}] - ${day}`,
    ),
    "package.json": inManifest(files["package.json"], 1),
    "package-lock.json": inManifest(files["package-lock.json"], 2),
    "policy/package.json": inManifest(files["policy/package.json"], 1),
    "helm/todo-app/Chart.yaml": chart(files["helm/todo-app/Chart.yaml"], version, changes),
    // As helm-docs would write it.
    "helm/todo-app/README.md": files["helm/todo-app/README.md"].replaceAll(before, version),
  };
}

/** What stands under [Unreleased]. */
export function unreleased(changelog: string): Change[] {
  const start = changelog.indexOf(UNRELEASED);
  if (start < 0) return [];
  const [section = ""] = changelog.slice(start + UNRELEASED.length).split(/^## /m);
  return section.split(/^### /m).flatMap((part) => {
    const [title = "", ...lines] = part.split("\n");
    const kind = KINDS[title.trim()];
    if (kind === undefined) return [];
    const entries = lines.join("\n").split(/^- /m).slice(1);
    return entries.map((entry) => ({ kind, description: entry.trim().replaceAll(/\s+/g, " ") }));
  });
}

function chart(text: string, version: string, changes: readonly Change[]): string {
  const document = parseDocument(text);
  document.set("version", version);
  const appVersion = document.get("appVersion", true) as { value: unknown };
  appVersion.value = version;
  const lines = changes.map(
    ({ kind, description }) =>
      `- kind: ${kind}\n  description: ${JSON.stringify(description.replaceAll("`", "'"))}\n`,
  );
  const annotation = document.getIn(["annotations", "artifacthub.io/changes"], true) as {
    value: unknown;
  };
  annotation.value = lines.join("");
  return document.toString({ lineWidth: 0 });
}
