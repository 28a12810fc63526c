import { readFileSync } from "node:fs";
import { debugShell } from "../../../../cli/inside/shell";
import { interactively } from "../../../../cli/inside/terminal";
import type { Session } from "../../../../cli/session/session";
import { localImageId } from "../../../../components/images/docker";
import { imageStores } from "../../../../components/minikube/node-images";

jest.mock("../../../../cli/inside/terminal");
jest.mock("../../../../components/images/docker");
jest.mock("../../../../components/minikube/node-images");

const POD = {
  metadata: { name: "todo-app-backend-1" },
  spec: {
    securityContext: { runAsUser: 1000, runAsGroup: 1000 },
    containers: [{ name: "backend" }],
  },
  status: { phase: "Running" },
};

let called: string[];
let profile: unknown;
let image: string;

function session(pods: unknown[], exitCode = 0, looks = 1): Session {
  let left = looks;
  return {
    stack: "dev",
    settings: { delivery: { kind: "minikube", profile: "minikube" } },
    tools: { env: {} },
    cluster: {
      ...{ namespace: "todo-app", arguments: ["--context", "minikube"] },
      answers: async () => true,
      list: async () => pods,
      try: async () => {
        const name = called[called.indexOf("--container") + 1];
        left -= 1;
        const status = { name, state: left > 0 ? { running: {} } : { terminated: { exitCode } } };
        const stdout = JSON.stringify({ status: { ephemeralContainerStatuses: [status] } });
        return { code: 0, stdout, stderr: "" };
      },
    },
  } as never;
}

beforeEach(() => {
  image = "";
  jest.spyOn(process.stderr, "write").mockReturnValue(true);
  jest.mocked(localImageId).mockResolvedValue("sha256:1");
  jest.mocked(imageStores).mockResolvedValue([
    {
      idOf: async () => undefined,
      remove: async () => undefined,
      add: async (name) => {
        image = name;
      },
    },
  ]);
  jest.mocked(interactively).mockImplementation(async (_program, args) => {
    called = [...args];
    profile = JSON.parse(readFileSync(called[called.indexOf("--custom") + 1] ?? "", "utf8"));
    return 0;
  });
});
afterEach(() => jest.restoreAllMocks());

describe("npm run shell", () => {
  it("opens a shell in the container's processes, as its user, as a restricted namespace asks for", async () => {
    const { pod } = await debugShell(session([POD]), "backend", {
      ...{ image: undefined, command: undefined },
    });
    expect(pod).toBe("todo-app-backend-1");
    expect(called.join(" ")).toMatch(
      /^--context minikube debug todo-app-backend-1 --quiet --profile=restricted .* --target backend --image python:3\.11-slim .* -- sh$/,
    );
    expect(profile).toMatchObject({ securityContext: { runAsUser: 1000, runAsGroup: 1000 } });
  });

  it("brings the image to the node where it isn't there", async () => {
    await debugShell(session([POD]), "frontend", { image: undefined, command: undefined });
    expect(image).toBe("node:22-slim");
  });

  it("leaves an image to the cluster that this machine hasn't got", async () => {
    jest.mocked(localImageId).mockResolvedValue(undefined);
    await debugShell(session([POD]), "backend", { image: "busybox", command: undefined });
    expect(image).toBe("");
    expect(called).toContain("busybox");
  });

  it("runs one command, and ends as it did", async () => {
    const { code } = await debugShell(session([POD], 3), "backend", {
      ...{ image: undefined, command: "exit 3" },
    });
    expect(called.slice(-4)).toEqual(["--", "sh", "-c", "exit 3"]);
    expect(code).toBe(3);
  });

  it("waits for how it has ended, which the kubelet tells later", async () => {
    const { code } = await debugShell(session([POD], 3, 3), "backend", {
      ...{ image: undefined, command: "exit 3" },
    });
    expect(code).toBe(3);
  });

  it("says that nothing runs", async () => {
    const leaving = { ...POD, metadata: { name: "x", deletionTimestamp: "2026-01-01T00:00:00Z" } };
    await expect(
      debugShell(session([leaving]), "backend", { image: undefined, command: undefined }),
    ).rejects.toMatchObject({ what: 'stack "dev" has no running backend pod' });
  });
});
