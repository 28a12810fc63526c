import { proxyVariables } from "../../../tools/proxy";
import { folderWith } from "../support/folder";

const PROXY = { HTTPS_PROXY: "http://proxy.example:3128" };
const config = (...addresses: string[]): string =>
  JSON.stringify({ Nodes: addresses.map((IP) => ({ IP })) });

/** Who is never asked by a proxy. */
const direct = (env: NodeJS.ProcessEnv): string[] =>
  (proxyVariables({ MINIKUBE_HOME: folderWith({}), ...env }).NO_PROXY ?? "").split(",");

describe("the proxy that the environment names", () => {
  it("never sees the cluster's addresses, nor this machine's", () => {
    const home = folderWith({
      ".minikube/profiles/minikube/config.json": config("192.168.49.2"),
      ".minikube/profiles/team/config.json": config("192.168.60.2", "192.168.60.3"),
      ".minikube/profiles/half-made/config.json": "{",
    });
    expect(direct({ ...PROXY, MINIKUBE_HOME: home })).toEqual(
      expect.arrayContaining([
        ...["localhost", "127.0.0.1", "192.168.49.0/24", "10.96.0.0/12", ".svc"],
        ...["192.168.49.2", "192.168.60.2", "192.168.60.3"],
      ]),
    );
  });

  it("is told so in both spellings, with what the user had named before", () => {
    for (const name of ["NO_PROXY", "no_proxy"]) {
      const { NO_PROXY = "", no_proxy } = proxyVariables({
        ...PROXY,
        [name]: "git.example, .corp",
      });
      expect(NO_PROXY.split(",").slice(0, 2)).toEqual(["git.example", ".corp"]);
      expect(no_proxy).toBe(NO_PROXY);
    }
  });

  it.each(["HTTP_PROXY", "https_proxy", "ALL_PROXY"])("may stand in %s", (name) => {
    expect(direct({ [name]: "http://proxy.example" })).toContain("127.0.0.1");
  });

  it("is nobody's business where there is none", () => {
    expect(proxyVariables({ NO_PROXY: "x" })).toEqual({});
  });
});
