/** A line that Pulumi prints of an image that is being built, or is built, with the seconds since its start. */
const BUILD = /docker:index:Image \S+ (?:creat|updat)(?:ing|ed) \((\d+(?:\.\d+)?)s\)/g;

/** Seconds that the images of an `up` took, which are built side by side; from its output. */
export function secondsOfBuilds(output: string): number {
  return Math.max(0, ...[...output.matchAll(BUILD)].map(([, seconds]) => Number(seconds)));
}
