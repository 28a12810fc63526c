import { randomInt } from "node:crypto";
import fs, { readFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { parse, stringify } from "yaml";
import { stackSettings } from "../../../../cli/session/workspace";
import { withDeclaration } from "../../../../components/settings/declaration";
import { KEYS, SECRET_KEYS } from "../../../../components/settings/schema";
import {
  ConfigError,
  type RawConfig,
  readSettings,
  type Settings,
  UNREADABLE,
} from "../../../../components/settings/settings";
import { pick, randomNumbers } from "../../support/random";

const root = join(__dirname, "../../../..");
const DATABASE = "postgresql://user:password@db.example.com:5432/todo";
const LONG = "x".repeat(32);

/** Settings where every secret was set with --secret, and nothing else. */
function settings(raw: RawConfig): Settings {
  return readSettings(raw, "dev", SECRET_KEYS);
}

function mistakes(raw: RawConfig, secretKeys: readonly string[] = SECRET_KEYS): readonly string[] {
  return mistakesOf(() => readSettings(raw, "dev", secretKeys));
}

function mistakesOf(read: () => Settings): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
}

/** The keys that mistakes are about. */
function named(found: readonly string[]): string[] {
  return found.map((mistake) => mistake.split(" ")[0] ?? "").sort();
}

describe("defaults", () => {
  test("a stack that says nothing is a laptop's", () => {
    expect(settings({})).toMatchObject({
      environment: "development",
      namespace: "todo-app",
      kubeContext: "minikube",
      delivery: { kind: "minikube", profile: "minikube" },
      service: { type: "NodePort", nodePort: 30_000 },
      replicas: 1,
      llm: { provider: "offline" },
      backendResources: {
        requests: { cpu: "250m", memory: "256Mi" },
        limits: { cpu: "500m", memory: "512Mi" },
      },
      secrets: {},
    });
  });

  test("are the same in Pulumi.yaml, which is as the schema writes it", () => {
    const text = readFileSync(join(root, "Pulumi.yaml"), "utf8");
    expect(withDeclaration(text)).toBe(text);
    const { config } = parse(text) as {
      config: Record<string, { type: string; default: unknown; description: string }>;
    };
    expect(Object.keys(config)).toEqual(KEYS);
    for (const [key, { type, default: value, description }] of Object.entries(config)) {
      const typeOf = Array.isArray(value) ? "array" : typeof value;
      expect([key, type]).toEqual([key, typeOf === "number" ? "integer" : typeOf]);
      expect([key, description]).toEqual([key, expect.stringMatching(/\w{2}/)]);
    }
    // As Pulumi hands them over.
    const declared = Object.entries(config).map(([key, { default: value }]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    expect(readSettings(Object.fromEntries(declared), "dev", [])).toEqual(settings({}));
  });

  test("are no variables of the back end's pods; what differs from them is one", () => {
    expect(settings({ chatRetentionDays: "0" }).backendVariables).toEqual({});
    expect(settings({ chatRetentionDays: "90" }).backendVariables).toEqual({
      CHAT_RETENTION_DAYS: "90",
    });
  });

  test("a LoadBalancer on Minikube has an address before it is made, of its namespace's own", () => {
    const address = (raw: RawConfig) =>
      settings({ serviceType: "LoadBalancer", ...raw }).service.clusterIp;
    expect(address({})).toMatch(/^10\.96\.0\.(1[6-9]|[2-9]\d|1\d\d|2[0-4]\d|25[0-4])$/);
    expect(address({ namespace: "todo-app" })).toBe(address({}));
    expect(address({ namespace: "todo-app-staging" })).not.toBe(address({}));
    expect(address({ loadBalancerIp: "10.96.0.200" })).toBe("10.96.0.200");
    expect(address({ publicUrl: "http://todo.test" })).toBeUndefined();
    expect(settings({}).service.clusterIp).toBeUndefined();
  });

  test("the context follows the profile", () => {
    expect(settings({ minikubeProfile: "other" })).toMatchObject({
      kubeContext: "other",
      delivery: { profile: "other" },
    });
  });

  test("a key chooses OpenAI, none the offline model", () => {
    expect(settings({ openaiApiKey: "sk-1" }).llm.provider).toBe("openai");
    expect(settings({ openaiApiKey: "sk-1", llmProvider: "offline" }).llm.provider).toBe("offline");
  });
});

describe("mistakes", () => {
  test("are listed all at once", () => {
    const found = mistakes({
      replicas: "many",
      nodePort: "80",
      serviceType: "Ingress",
      namespace: "Todo_App",
      databaseUrl: "mysql://x",
      trustedOrigins: "http://a",
      llmProvider: "ollama",
      colour: "red",
    });
    expect(named(found)).toEqual([
      "colour",
      "databaseUrl",
      "llmBaseUrl",
      "namespace",
      "nodePort",
      "replicas",
      "serviceType",
      "trustedOrigins",
    ]);
  });

  test.each([
    [{ replicas: "0" }, "replicas must be a whole number from 1 to 20"],
    [{ replicas: "1.5" }, "replicas must be a whole number"],
    [{ nodePort: "29999" }, "nodePort must be a whole number from 30000 to 32767"],
    [{ publicUrl: "todo.example.com" }, "publicUrl must be an http(s) URL"],
    [{ publicUrl: "https://todo.example.com/app" }, "publicUrl must be scheme://host[:port]"],
    [{ jwtSecret: "short" }, "jwtSecret must have at least 32 characters"],
    [{ backendResources: '{"limits":{"cpu":"lots"}}' }, "backendResources has a limits.cpu"],
    [{ backendResources: '{"limit":{}}' }, 'backendResources has an unknown part "limit"'],
    [{ backendResources: "big" }, "backendResources must be structured"],
    [{ imageDelivery: "registry" }, "registry is required"],
    [{ serviceType: "ClusterIP" }, "publicUrl is required"],
    [
      { loadBalancerIp: "10.96.0.300", serviceType: "LoadBalancer" },
      "loadBalancerIp must be an IPv4",
    ],
    [{ loadBalancerIp: "10.96.0.30" }, "loadBalancerIp is for serviceType"],
    [{ llmProvider: "openai" }, "openaiApiKey is required"],
    [{ llmProvider: "openai-compatible", llmBaseUrl: "http://x/v1" }, "llmModel is required"],
  ])("%j", (raw, message) => {
    expect(mistakes(raw)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  });

  test.each(["allowLocalDatabase", "allowOfflineModel", "allowGeneratedSecrets"])(
    "%s is checked once in every environment",
    (flag) => {
      const allowed = { allowLocalDatabase: "true", allowOfflineModel: "true" };
      for (const environment of ["development", "staging", "production"]) {
        const raw = { environment, ...allowed, allowGeneratedSecrets: "true", [flag]: "yes" };
        expect(mistakes(raw)).toEqual([`${flag} must be true or false, not "yes"`]);
      }
    },
  );

  test("no message repeats a secret", () => {
    const raw = {
      databaseUrl: "mysql://u:hunter2@h/d",
      jwtSecret: "hunter3",
      betterAuthSecret: "hunter4",
    };
    expect(mistakes(raw)).toHaveLength(3);
    expect(mistakes(raw).join()).not.toMatch(/hunter/);
  });

  test("a secret that can't be read here is not judged", () => {
    const raw = Object.fromEntries(SECRET_KEYS.map((key) => [key, UNREADABLE]));
    expect(mistakes(raw)).toEqual([]);
    expect(settings(raw).secrets.databaseUrl).toBe(UNREADABLE);
  });
});

describe("a secret in clear", () => {
  const raw = { databaseUrl: "postgresql://u:hunter2@h/d", openaiApiKey: "hunter3" };

  test("is refused, and not repeated", () => {
    const found = mistakes(raw, []);
    expect(found).toEqual([
      expect.stringContaining("databaseUrl must be set with --secret"),
      expect.stringContaining("openaiApiKey must be set with --secret"),
    ]);
    expect(found.join()).not.toMatch(/hunter/);
  });

  test("is refused once, whatever else is wrong with it or asks for it", () => {
    const wrong = { databaseUrl: "mysql://h", jwtSecret: "short", llmProvider: "openai" };
    const found = mistakes({ environment: "staging", ...raw, ...wrong }, ["jwtSecret"]);
    expect(named(found)).toEqual(["betterAuthSecret", "databaseUrl", "jwtSecret", "openaiApiKey"]);
    expect(found.join()).not.toMatch(/must look like|is required with/);
  });

  test("is none where it is empty", () => {
    expect(mistakes(Object.fromEntries(SECRET_KEYS.map((key) => [key, ""])), [])).toEqual([]);
  });

  test("is told from an encrypted one in the stack's file, before Pulumi runs", () => {
    const secure = { secure: "v1:bm9uY2U=:c2VhbGVk" };
    const inFile = (config: Readonly<Record<string, unknown>>): readonly string[] => {
      const entries = Object.entries(config).map(([key, value]) => [`todo-app:${key}`, value]);
      const text = stringify({ config: Object.fromEntries(entries) });
      const reads = [
        jest.spyOn(fs, "existsSync").mockReturnValue(true),
        jest.spyOn(fs, "readFileSync").mockReturnValue(text),
      ];
      try {
        return mistakesOf(() => stackSettings("dev"));
      } finally {
        for (const read of reads) read.mockRestore();
      }
    };
    expect(inFile({ databaseUrl: secure, openaiApiKey: secure })).toEqual([]);
    expect(inFile(raw)).toEqual(mistakes(raw, []));
    expect(
      named(inFile({ databaseUrl: { secure: "v1", more: "hunter2" }, trustedOrigins: [secure] })),
    ).toEqual(["databaseUrl", "trustedOrigins"]);
  });

  test("what is no secret must be in clear: commands read it without the passphrase", () => {
    const found = mistakes({ replicas: UNREADABLE, kubeContext: UNREADABLE }, [
      "replicas",
      "kubeContext",
    ]);
    expect(found).toEqual([
      expect.stringContaining("replicas must be set without --secret"),
      expect.stringContaining("kubeContext must be set without --secret"),
    ]);
  });
});

describe("resources", () => {
  const found = (resources: unknown): readonly string[] =>
    mistakes({ backendResources: JSON.stringify(resources) });

  test.each([
    [{ requests: { cpu: "250m", memory: "1Gi" }, limits: { cpu: "1.5", memory: "1.5G" } }],
    [{ requests: { cpu: 0.25, memory: 268_435_456 }, limits: { cpu: 1, memory: "268435456" } }],
    [{ requests: { cpu: "1000m", memory: "1024Ki" }, limits: { cpu: "1", memory: "1Mi" } }],
    [{ requests: { cpu: "0.3", memory: "1.1M" }, limits: { cpu: "300m", memory: "1100k" } }],
    [{ requests: { memory: "512Mi" } }],
    [{}],
  ])("%j are right", (resources) => {
    expect(found(resources)).toEqual([]);
  });

  test.each([
    [{ limits: { cpu: "1Mi" } }, 'a limits.cpu that is no amount of CPU, such as "500m" or "1.5"'],
    [{ limits: { memory: "500m" } }, "a limits.memory that is no amount of memory"],
    [{ requests: { cpu: "0.0001" } }, "a requests.cpu that is no amount of CPU"],
    [{ requests: { cpu: -1 } }, "a requests.cpu that is no amount of CPU"],
    [{ requests: { cpu: ["1"] } }, "a requests.cpu that is no amount of CPU"],
    [{ requests: { memory: "1.5" } }, "a requests.memory that is no amount of memory"],
    [{ requests: { memory: "1 Gi" } }, "a requests.memory that is no amount of memory"],
    [{ requests: { cpu: "501m" } }, "requests.cpu 501m above limits.cpu 500m"],
    [{ limits: { cpu: "0.2" } }, "requests.cpu 250m above limits.cpu 0.2"],
    [{ requests: { memory: "513Mi" } }, "requests.memory 513Mi above limits.memory 512Mi"],
    [
      { requests: { memory: "1Gi" }, limits: { memory: "1G" } },
      "requests.memory 1Gi above limits.memory 1G",
    ],
  ])("%j are wrong", (resources, problem) => {
    expect(found(resources)).toEqual([expect.stringContaining(`backendResources has ${problem}`)]);
  });

  test("have all that is wrong with them in one mistake", () => {
    const wrong = { requests: { cpu: "2", memory: "lots", gpu: 1 }, limit: {} };
    expect(found(wrong)).toEqual([
      [
        'backendResources has an unknown part "limit"',
        'has a requests.memory that is no amount of memory, such as "512Mi" or "1.5G": "lots"',
        'has an unknown part "requests.gpu"',
        "has requests.cpu 2 above limits.cpu 500m: set both, the request to at most the limit",
      ].join("; "),
    ]);
  });
});

describe("staging", () => {
  test("refuses what suits a laptop only, unless told so", () => {
    expect(named(mistakes({ environment: "staging" }))).toEqual([
      "betterAuthSecret",
      "databaseUrl",
      "jwtSecret",
      "llmProvider",
    ]);
    const told = {
      allowLocalDatabase: "true",
      allowOfflineModel: "true",
      allowGeneratedSecrets: "true",
    };
    expect(mistakes({ environment: "staging", ...told })).toEqual([]);
  });

  test("is content with what is its own", () => {
    const own = {
      databaseUrl: DATABASE,
      jwtSecret: LONG,
      betterAuthSecret: LONG,
      openaiApiKey: "sk-1",
    };
    expect(mistakes({ environment: "staging", ...own })).toEqual([]);
  });
});

describe("any configuration", () => {
  // Another one at each run; a failure shows it, and TEST_SEED repeats it.
  const seed = Number(process.env.TEST_SEED ?? randomInt(2 ** 31));
  const ROUNDS = 3000;

  /** Stacks without a mistake, among them some that others' defaults would make one of. */
  const RIGHT: readonly RawConfig[] = [
    {},
    { serviceType: "ClusterIP", publicUrl: "https://todo.example.com", ops: "true" },
    { serviceType: "LoadBalancer", loadBalancerIp: "10.96.0.30", logLevel: "debug" },
    { llmProvider: "openai-compatible", llmModel: "m", llmBaseUrl: "http://h/v1", replicas: "2" },
    { llmProvider: "openrouter", openaiApiKey: "k", trustedOrigins: '["http://h"]' },
    {
      environment: "staging",
      allowLocalDatabase: "true",
      allowOfflineModel: "true",
      allowGeneratedSecrets: "true",
      backendResources: '{"requests":{"cpu":"1"},"limits":{"cpu":2}}',
    },
    {
      environment: "production",
      imageDelivery: "registry",
      registry: "registry.example.com/team",
      kubeContext: "production",
      publicUrl: "https://todo.example.com",
      databaseUrl: DATABASE,
      jwtSecret: LONG,
      betterAuthSecret: LONG,
      openaiApiKey: "k",
    },
  ];

  /** Values that are wrong in each of them. A key that takes any text is wrong as a secret only. */
  const WRONG: Readonly<Record<(typeof KEYS)[number], readonly string[]>> = {
    environment: ["", "prod"],
    namespace: ["", "Todo_App", "-"],
    kubeContext: [],
    imageDelivery: ["", "push"],
    minikubeProfile: ["", "a b"],
    registry: ["https://registry.example.com", "a b"],
    platform: ["linux/386", "arm64"],
    serviceType: ["", "Ingress"],
    nodePort: ["", "80", "30000.5"],
    loadBalancerIp: ["10.96.0.300", "h"],
    externalTrafficPolicy: ["", "local"],
    trustedProxies: ["10.0.0.0/8", "{}", "[1]", '["proxy"]', '["10.0.0.0/33"]', '["::1/8/9"]'],
    publicUrl: ["todo.example.com", "https://todo.example.com/app"],
    trustedOrigins: ["http://h", "{}", '[""]', "[1]", '["h"]', '["http://h/app"]'],
    corsOrigins: ["http://h", "null", '["*"]'],
    allowedHosts: ["h", "true"],
    chatkitDomainKey: [],
    replicas: ["", "0", "21", "many"],
    backendResources: ["big", "[]", '{"limits":{"cpu":"1Mi","memory":"500m"},"limit":1}'],
    frontendResources: ['{"requests":{"cpu":"9"}}', '{"limits":{"memory":"1Ki"}}'],
    logLevel: ["", "loud"],
    llmProvider: ["mine"],
    llmModel: [],
    llmBaseUrl: ["h", "ftp://h", "http://h/v1?key=hunter2"],
    httpsProxy: ["proxy.example.com", "http://proxy.example.com/path"],
    noProxy: ["h", '["https://h"]', '["10.0.0.0/8 "]'],
    caCertificates: ["company", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"],
    databasePoolSize: ["0", "101"],
    chatRetentionDays: ["-1", "3651"],
    deletedTasksDays: ["0", "ever"],
    localDatabasePort: ["80", "65536"],
    rolloutTimeoutSeconds: ["19", "3m"],
    keptDeployments: ["0", "51"],
    ops: ["", "yes"],
    blueprintExceptions: [
      "kubernetes/resources",
      "{}",
      '[{"rule":"kubernetes/resources","reason":"a reason","until":"2026-02-30"}]',
    ],
    allowLocalDatabase: ["yes"],
    allowOfflineModel: ["", "1"],
    allowGeneratedSecrets: ["TRUE"],
    databaseUrl: ["mysql://h/d", "postgresql://h"],
    jwtSecret: ["short"],
    betterAuthSecret: ["short"],
    openaiApiKey: ["sk hunter2", "sk-hunter2\n"],
  };
  const isSecret = (key: string): boolean => (SECRET_KEYS as readonly string[]).includes(key);

  test("has each wrong key named exactly once, and no right one", () => {
    const random = randomNumbers(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const raw: Record<string, string | undefined> = { ...pick(random, RIGHT) };
      const secretKeys = new Set<string>(SECRET_KEYS);
      const wrong: string[] = [];
      const share = random();
      for (const key of KEYS) {
        if (random() > share) continue;
        wrong.push(key);
        // Set the other way than its kind is, or to a wrong value.
        if (WRONG[key].length === 0 || random() < 0.2) {
          raw[key] ||= "hunter2";
          if (isSecret(key)) secretKeys.delete(key);
          else secretKeys.add(key);
        } else {
          raw[key] = pick(random, WRONG[key]);
        }
      }
      for (const unknown of ["colour", "databaseURL", "toString"]) {
        if (random() > share) continue;
        wrong.push(unknown);
        raw[unknown] = "hunter2";
      }
      const found = mistakes(raw, [...secretKeys]);
      const told = { seed, round, raw, secretKeys: [...secretKeys] };
      expect({ ...told, named: named(found) }).toEqual({ ...told, named: wrong.sort() });
      expect({ ...told, text: found.join() }).toEqual({
        ...told,
        text: expect.not.stringContaining("hunter2"),
      });
    }
  });

  test("has any value of any key accepted, or named in a mistake", () => {
    const random = randomNumbers(seed);
    const values = [
      ...["", "0", "1", "30000", "true", "minikube", "registry", "a b", "http://h"],
      ...["[]", "{}", '["x"]', "\u0000", LONG],
    ];
    for (let round = 0; round < ROUNDS; round++) {
      const raw = { [pick(random, KEYS)]: pick(random, values) };
      const keys = named(mistakes(raw));
      const told = { seed, raw };
      expect({ ...told, keys: [...new Set(keys)] }).toEqual({ ...told, keys });
      for (const key of keys) expect(KEYS).toContain(key);
    }
  });
});

describe("a password in a value that everybody sees", () => {
  test.each<[string, string]>([
    ["llmBaseUrl", "https://ann:s3cr3t@models.example.com/v1"],
    ["llmBaseUrl", "https://s3cr3t@models.example.com/v1"],
    ["llmBaseUrl", "ann:s3cr3t@models.example.com/v1"],
    ["publicUrl", "https://ann:s3cr3t@todo.example.com"],
    ["trustedOrigins", '["https://ann:s3cr3t@todo.example.com"]'],
    ["corsOrigins", '["https://ann:s3cr3t@todo.example.com"]'],
    ["registry", "ann:s3cr3t@registry.example.com/team"],
  ])("is refused in %s, and not repeated: %s", (key, value) => {
    const [mistake, ...others] = mistakes({ [key]: value });
    expect(mistake).toMatch(new RegExp(`^${key} must have no user or password in it`));
    expect(others).toEqual([]);
    expect(mistake).not.toContain("s3cr3t");
  });

  test("is named with the key that it belongs into", () => {
    const [mistake] = mistakes({ llmBaseUrl: "https://ann:s3cr3t@models.example.com/v1" });
    expect(mistake).toMatch(/openaiApiKey, set with --secret$/);
  });

  test("is no password where @ means something else", () => {
    const raw = { llmBaseUrl: "https://models.example.com/@team/v1", llmModel: "a:b@c" };
    expect(settings({ ...raw, kubeContext: "admin@cluster" }).llm.baseUrl).toBe(raw.llmBaseUrl);
  });
});

describe("a company's network", () => {
  const [AUTHORITY = ""] = rootCertificates;

  it("is a proxy, what goes round it, and authorities of its own", () => {
    const httpsProxy = "http://proxy.example.com:3128";
    const noProxy = ["models.corp", ".example.com", "10.1.2.3"];
    const caCertificates = `# Company CA\n${AUTHORITY}\n${AUTHORITY}`;
    const raw = { httpsProxy, noProxy: JSON.stringify(noProxy), caCertificates };
    expect(settings(raw).network).toEqual({
      ...{ httpsProxy, noProxy, caCertificates: `${caCertificates}\n` },
    });
    expect(settings({}).network).toEqual({
      ...{ httpsProxy: undefined, noProxy: [], caCertificates: "" },
    });
  });

  it("keeps its private key to itself", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----";
    const [mistake] = mistakes({ caCertificates: `${AUTHORITY}\n${key}` });
    expect(mistake).toBe("caCertificates has a private key in it: only certificates belong there");
  });
});
