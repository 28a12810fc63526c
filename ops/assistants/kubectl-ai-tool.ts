import type { Tool } from "../../tools/catalog";

const VERSION = "0.0.31";
const RELEASES = `https://github.com/GoogleCloudPlatform/kubectl-ai/releases/download/v${VERSION}`;
const ARCH = { amd64: "x86_64", arm64: "arm64" } as const;
const OS = { linux: "Linux", darwin: "Darwin" } as const;

/** kubectl-ai, which nothing needs: it is installed only where an engineer asks for it. */
export const KUBECTL_AI: Tool = {
  name: "kubectl-ai",
  version: VERSION,
  commands: ["kubectl-ai"],
  // Exactly this one: whether its commands go through the gate was tested with no other.
  onPath: {
    args: ["version"],
    version: /version: v?(\d+\.\d+\.\d+)/,
    atLeast: VERSION,
    below: "0.0.32",
  },
  upstream: {
    url: ({ os, arch }) => `${RELEASES}/kubectl-ai_${OS[os]}_${ARCH[arch]}.tar.gz`,
    checksums: () => `${RELEASES}/kubectl-ai_${VERSION}_checksums.txt`,
    form: "tar.gz",
    members: () => ({ "kubectl-ai": "kubectl-ai" }),
  },
  registry: [
    {
      from: "go",
      folder: "kubectl-ai",
      packages: { "kubectl-ai": "github.com/GoogleCloudPlatform/kubectl-ai/cmd" },
      variables: { "main.version": VERSION },
      minutes: 8,
    },
  ],
};
