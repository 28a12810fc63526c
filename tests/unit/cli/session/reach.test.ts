import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { explainUnreached, whyNotReached } from "../../../../cli/session/reach";
import { readSettings } from "../../../../components/settings/settings";
import { makeCertificate } from "../../../support/certificate";
import { folderWith } from "../../support/folder";

const environment = { ...process.env };
let server: Server;
let url: string;
let answer: (count: number) => number;

beforeEach(async () => {
  let count = 0;
  server = createServer((request, response) => {
    response.writeHead(request.url === "/api/health" ? answer(++count) : 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  process.env = { ...environment };
  await new Promise((resolve) => server.close(resolve));
});

describe("a stack's URL", () => {
  it("is reached where its health answers, whatever proxy the environment names", async () => {
    Object.assign(process.env, {
      HTTP_PROXY: "http://127.0.0.1:9",
      http_proxy: "http://127.0.0.1:9",
    });
    answer = () => 200;
    await expect(whyNotReached(url)).resolves.toBeUndefined();
  });

  it("gets time, where a tunnel has to find the Service first", async () => {
    answer = (count) => (count < 3 ? 502 : 200);
    await expect(whyNotReached(url, 5_000)).resolves.toBeUndefined();
  });

  it("is reached by a certificate of the company's that this machine trusts", async () => {
    const { key, cert, authority } = makeCertificate(folderWith({}), ["localhost"]);
    const secure = createSecureServer({ key, cert }, (_, response) => response.end());
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    const address = `https://localhost:${(secure.address() as AddressInfo).port}`;
    try {
      await expect(whyNotReached(address)).resolves.toMatch(/certificate/);
      process.env.SSL_CERT_FILE = authority;
      await expect(whyNotReached(address)).resolves.toBeUndefined();
    } finally {
      secure.close();
    }
  });

  it("isn't reached where something else answers, or nothing", async () => {
    answer = () => 404;
    await expect(whyNotReached(url)).resolves.toBe("it answers 404");
    await expect(whyNotReached("http://127.0.0.1:9")).resolves.toMatch(/ECONNREFUSED|bad port/);
  });
});

describe("what is said where it isn't reached", () => {
  const say = (ports: string[]): string => {
    const config = JSON.stringify({
      Driver: "docker",
      Nodes: [{ IP: "192.168.49.2" }],
      ExposedPorts: ports,
    });
    process.env.MINIKUBE_HOME = folderWith({ ".minikube/profiles/minikube/config.json": config });
    return explainUnreached(
      readSettings({}, "dev", []),
      "dev",
      "http://192.168.49.2:30000",
      "timeout",
    );
  };

  it("names the command that forwards", () => {
    expect(say([])).toMatch(
      /can't be reached from this machine \(timeout\): npm run open -- --stack dev/,
    );
  });

  it("names the ports that the profile does publish", () => {
    expect(say(["127.0.0.1:30001:30001"])).toMatch(
      /other node ports: 30001 \(pulumi config set nodePort PORT --stack \w+\)/,
    );
  });
});
