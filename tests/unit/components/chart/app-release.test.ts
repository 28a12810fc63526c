import { chartValues } from "../../../../components/chart/app-release";
import { NO_DEV } from "../../../../components/settings/dev-mode";
import { type RawConfig, readSettings } from "../../../../components/settings/settings";

const image = (repository: string) => ({ repository, tag: "1", resource: undefined as never });

/** The front end's values of a stack. */
function frontEnd(raw: RawConfig): unknown {
  return chartValues({
    settings: readSettings(raw, "dev", []),
    version: "1.0.0",
    url: "http://192.0.2.1:30000",
    otherOrigins: [],
    ...{ backend: image("todo-backend"), frontend: image("todo-frontend") },
    pullPolicy: "IfNotPresent",
    dev: NO_DEV,
  }).frontend;
}

describe("what a stack says of the way to the front end", () => {
  it("is the usual one where it says nothing", () => {
    expect(frontEnd({})).toMatchObject({
      trustedProxies: [],
      chatkitDomainKey: "",
      service: { type: "NodePort", nodePort: 30_000, externalTrafficPolicy: "Cluster" },
    });
  });

  it("reaches the chart", () => {
    const raw = {
      externalTrafficPolicy: "Local",
      trustedProxies: '["10.0.0.0/8","2001:db8::1"]',
      chatkitDomainKey: "domain_pk_1",
    };
    expect(frontEnd(raw)).toMatchObject({
      trustedProxies: ["10.0.0.0/8", "2001:db8::1"],
      chatkitDomainKey: "domain_pk_1",
      service: { externalTrafficPolicy: "Local" },
    });
  });
});
