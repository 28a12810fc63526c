/** Names of images, as github.com/distribution/reference reads them. */

const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const REFERENCE = new RegExp(
  `^((?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*)(?::([\\w][\\w.-]{0,127}))?(?:@([a-z0-9]+:[a-f0-9]{32,}))?$`,
);

const HUB = "docker.io";

/** The parts of an image name after normalisation. */
export interface ImageReference {
  /** Registry host, "docker.io" where none is named. */
  domain: string;
  /** Host and repository in full: "docker.io/library/debian". */
  name: string;
  tag?: string;
}

/**
 * Reads an image name, completing a short one the way docker does.
 * @throws Error "invalid reference format"
 */
export function parseReference(text: string): ImageReference {
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  const named = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  let domain = named ? first : HUB;
  let rest = named ? text.slice(slash + 1) : text;
  if (domain === "index.docker.io") domain = HUB;
  if (domain === HUB && !rest.includes("/")) rest = `library/${rest}`;
  const parts = REFERENCE.exec(`${domain}/${rest}`);
  if (!parts?.[1]) {
    const path = rest.split(":")[0] ?? "";
    throw new Error(
      path === path.toLowerCase()
        ? "invalid reference format"
        : `invalid reference format: repository name (${path}) must be lowercase`,
    );
  }
  return parts[2] === undefined
    ? { domain, name: parts[1] }
    : { domain, name: parts[1], tag: parts[2] };
}

/**
 * The registry that an image name in full leads to.
 * @throws Error where the name is not in full, with the plugin's advice
 */
export function registryOf(image: string): string {
  let reason = "repository name must be canonical";
  try {
    const { domain, name } = parseReference(image);
    if (image === name || image.startsWith(`${name}:`) || image.startsWith(`${name}@`)) {
      return domain;
    }
  } catch (error) {
    reason = (error as Error).message;
  }
  throw new Error(
    `${JSON.stringify(image)}: ${reason}.\n` +
      "This resource requires all image names to be fully qualified.\n" +
      "For example, if you are attempting to push to Dockerhub, prefix your image name with `docker.io`:\n\n" +
      "`docker.io/repository/image:tag`",
  );
}

/** The key under which the docker CLI keeps the credentials of a registry. */
export function credentialsKey(server: string, image: string): string {
  const host =
    server === ""
      ? registryOf(image)
      : (server.replace(/^https?:\/\//, "").split("/")[0] ?? server);
  return ["docker.io", "index.docker.io", "registry-1.docker.io"].includes(host)
    ? "https://index.docker.io/v1/"
    : host;
}
