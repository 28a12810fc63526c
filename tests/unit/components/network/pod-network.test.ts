import { networkValues } from "../../../../components/network/pod-network";

const NONE = { httpsProxy: undefined, noProxy: [], caCertificates: "" };
const PROXY = "http://proxy.example.com:3128";
const AUTHORITY = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

interface Values {
  extraEnv?: { name: string; value: string }[];
  extraVolumes?: object[];
  extraVolumeMounts?: object[];
  podAnnotations?: object;
}

function values(
  network: Partial<typeof NONE | { httpsProxy: string }>,
  part: "backend" | "frontend",
) {
  const found = networkValues({ network: { ...NONE, ...network } }, part) as Values;
  return {
    ...found,
    env: Object.fromEntries((found.extraEnv ?? []).map(({ name, value }) => [name, value])),
  };
}

test("pods have nothing of it where nothing is configured", () => {
  expect(networkValues({ network: NONE }, "backend")).toEqual({});
  expect(networkValues({ network: { ...NONE, noProxy: ["x"] } }, "frontend")).toEqual({});
});

test("the back end reaches the model by the proxy, and nobody of the cluster", () => {
  const { env } = values({ httpsProxy: PROXY, noProxy: [".corp.example"] } as object, "backend");
  expect(env).toMatchObject({ HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY });
  expect((env.NO_PROXY ?? "").split(",")).toEqual(
    expect.arrayContaining([
      ...["todo-app-frontend", "todo-app-backend", ".svc", ".cluster.local", "localhost"],
      ".corp.example",
    ]),
  );
  expect(values({ httpsProxy: PROXY }, "frontend").env).toEqual({});
});

test("both services trust a company's authorities, from one object, and start again when these change", () => {
  const mount = { name: "authorities", mountPath: "/etc/todo-app/authorities", readOnly: true };
  const volume = {
    ...{ name: "authorities", configMap: { name: "todo-app-authorities", optional: true } },
  };
  const file = "/etc/todo-app/authorities/ca.crt";
  const backend = values({ caCertificates: AUTHORITY }, "backend");
  const frontend = values({ caCertificates: AUTHORITY }, "frontend");
  expect(backend.env).toEqual({ EXTRA_CA_CERTS: file });
  expect(frontend.env).toEqual({ NODE_EXTRA_CA_CERTS: file });
  for (const found of [backend, frontend]) {
    expect(found.extraVolumes).toEqual([volume]);
    expect(found.extraVolumeMounts).toEqual([mount]);
  }
  const other = values({ caCertificates: `${AUTHORITY}${AUTHORITY}` }, "backend");
  expect(other.podAnnotations).not.toEqual(backend.podAnnotations);
});
