import { networkData, networkValues } from "../../../../components/network/pod-network";
import type { Settings } from "../../../../components/settings/settings";

type Network = Settings["network"];

const NONE: Network = { httpsProxy: undefined, noProxy: [], caCertificates: "" };
const PROXY = "http://proxy.example.com:3128";
const AUTHORITY = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const FILE = "/etc/todo-app/authorities/ca.crt";

/** The values of a service, and the variables that it reads from the cluster's object. */
function valuesWith(network: Partial<Network>, part: "backend" | "frontend") {
  const values = networkValues({ network: { ...NONE, ...network } }, part) as {
    extraEnv?: { name: string; valueFrom: { configMapKeyRef: object } }[];
    extraVolumes?: object[];
    extraVolumeMounts?: object[];
    podAnnotations?: object;
  };
  const { extraEnv = [] } = values;
  for (const { name, valueFrom } of extraEnv)
    expect(valueFrom).toEqual({
      configMapKeyRef: { name: "todo-app-network", key: name, optional: true },
    });
  return { ...values, names: extraEnv.map(({ name }) => name) };
}

test("pods have nothing of it where nothing is configured", () => {
  const network = { ...NONE, noProxy: ["x"] };
  for (const part of ["backend", "frontend"] as const)
    expect(networkValues({ network }, part)).toEqual({});
  expect(networkData(network)).toEqual({});
});

test("variables of the back end's own stay beside it", () => {
  const network = { ...NONE, httpsProxy: PROXY };
  const { extraEnv } = networkValues({ network }, "backend", { A: "1" });
  expect(extraEnv).toMatchObject([{ name: "A", value: "1" }, { name: "HTTPS_PROXY" }, {}, {}]);
});

test("the back end reaches the model by the proxy, and nobody of the cluster", () => {
  const network = { ...NONE, httpsProxy: PROXY, noProxy: [".corp.example"] };
  const { NO_PROXY = "", ...others } = networkData(network);
  expect(others).toEqual({ HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY });
  expect(NO_PROXY.split(",")).toEqual(
    expect.arrayContaining([
      ...["todo-app-frontend", "todo-app-backend", ".svc", ".cluster.local", "localhost"],
      ".corp.example",
    ]),
  );
  expect(valuesWith(network, "backend").names).toEqual(["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"]);
  expect(networkValues({ network }, "frontend")).toEqual({});
});

test("both services trust a company's authorities", () => {
  const network = { caCertificates: AUTHORITY };
  expect(networkData({ ...NONE, ...network })).toEqual({
    ...{ EXTRA_CA_CERTS: FILE, NODE_EXTRA_CA_CERTS: FILE, "ca.crt": AUTHORITY },
  });
  const backend = valuesWith(network, "backend");
  const frontend = valuesWith(network, "frontend");
  expect([backend.names, frontend.names]).toEqual([["EXTRA_CA_CERTS"], ["NODE_EXTRA_CA_CERTS"]]);
  const items = [{ key: "ca.crt", path: "ca.crt" }];
  for (const { extraVolumes, extraVolumeMounts } of [backend, frontend]) {
    expect(extraVolumes).toEqual([
      { name: "authorities", configMap: { name: "todo-app-network", items, optional: true } },
    ]);
    expect(extraVolumeMounts).toEqual([
      { name: "authorities", mountPath: "/etc/todo-app/authorities", readOnly: true },
    ]);
  }
});

test("pods start again when it changes", () => {
  const annotations = (network: Partial<Network>) => valuesWith(network, "backend").podAnnotations;
  const known = [
    annotations({ caCertificates: AUTHORITY }),
    annotations({ caCertificates: `${AUTHORITY}${AUTHORITY}` }),
    annotations({ httpsProxy: PROXY }),
    annotations({ httpsProxy: PROXY, noProxy: ["x"] }),
  ];
  expect(new Set(known.map((each) => JSON.stringify(each))).size).toBe(known.length);
});
