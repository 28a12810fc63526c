import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { imageStores } from "../../../../components/minikube/node-images";
import { folderWith } from "../../support/folder";

const PROFILE = {
  Driver: "docker",
  KubernetesConfig: { ContainerRuntime: "containerd" },
  Nodes: [{ Name: "" }],
};

describe("the archive of an image that is on its way to a node", () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  it("comes by a pipe, as the engine's own client may see another folder for temporary files", async () => {
    const folder = folderWith({
      ".minikube/profiles/team/config.json": JSON.stringify(PROFILE),
      docker: `#!/bin/sh
case "$*" in ps*) printf 'team\\trunning\\n';; *--output*|*-o*) exit 9;; save*) printf %s "$2";; esac
`,
    });
    chmodSync(join(folder, "docker"), 0o755);
    process.env.PATH = [folder, process.env.PATH].join(delimiter);
    process.env.MINIKUBE_HOME = folder;

    const [node] = await imageStores("team");
    await expect(node?.add("todo-backend:1")).rejects.toThrow(
      "the image archive has no manifest.json",
    );
  });

  it("doesn't outlive its load, nor the next one where that was killed", async () => {
    const folder = folderWith({
      ".minikube/profiles/team/config.json": JSON.stringify(PROFILE),
      docker: `#!/bin/sh
case "$*" in ps*) printf 'team\\trunning\\n';; "save todo-backend:1") exit 1;; esac
`,
    });
    chmodSync(join(folder, "docker"), 0o755);
    // Not in /tmp, which may be small, nor by Docker's own hand, whose files may be elsewhere.
    const archives = join(folder, ".minikube/cache/archives");
    const killed = spawnSync(process.execPath, ["--version"]).pid;
    const kept = [`todo-app-image-${process.ppid}-b`, "todo-app-image-x", "other-1-c"];
    for (const name of [`todo-app-image-${killed}-a`, ...kept])
      mkdirSync(join(archives, name), { recursive: true });
    process.env.PATH = [folder, process.env.PATH].join(delimiter);
    process.env.MINIKUBE_HOME = folder;

    const [node] = await imageStores("team");
    const load = node?.add("todo-backend:1");
    await expect(load).rejects.toThrow(join(archives, `todo-app-image-${process.pid}-`));
    expect(readdirSync(archives).sort()).toEqual(kept.sort());
  });
});
