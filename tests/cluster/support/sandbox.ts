import { run } from "../../../common/run";
import { containerMark } from "../../run/leftovers";
import { eventually } from "./namespace";

/** As narrow as the cluster runs the application's containers. */
const NARROW = [
  ...["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
  ...["--cpus", "0.5", "--memory", "512m"],
];

/** How to run a container. */
export interface ContainerOptions {
  env?: Readonly<Record<string, string>>;
  /** Further flags of `docker run`. */
  flags?: readonly string[];
  /** Command instead of the image's own. */
  command?: readonly string[];
}

/** What Docker tells about an image. */
export interface Image {
  Id: string;
  /** Bytes, all layers together. */
  Size: number;
  RootFS: { Layers: string[] };
  Config: {
    User: string;
    Env: string[];
    Cmd: string[];
    ExposedPorts: Record<string, object>;
    Healthcheck: { Test: string[] };
  };
}

interface State {
  Created: string;
  State: { Health: { Status: string; Log: { End: string; ExitCode: number }[] } };
}

/** A server that lives in memory. */
interface PostgresOptions {
  /** An image of PostgreSQL's; default "postgres:15". */
  image?: string;
  /** Its database; default "todo". */
  database?: string;
  password: string;
  /** Further ones of `docker run`. */
  flags?: readonly string[];
}

/** Containers on a network of their own, and images of the tests' own: all are gone after `remove`. */
export class Sandbox {
  private readonly label: string;

  /** @param name names the network and the images' repository, and starts the names of containers */
  constructor(readonly name: string) {
    this.label = `todo-app-tests=${name}`;
  }

  async open(): Promise<void> {
    await run("docker", ["network", "create", "--label", this.label, this.name]);
  }

  /** Starts a container that the others reach under its alias. */
  async start(alias: string, image: string, options: ContainerOptions = {}): Promise<void> {
    await run("docker", ["run", "--detach", ...this.arguments(alias, image, options)]);
  }

  /** Starts a PostgreSQL server with a database of the user "todo", and waits until it answers. */
  async startPostgres(
    alias: string,
    { image = "postgres:15", database = "todo", password, flags = [] }: PostgresOptions,
  ): Promise<void> {
    await this.start(alias, image, {
      env: { POSTGRES_USER: "todo", POSTGRES_DB: database, POSTGRES_PASSWORD: password },
      flags: ["--tmpfs", "/var/lib/postgresql/data", ...flags],
    });
    const ready = ["pg_isready", "--host", "127.0.0.1", "--username", "todo"];
    await eventually(60, () => this.exec(alias, ...ready).catch(() => false as const));
  }

  /** Starts one of the application's containers. */
  async startNarrow(alias: string, image: string, options: ContainerOptions = {}): Promise<void> {
    await this.start(alias, image, { ...options, flags: [...NARROW, ...(options.flags ?? [])] });
  }

  /** Runs one of the application's containers to its end, and gives its output. @throws CommandError */
  async runNarrow(alias: string, image: string, options: ContainerOptions = {}): Promise<string> {
    const flags = [...NARROW, "--rm", ...(options.flags ?? [])];
    return run("docker", ["run", ...this.arguments(alias, image, { ...options, flags })]);
  }

  /** Output of a command in a container. */
  async exec(alias: string, ...command: string[]): Promise<string> {
    return run("docker", ["exec", this.container(alias), ...command]);
  }

  /** Sends a signal to a container's first process. */
  async signal(alias: string, signal: "STOP" | "CONT"): Promise<void> {
    await run("docker", ["kill", "--signal", signal, this.container(alias)]);
  }

  /** Waits until Docker's own check gives a container this health. */
  async health(alias: string, status: "healthy" | "unhealthy", seconds: number): Promise<void> {
    await eventually(
      seconds,
      async () => (await this.inspect(alias)).State.Health.Status === status,
      `${alias} is ${status}`,
    );
  }

  /** Seconds from a container's creation to the first check that found it healthy, of the last five. */
  async secondsToHealthy(alias: string): Promise<number> {
    const { Created, State } = await this.inspect(alias);
    const good = State.Health.Log.find(({ ExitCode }) => ExitCode === 0);
    if (!good) throw new Error(`${alias} was never healthy`);
    return Math.round((Date.parse(good.End) - Date.parse(Created)) / 100) / 10;
  }

  /** Builds an image, "name:tag"; gives its name. */
  async build(tag: string, context: string, ...flags: string[]): Promise<string> {
    const image = `${this.name}:${tag}`;
    await run("docker", ["build", "--quiet", "--tag", image, ...flags, context], {
      env: { ...process.env, DOCKER_BUILDKIT: "1" },
    });
    return image;
  }

  /** Paths of all files of an image, without the leading slash. */
  async files(image: string): Promise<string[]> {
    return this.exported(image, "tar --list", (listing) => listing.split("\n"));
  }

  /** Text of a file of an image. */
  async read(image: string, file: string): Promise<string> {
    return this.exported(image, `tar --extract --to-stdout ${file}`, (text) => text);
  }

  /** Whether a word stands anywhere in an image's files, their names included. */
  async contains(image: string, word: string): Promise<boolean> {
    const count = `grep --binary-files=text --count --fixed-strings ${word} || true`;
    return this.exported(image, count, (output) => Number(output) > 0);
  }

  async remove(): Promise<void> {
    const lines = async (...args: string[]): Promise<string[]> =>
      (await run("docker", args)).split("\n").filter(Boolean);
    const labelled = ["--quiet", "--filter", `label=${this.label}`];
    for (const id of await lines("ps", "--all", ...labelled))
      await run("docker", ["rm", "--force", "--volumes", id]);
    for (const id of await lines("network", "ls", ...labelled))
      await run("docker", ["network", "rm", id]);
    const references = [this.name, `${this.name}/*`].map((name) => `--filter=reference=${name}`);
    const format = ["--format", "{{.Repository}}:{{.Tag}}"];
    for (const image of await lines("images", ...references, ...format))
      await run("docker", ["image", "rm", image]);
  }

  private arguments(alias: string, image: string, options: ContainerOptions): string[] {
    const variables = Object.entries(options.env ?? {});
    return [
      ...["--name", this.container(alias), "--label", this.label, ...containerMark()],
      ...["--network", this.name, "--network-alias", alias],
      ...variables.flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ...(options.flags ?? []),
      ...[image, ...(options.command ?? [])],
    ];
  }

  private container(alias: string): string {
    return `${this.name}-${alias}`;
  }

  private async inspect(alias: string): Promise<State> {
    const text = await run("docker", ["container", "inspect", this.container(alias)]);
    return (JSON.parse(text) as [State])[0];
  }

  private async exported<T>(
    image: string,
    filter: string,
    read: (output: string) => T,
  ): Promise<T> {
    const id = await run("docker", ["create", "--label", this.label, ...containerMark(), image]);
    try {
      return read(await run("sh", ["-c", `docker export ${id} | ${filter}`]));
    } finally {
      await run("docker", ["rm", id]);
    }
  }
}

/** What Docker tells about an image. @throws CommandError where it hasn't got it */
export async function inspectImage(image: string): Promise<Image> {
  return (JSON.parse(await run("docker", ["image", "inspect", image])) as [Image])[0];
}
