import { Image } from "@pulumi/docker/image";
import * as pulumi from "@pulumi/pulumi";
import { contentTag } from "./build-context";
import { type Platform, taggedVersion } from "./platform";

/** What an application's image is built from. */
export interface AppImageArgs {
  /** Folder with the Dockerfile, relative to the project. */
  context: string;
  /** Name without a tag, such as "todo-backend". */
  repository: string;
  /** Version of the application, which starts the tag. */
  version: string;
  /** What it is built for. */
  platform: Platform;
  /** Another stage of the Dockerfile than the last, and the files that alone decide on its tag. */
  target?: { stage: string; files: readonly string[] };
}

/** An application's image in the local Docker, under a tag that names its content. */
export class AppImage extends pulumi.ComponentResource {
  readonly context: string;
  readonly repository: string;
  readonly version: string;
  /** The version, perhaps the platform, and 12 digits of the build context's hash. */
  readonly tag: string;
  /** "repository:tag", known only once the image is built. */
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: AppImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-app:components:AppImage", name, {}, opts);
    this.context = args.context;
    this.repository = args.repository;
    this.version = args.version;
    this.tag = contentTag(
      taggedVersion(args.version, args.platform),
      args.context,
      args.target?.files,
    );
    const image = new Image(
      name,
      {
        imageName: `${this.repository}:${this.tag}`,
        build: {
          context: args.context,
          dockerfile: `${args.context}/Dockerfile`,
          builderVersion: "BuilderBuildKit",
          ...(args.target && { target: args.target.stage }),
          platform: args.platform,
        },
        skipPush: true,
      },
      { parent: this },
    );
    this.reference = image.imageName;
    this.registerOutputs({ reference: this.reference });
  }
}
