import { Image } from "@pulumi/docker/image";
import { Namespace } from "@pulumi/kubernetes/core/v1/namespace";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { contentTag } from "../../components/images/build-context";
import { MinikubeImage } from "../../components/minikube/minikube-image";
import { ChartRelease } from "../../components/release/chart-release";
import { withoutKubeconfig } from "../../components/release/kubeconfig";

const config = new pulumi.Config();
const profile = config.require("profile");
const cluster = new Provider(
  "cluster",
  { context: profile },
  { transformations: [withoutKubeconfig] },
);

// The image, under a tag that names its content: nothing is rebuilt, sent or rolled where nothing has changed.
const image = `guestbook:${contentTag("1.0.0", "app")}`;
const built = new Image("guestbook", {
  imageName: image,
  build: { context: "app", builderVersion: "BuilderBuildKit" },
  skipPush: true,
});
const loaded = new MinikubeImage("guestbook", { profile, image }, { dependsOn: built });

// The release: atomic, and with every object in the preview.
const namespace = new Namespace(
  "guestbook",
  { metadata: { name: config.require("namespace") } },
  { provider: cluster },
);
const app = new ChartRelease(
  "guestbook",
  {
    release: "guestbook",
    namespace: namespace.metadata.name,
    chart: "chart",
    values: { image, greeting: config.require("greeting") },
    needs: [loaded],
    kubeContext: profile,
    timeoutSeconds: 60,
  },
  { provider: cluster },
);

export const release = app.release.name;
export const served = image;
