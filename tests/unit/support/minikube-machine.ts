/** A machine with a Minikube profile "team", whose programs are played. */
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { folderWith } from "./folder";

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

export interface Machine {
  driver?: string;
  runtime?: string;
  nodes?: string[];
  /** Lines of `docker ps`: name and state. */
  containers?: string;
  /** What docker does, by a shell's case on "$*". */
  docker?: string;
  minikube?: string;
}

/** A machine with a profile; programs note each call, and what it is given. @returns its folder */
export function machine({
  driver = "docker",
  runtime = "containerd",
  nodes = [""],
  containers = "team\\trunning\\n",
  docker = "",
  minikube = "",
}: Machine): string {
  const program = (name: string, cases: string) =>
    `#!/bin/sh\necho "$@" >> "$FOLDER/${name}.calls"\ncase "$*" in\n${cases}\nesac\n`;
  const folder = folderWith({
    ".minikube/profiles/team/config.json": JSON.stringify({
      ...{ Driver: driver, KubernetesConfig: { ContainerRuntime: runtime } },
      Nodes: nodes.map((Name) => ({ Name })),
    }),
    docker: program("docker", `ps*) printf '${containers}';;\n${docker}`),
    minikube: program("minikube", minikube),
  });
  for (const name of ["docker", "minikube"]) chmodSync(join(folder, name), 0o755);
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
  Object.assign(process.env, { MINIKUBE_HOME: folder, FOLDER: folder });
  return folder;
}
/** What a program of the machine was called with. */
export const calls = (folder: string, name: string): string[] => {
  const file = join(folder, `${name}.calls`);
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
};
