import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import {
  ConfigError,
  KEYS,
  type RawConfig,
  readSettings,
  SECRET_KEYS,
  UNREADABLE,
} from "../../../components/config";
import { pick, randomNumbers } from "../support/random";

const root = join(__dirname, "../../..");
const DATABASE = "postgresql://user:password@db.example.com:5432/todo";
const LONG = "x".repeat(32);

function mistakes(raw: RawConfig): readonly string[] {
  try {
    readSettings(raw, "dev");
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
}

describe("defaults", () => {
  test("a stack that says nothing is a laptop's", () => {
    expect(readSettings({}, "dev")).toMatchObject({
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

  test("are the same in Pulumi.yaml, which declares known keys only", () => {
    const { config } = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
      config: Record<string, { default: string | number; type: string; description: string }>;
    };
    const declared = Object.fromEntries(
      Object.entries(config).map(([key, { default: value }]) => [key, String(value)]),
    );
    expect(
      Object.keys(declared).filter((key) => !(KEYS as readonly string[]).includes(key)),
    ).toEqual([]);
    expect(readSettings(declared, "dev")).toEqual(readSettings({}, "dev"));
  });

  test("a LoadBalancer on Minikube has an address before it is made, of its namespace's own", () => {
    const address = (raw: RawConfig) =>
      readSettings({ serviceType: "LoadBalancer", ...raw }, "dev").service.clusterIp;
    expect(address({})).toMatch(/^10\.96\.0\.(1[6-9]|[2-9]\d|1\d\d|2[0-4]\d|25[0-4])$/);
    expect(address({ namespace: "todo-app" })).toBe(address({}));
    expect(address({ namespace: "todo-app-staging" })).not.toBe(address({}));
    expect(address({ loadBalancerIp: "10.96.0.200" })).toBe("10.96.0.200");
    expect(address({ publicUrl: "http://todo.test" })).toBeUndefined();
    expect(readSettings({}, "dev").service.clusterIp).toBeUndefined();
  });

  test("the context follows the profile", () => {
    expect(readSettings({ minikubeProfile: "other" }, "dev")).toMatchObject({
      kubeContext: "other",
      delivery: { profile: "other" },
    });
  });

  test("a key chooses OpenAI, none the offline model", () => {
    expect(readSettings({ openaiApiKey: "sk-1" }, "dev").llm.provider).toBe("openai");
    expect(readSettings({ openaiApiKey: "sk-1", llmProvider: "offline" }, "dev").llm.provider).toBe(
      "offline",
    );
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
    expect(found.map((mistake) => mistake.split(" ")[0]).sort()).toEqual([
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
    [
      { environment: "staging", allowLocalDatabase: "yes" },
      "allowLocalDatabase must be true or false",
    ],
  ])("%j", (raw, message) => {
    expect(mistakes(raw)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  });

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
    expect(readSettings(raw, "dev").secrets.databaseUrl).toBe(UNREADABLE);
  });
});

describe("staging", () => {
  test("refuses what suits a laptop only, unless told so", () => {
    expect(mistakes({ environment: "staging" }).map((mistake) => mistake.split(" ")[0])).toEqual([
      "databaseUrl",
      "llmProvider",
      "jwtSecret",
      "betterAuthSecret",
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

test("any value of any key is either accepted or named in a mistake", () => {
  const random = randomNumbers(7);
  const values = [
    "",
    "0",
    "1",
    "30000",
    "true",
    "minikube",
    "registry",
    "a b",
    "http://h",
    "[]",
    "{}",
    '["x"]',
    "\u0000",
    LONG,
  ];
  for (let round = 0; round < 2000; round++) {
    const key = pick(random, KEYS);
    const value = pick(random, values);
    for (const mistake of mistakes({ [key]: value })) expect(KEYS).toContain(mistake.split(" ")[0]);
  }
});
