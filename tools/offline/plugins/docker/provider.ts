import { existsSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { messageOf } from "../../../../common/errors";
import type { LogFor, ResourceLog } from "../engine";
import type { StandIn } from "../serve";
import {
  containsSecret,
  containsUnknown,
  isObject,
  isSecret,
  type PropertyMap,
  reveal,
  secret,
  UNKNOWN,
  type Value,
} from "../values";
import type { BuildSpec, Credentials, Docker, Task } from "./cli";
import { contextDigest } from "./context";
import { clean } from "./ignore";
import { credentialsKey, parseReference } from "./reference";

const IMAGE = "docker:index/image:Image";
const DEFAULT_DOCKERFILE = "Dockerfile";
const GO_ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = {
  x64: "amd64",
  ia32: "386",
};

/** What the provider works with. */
export interface DockerProviderOptions {
  /** The plugin's version, which must be the SDK's. */
  version: string;
  docker: Docker;
  logFor: LogFor;
}

/** Serves docker.Image as the docker plugin does, and no other resource of it. */
export class DockerProvider implements StandIn {
  readonly version: string;
  private readonly docker: Docker;
  private readonly logFor: LogFor;
  private readonly cancelled = new AbortController();
  private readonly underWay = new Set<Promise<unknown>>();

  constructor({ version, docker, logFor }: DockerProviderOptions) {
    this.version = version;
    this.docker = docker;
    this.logFor = logFor;
  }

  /** Fills in the defaults and adds `build.contextDigest`, by which a changed file becomes a diff. */
  async check(
    urn: string,
    _olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap }> {
    this.requireImage(urn);
    const reachable = this.docker.ping();
    reachable.catch(() => undefined); // awaited below, after what costs nothing
    const inputs: PropertyMap = withoutNulls(news);
    inputs.buildOnPreview = known(inputs.buildOnPreview) === true;
    const build = openBuild(inputs);
    if (build !== undefined) {
      const revealed = reveal(build);
      builderOf(revealed);
      const cacheFrom = cacheFromOf(revealed);
      if (!containsUnknown(build.context)) build.context ??= ".";
      if (!containsUnknown(build.dockerfile) && !containsUnknown(build.context)) {
        const context = text(build.context);
        build.dockerfile ??= clean(join(context, DEFAULT_DOCKERFILE));
        const dockerfile = text(build.dockerfile);
        requireDockerfile(context, dockerfile);
        build.contextDigest = contextDigest(context, dockerfile);
      }
      if (build.platform === undefined) {
        const platform = `linux/${GO_ARCHITECTURES[process.arch] ?? process.arch}`;
        build.platform = platform;
        this.logFor(urn).info(
          `Building your image for ${platform} architecture.\n` +
            "To ensure you are building for the correct platform, consider explicitly setting the `platform` field on ImageBuildOptions.",
        );
      }
      const imageName = known(inputs.imageName);
      const pushes = known(inputs.skipPush) !== true;
      if ((pushes || cacheFrom.length > 0) && typeof imageName === "string") {
        credentialsKey(registryFrom(inputs).server, imageName);
      }
    }
    await reachable;
    return { inputs };
  }

  /** Any changed input is an update in place; a registry's new user or password is none. */
  async diff(
    _id: string,
    urn: string,
    olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ changes: boolean }> {
    this.requireImage(urn);
    const before = reveal(olds).__inputs;
    const oldInputs = isObject(before) ? before : {};
    const newInputs = reveal(news);
    const keys = new Set([...Object.keys(oldInputs), ...Object.keys(newInputs)]);
    const changed = (key: string): boolean => {
      const [a, b] = [oldInputs[key], newInputs[key]];
      if (key === "registry" && isObject(a) && isObject(b)) {
        const [from, to] = [a.server, b.server];
        return from !== undefined && to !== undefined && !equal(from, to);
      }
      return !equal(a, b);
    };
    return { changes: [...keys].some(changed) };
  }

  async create(urn: string, inputs: PropertyMap): Promise<{ id: string; outs: PropertyMap }> {
    this.requireImage(urn);
    const outs = await this.track(this.bring(urn, inputs));
    return { id: text(inputs.imageName), outs };
  }

  async update(
    _id: string,
    urn: string,
    _olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ outs: PropertyMap }> {
    this.requireImage(urn);
    return { outs: await this.track(this.bring(urn, news)) };
  }

  /** The state as it is: the plugin never asks the daemon whether the image is still there. */
  async read(
    id: string,
    urn: string,
    props: PropertyMap,
  ): Promise<{ id: string; props: PropertyMap }> {
    this.requireImage(urn);
    await this.docker.ping();
    return { id, props };
  }

  /** Leaves the image where it is, as the plugin does. */
  async delete(_id: string, urn: string): Promise<void> {
    this.requireImage(urn);
    await this.docker.ping();
  }

  /** Ends every docker command under way; resolves when they are gone. */
  async cancel(): Promise<void> {
    this.cancelled.abort();
    await Promise.allSettled(this.underWay);
  }

  private async track<T>(work: Promise<T>): Promise<T> {
    this.underWay.add(work);
    try {
      return await work;
    } finally {
      this.underWay.delete(work);
    }
  }

  private async bring(urn: string, inputs: PropertyMap): Promise<PropertyMap> {
    const log = this.logFor(urn);
    try {
      return await this.buildAndPush(log, inputs);
    } finally {
      await log.delivered();
    }
  }

  private async buildAndPush(log: ResourceLog, inputs: PropertyMap): Promise<PropertyMap> {
    const plain = reveal(inputs);
    const spec = specOf(inputs);
    const hide = hider(spec);
    const task: Task = {
      signal: this.cancelled.signal,
      onLine: (line) => log.status(hide(line)),
    };
    const { imageName } = spec;
    const registry = registryFrom(inputs);
    const skipPush = plain.skipPush === true;
    await this.docker.ping();

    const credentials =
      skipPush && spec.cacheFrom.length === 0
        ? undefined
        : credentialsFor(registry, imageName, log);
    for (const image of spec.cacheFrom) {
      log.status(`Pulling cached image ${image}`);
      try {
        await this.docker.pull(image, spec.platform, credentials, task);
      } catch (error) {
        log.info(`cacheFrom image ${image} not available: ${messageOf(error)}`);
      }
    }

    log.status("Starting Docker build");
    try {
      await this.docker.build(spec, task);
    } catch (error) {
      throw new Error(`error reading build output: ${hide(messageOf(error))}`);
    }
    const imageId = await this.docker.imageId(imageName);
    log.status(`Image built successfully, local id ${JSON.stringify(imageId)}`);

    let repoDigest = imageId;
    if (!skipPush) {
      log.status("Pushing Image to the registry");
      try {
        const digest = await this.docker.push(imageName, credentials, task);
        repoDigest = `${parseReference(imageName).name}@${digest}`;
      } catch (error) {
        throw new Error(`error reading push output: ${messageOf(error)}`);
      }
    }
    const outs: PropertyMap = {
      baseImageName: imageName,
      context: spec.context,
      dockerfile: relative(spec.context, spec.dockerfile),
      imageName: containsSecret(inputs.imageName) ? secret(imageName) : imageName,
      platform: spec.platform ?? "",
      registryServer: registry.server,
      repoDigest,
      // The plugin's own diff reads these, so a state moves freely between it and its stand-in.
      __inputs: secret(plain),
    };
    return outs;
  }

  private requireImage(urn: string): void {
    const type = urn.split("::")[2]?.split("$").pop();
    if (type !== IMAGE) {
      throw new Error(
        `${type} is not served by the stand-in for the docker plugin, which builds images only; ` +
          `get the real one: pulumi plugin install resource docker ${this.version}`,
      );
    }
  }
}

/** Opens `inputs.build` for defaults; undefined where the whole of it is unknown. */
function openBuild(inputs: PropertyMap): PropertyMap | undefined {
  if (inputs.build === undefined) {
    const build: PropertyMap = { context: ".", dockerfile: DEFAULT_DOCKERFILE };
    inputs.build = build;
    return build;
  }
  const wrapped = isSecret(inputs.build);
  const value = wrapped && isObject(inputs.build) ? inputs.build.value : inputs.build;
  if (!isObject(value)) return undefined;
  const build = withoutNulls(value);
  inputs.build = wrapped ? secret(build) : build;
  return build;
}

function requireDockerfile(context: string, dockerfile: string): void {
  if (existsSync(dockerfile)) return;
  const reason = `stat ${dockerfile}: no such file or directory`;
  const quoted = JSON.stringify(dockerfile);
  if (isAbsolute(dockerfile)) {
    throw new Error(`expected a relative Dockerfile path; got ${quoted} instead: ${reason}`);
  }
  const inContext = join(context, dockerfile);
  throw new Error(
    existsSync(inContext)
      ? `could not open dockerfile at relative path ${quoted}. Try setting \`dockerfile\` to ${JSON.stringify(inContext)}`
      : `could not open dockerfile at relative path ${quoted}: ${reason}`,
  );
}

function specOf(inputs: PropertyMap): BuildSpec {
  const plain = reveal(inputs);
  const build = isObject(plain.build) ? plain.build : {};
  const marked = isObject(inputs.build) ? inputs.build : {};
  const markedArgs = isObject(marked.args) ? marked.args : {};
  const allSecret = isSecret(marked) || isSecret(markedArgs);
  const args: Record<string, string> = {};
  const secretArgs = new Set<string>();
  for (const [name, value] of Object.entries(isObject(build.args) ? build.args : {})) {
    args[name] = text(value);
    if (allSecret || isSecret(markedArgs[name])) secretArgs.add(name);
  }
  const context = text(build.context ?? ".");
  return {
    imageName: text(plain.imageName),
    context,
    dockerfile: text(build.dockerfile ?? clean(join(context, DEFAULT_DOCKERFILE))),
    args,
    secretArgs,
    ...(build.target === undefined ? {} : { target: text(build.target) }),
    ...(build.platform === undefined ? {} : { platform: text(build.platform) }),
    ...(build.network === undefined ? {} : { network: text(build.network) }),
    addHosts: Array.isArray(build.addHosts) ? build.addHosts.map(text) : [],
    cacheFrom: cacheFromOf(build),
    buildKit: builderOf(build) === "BuilderBuildKit",
  };
}

function builderOf(build: PropertyMap): string {
  const builder = build.builderVersion ?? "BuilderBuildKit";
  if (builder !== "BuilderBuildKit" && builder !== "BuilderV1" && builder !== UNKNOWN) {
    throw new Error("invalid Docker Builder version");
  }
  return builder;
}

function cacheFromOf(build: PropertyMap): string[] {
  if (!isObject(build.cacheFrom)) return [];
  const { images } = build.cacheFrom;
  if (images === undefined) throw new Error("cacheFrom requires an `images` field");
  if (containsUnknown(images)) return [];
  if (!Array.isArray(images)) throw new Error("the `images` field must be a list of strings");
  return images.map(text);
}

/** Shorter secrets would blank out half of what a build says, and are no secrets. */
const MIN_HIDDEN = 4;

/** Hides secret build arguments in a line: builders print commands with their arguments filled in. */
function hider({ args, secretArgs }: BuildSpec): (line: string) => string {
  const hidden = [...secretArgs]
    .map((name) => args[name] ?? "")
    .filter((v) => v.length >= MIN_HIDDEN);
  return (line) => hidden.reduce((shown, value) => shown.replaceAll(value, "[secret]"), line);
}

interface Registry {
  server: string;
  username: string;
  password: string;
}

function registryFrom(inputs: PropertyMap): Registry {
  const registry = reveal(inputs).registry;
  const part = (name: string): string => {
    const value = isObject(registry) ? known(registry[name]) : undefined;
    return typeof value === "string" ? value : "";
  };
  return { server: part("server"), username: part("username"), password: part("password") };
}

/** The program's credentials; undefined leaves it to the user's own docker configuration. */
function credentialsFor(
  { server, username, password }: Registry,
  imageName: string,
  log: ResourceLog,
): Credentials | undefined {
  const key = credentialsKey(server, imageName);
  if (username !== "" && password !== "") return { key, username, password };
  if (password !== "") {
    log.warn("username was not set, although password was; using host credentials file");
  }
  if (username !== "") {
    log.warn("password was not set, although username was; using host credentials file");
  }
  return undefined;
}

function withoutNulls(map: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null));
}

/** A value taken out of its secret; undefined where a preview does not know it. */
function known(value: Value | undefined): Value | undefined {
  if (value === undefined || containsUnknown(value)) return undefined;
  return reveal(value);
}

function text(value: Value | undefined): string {
  const plain = value === undefined ? undefined : reveal(value);
  if (typeof plain !== "string") throw new Error(`expected a string; got ${JSON.stringify(plain)}`);
  return plain;
}

function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => equal(item, b[i]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => equal(a[key], b[key]));
  }
  return a === b;
}
