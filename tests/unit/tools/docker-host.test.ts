import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import { dockerHost, withVariables } from "../../../tools/docker-host";
import { folderWith } from "../support/folder";

interface Context {
  host: string;
  /** Whether it has certificates. */
  tls?: boolean;
}

/** An environment whose docker knows these contexts. */
function environment(
  contexts: Readonly<Record<string, Context>>,
  variables: NodeJS.ProcessEnv = {},
): NodeJS.ProcessEnv {
  const { current, ...known } = contexts;
  const answers = Object.entries(known).map(([name, { host, tls }]) => {
    const context = {
      Name: name,
      Endpoints: { docker: { Host: host } },
      TLSMaterial: tls ? { docker: ["ca.pem", "cert.pem", "key.pem"] } : {},
      Storage: { TLSPath: `/contexts/${name}` },
    };
    return `"context inspect ${name}") echo '${JSON.stringify([context])}';;`;
  });
  const folder = folderWith({
    docker: `#!/bin/sh\ncase "$*" in ${answers.join("\n")} *) exit 1;; esac\n`,
    "config.json": JSON.stringify({ currentContext: current?.host }),
  });
  chmodSync(join(folder, "docker"), 0o755);
  const path = [folder, process.env.PATH].join(delimiter);
  process.env.PATH = path; // where the command is looked for
  return { PATH: path, DOCKER_CONFIG: folder, ...variables };
}

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

const SOCKETS = {
  colima: { host: "unix:///home/ada/.colima/default/docker.sock" },
  orbstack: { host: "unix:///Users/ada/.orbstack/run/docker.sock" },
  "rancher-desktop": { host: "unix:///Users/ada/.rd/docker.sock" },
  rootless: { host: "unix:///run/user/1000/docker.sock" },
  "desktop-linux": { host: "unix:///home/ada/.docker/desktop/docker.sock" },
};

describe("the engine that every tool and plugin uses", () => {
  test.each(Object.entries(SOCKETS))(
    "is that of the current context: %s",
    async (name, { host }) => {
      const env = environment({ ...SOCKETS, current: { host: name } });
      expect((await dockerHost(env)).variables).toEqual({
        ...{ BUILDX_BUILDER: "default", DOCKER_HOST: host },
      });
    },
  );

  it("is that of DOCKER_CONTEXT before the one that was chosen", async () => {
    const env = environment(
      { ...SOCKETS, current: { host: "colima" } },
      { DOCKER_CONTEXT: "rootless" },
    );
    expect((await dockerHost(env)).variables.DOCKER_HOST).toBe(SOCKETS.rootless.host);
  });

  it("is that of DOCKER_HOST before any context", async () => {
    const env = environment(
      { ...SOCKETS, current: { host: "colima" } },
      { DOCKER_HOST: "tcp://x" },
    );
    expect((await dockerHost(env)).variables).toEqual({ BUILDX_BUILDER: "default" });
  });

  it("is asked with the context's certificates", async () => {
    const env = environment({
      ...{ far: { host: "tcp://build:2376", tls: true }, current: { host: "far" } },
    });
    expect((await dockerHost(env)).variables).toMatchObject({
      DOCKER_HOST: "tcp://build:2376",
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: "/contexts/far/docker",
    });
  });

  it("is the usual one where no context was chosen", async () => {
    expect((await dockerHost(environment({}))).variables.DOCKER_HOST).toBeUndefined();
  });

  it("is this machine's again in a shell of minikube docker-env, which is told", async () => {
    const shell = environment(
      {},
      {
        MINIKUBE_ACTIVE_DOCKERD: "team",
        DOCKER_HOST: "tcp://192.168.49.2:2376",
        DOCKER_TLS_VERIFY: "1",
        DOCKER_CERT_PATH: "/certs",
        MINIKUBE_EXISTING_DOCKER_HOST: "unix:///own.sock",
      },
    );
    const { variables, notes } = await dockerHost(shell);
    const env = withVariables(shell, variables);
    expect(env.DOCKER_HOST).toBe("unix:///own.sock");
    for (const name of ["DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "MINIKUBE_ACTIVE_DOCKERD"])
      expect(name in env).toBe(false);
    expect(notes).toEqual([expect.stringMatching(/inside Minikube's "team"/)]);
  });

  it("keeps what it builds, whatever builder the user has chosen", async () => {
    const env = environment({}, { BUILDX_BUILDER: "a-container" });
    expect((await dockerHost(env)).variables.BUILDX_BUILDER).toBe("default");
  });
});
