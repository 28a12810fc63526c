import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { tryRun } from "../../common/run";
import {
  chart,
  describedPaths,
  findExecutable,
  helm,
  parseObjects,
  renderings,
  template,
} from "./support";

// Each rendering starts a process; a busy machine takes its time.
jest.setTimeout(120_000);

describe("FR-055, SC-007: helm lint --strict", () => {
  it.each(renderings)("has nothing to say about $name", async ({ files }) => {
    const result = await helm([
      "lint",
      "--strict",
      chart,
      ...files.flatMap((file) => ["--values", file]),
    ]);
    const findings = `${result.stdout}\n${result.stderr}`
      .split("\n")
      .filter((line) => /\[(WARNING|ERROR)\]|level=(WARN|ERROR)|funcMap fail/i.test(line));
    expect(findings).toEqual([]);
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("1 chart(s) linted, 0 chart(s) failed");
  });
});

describe("FR-055: helm template", () => {
  it.each(renderings)("renders $name without a word on standard error", async ({ files }) => {
    const result = await template({ files });
    expect(result.stderr).toBe("");
    expect(result.code).toBe(0);
    const kinds = parseObjects(result.stdout).map((item) => item.kind);
    expect(kinds.filter((kind) => kind === "Deployment")).toHaveLength(2);
    expect(kinds.filter((kind) => kind === "Service")).toHaveLength(2);
  });
});

describe("values.schema.json", () => {
  const refusals: [set: Record<string, string>, path: string, reason: RegExp][] = [
    [{ replicas: "2" }, "", /replicas/],
    [{ "backend.replicas": "2" }, "/backend", /'replicas' not allowed/],
    [{ "frontend.image.tga": "1" }, "/frontend/image", /'tga' not allowed/],
    [{ "global.enviroment": "staging" }, "/global", /'enviroment' not allowed/],
    [{ "database.url": "x" }, "/database", /'url' not allowed/],
    [{ "secrets.openAiKey": "x" }, "/secrets", /'openAiKey' not allowed/],
    [{ "serviceAccount.token": "true" }, "/serviceAccount", /'token' not allowed/],
    [{ "tests.enable": "true" }, "/tests", /'enable' not allowed/],
    [{ "backend.probes.liveness.pth": "/x" }, "/backend/probes/liveness", /'pth' not allowed/],
    [{ "backend.resources.limits.cpus": "1" }, "/backend/resources/limits", /'cpus' not allowed/],
    // It would stand in the ConfigMap, for everybody to read.
    [{ "backend.llm.baseUrl": "https://ann:s3cr3t@h/v1" }, "/backend/llm/baseUrl", /pattern/],
    [{ "frontend.publicUrl": "https://ann:s3cr3t@h" }, "/frontend/publicUrl", /pattern/],
    [{ "frontend.publicUrl": "https://h?x=1" }, "/frontend/publicUrl", /pattern/],
    [{ "backend.replicaCount": "two" }, "/backend/replicaCount", /want integer/],
    [{ "backend.replicaCount": "-1" }, "/backend/replicaCount", /minimum/],
    [{ "database.poolSize": "0" }, "/database/poolSize", /minimum/],
    [{ "global.environment": "prod" }, "/global/environment", /one of/],
    [{ "global.logLevel": "loud" }, "/global/logLevel", /one of/],
    [{ "backend.llm.provider": "oracle" }, "/backend/llm/provider", /one of/],
    [{ "backend.llm.baseUrl": "https://h/v1?key=s3cr3t" }, "/backend/llm/baseUrl", /pattern/],
    [{ "backend.podLabels.team": "a b" }, "/backend/podLabels/team", /pattern/],
    [{ "backend.podLabels.a b": "c" }, "/backend/podLabels", /'a b' not allowed/],
    [{ "frontend.podAnnotations.-a": "b" }, "/frontend/podAnnotations", /'-a' not allowed/],
    [{ [`global.commonLabels.${"x".repeat(64)}`]: "b" }, "/global/commonLabels", /x' not allowed/],
    [{ "backend.llm.baseUrl": "host:11434" }, "/backend/llm/baseUrl", /pattern/],
    [{ "backend.image.pullPolicy": "Sometimes" }, "/backend/image/pullPolicy", /one of/],
    [{ "frontend.service.type": "Ingress" }, "/frontend/service/type", /one of/],
    [{ "frontend.service.port": "65536" }, "/frontend/service/port", /maximum/],
    [{ "frontend.service.nodePort": "high" }, "/frontend/service/nodePort", /want null or integer/],
    [{ "frontend.publicUrl": "todo.example.com" }, "/frontend/publicUrl", /pattern/],
    [{ "frontend.trustedOrigins[0]": "*" }, "/frontend/trustedOrigins/0", /pattern/],
    [{ "frontend.trustedProxies[0]": "proxy" }, "/frontend/trustedProxies/0", /pattern/],
    [
      { "frontend.service.externalTrafficPolicy": "local" },
      "/frontend/service/externalTrafficPolicy",
      /one of/,
    ],
    [
      { "backend.terminationGracePeriodSeconds": "9" },
      "/backend/terminationGracePeriodSeconds",
      /minimum: got 9, want 10/,
    ],
    [{ "backend.probes.startup.path": "health" }, "/backend/probes/startup/path", /pattern/],
    [{ "backend.resources": "null" }, "/backend", /missing property 'resources'/],
    [{ "backend.extraEnv[0].value": "x" }, "/backend/extraEnv/0", /missing property 'name'/],
    [{ "frontend.fullnameOverride": "Todo_App" }, "/frontend/fullnameOverride", /pattern/],
  ];

  it.each(refusals)("refuses %j and names the path", async (set, path, reason) => {
    const result = await template({ set });
    expect(result.code).not.toBe(0);
    expect(result.stdout).toBe("");
    expect(result.stderr).toContain("values don't meet the specifications of the schema");
    expect(result.stderr).toContain(`at '${path}'`);
    expect(result.stderr).toMatch(reason);
  });

  it("SC-012: never repeats a secret, whatever is wrong with it", async () => {
    const wrong: Record<string, string>[] = [
      { "secrets.databaseUrl": "mysql://todo:hunter2@db/todo" },
      { "secrets.databaseUrls": "postgresql://todo:hunter2@db/todo" },
      { "secrets.jwtSecret": "hunter2" },
      { "secrets.betterAuthSecret": "hunter2" },
      { "secrets.openaiApiKey.hunter": "hunter2" },
      { "secrets.existingSecret": "credentials", "secrets.openaiApiKey": "hunter2" },
    ];
    for (const set of wrong) {
      const result = await template({ set });
      expect(result.code).not.toBe(0);
      expect(result.stderr).not.toContain("hunter2");
    }
  });

  it("describes every value that values.yaml has, with no more", () => {
    const schema = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")) as Schema;
    const values = parse(readFileSync(join(chart, "values.yaml"), "utf8")) as Tree;
    expect(differences(values, schema, schema, "")).toEqual([]);
  });
});

describe("README.md", () => {
  const source = readFileSync(join(chart, "values.yaml"), "utf8");
  const readme = readFileSync(join(chart, "README.md"), "utf8");

  it("lists every value with its description", () => {
    const documented = describedPaths(source);
    expect(documented.size).toBeGreaterThan(100);
    for (const [path, description] of documented) {
      const row = readme.split("\n").find((line) => line.startsWith(`| ${path} | `));
      expect(row ?? `no row for ${path}`).toContain(`| ${description} |`);
    }
  });

  const helmDocs = findExecutable("HELM_DOCS_BIN", "helm-docs");
  it("is what helm-docs makes of the template", async () => {
    if (!helmDocs) throw new Error("helm-docs is not on PATH, and HELM_DOCS_BIN is not set");
    const result = await tryRun(helmDocs, [
      "--chart-search-root",
      join(chart, ".."),
      "--sort-values-order",
      "file",
      "--dry-run",
      "--log-level",
      "warning",
    ]);
    expect(result.code).toBe(0);
    expect(result.stdout.trim()).toBe(readme.trim());
  });
});

describe("the chart's own suites", () => {
  const unittest = findExecutable("HELM_UNITTEST_BIN", "helm-unittest", "untt");

  it("pass in helm-unittest", async () => {
    if (!unittest)
      throw new Error("helm-unittest is not on PATH, and HELM_UNITTEST_BIN is not set");
    const folder = mkdtempSync(join(tmpdir(), "unittest-"));
    try {
      const report = join(folder, "report.xml");
      const result = await tryRun(unittest, [
        "--color=false",
        "--file",
        "unittests/*_test.yaml",
        "--output-type",
        "JUnit",
        "--output-file",
        report,
        chart,
      ]);
      expect(result.code === 0 ? "" : result.stdout).toBe("");
      const count = [...readFileSync(report, "utf8").matchAll(/<testcase /g)].length;
      expect(count).toBeGreaterThanOrEqual(80);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("fail where the chart is wrong", async () => {
    if (!unittest)
      throw new Error("helm-unittest is not on PATH, and HELM_UNITTEST_BIN is not set");
    const folder = mkdtempSync(join(tmpdir(), "unittest-"));
    try {
      const copy = join(folder, "todo-app");
      await tryRun("cp", ["-r", chart, copy]);
      const deployment = join(copy, "templates/backend/deployment.yaml");
      const text = readFileSync(deployment, "utf8");
      writeFileSync(deployment, text.replace("maxUnavailable: 0", "maxUnavailable: 1"));
      const result = await tryRun(unittest, ["--file", "unittests/deployment_test.yaml", copy]);
      expect(result.code).not.toBe(0);
      expect(result.stdout).toContain("maxUnavailable");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

type Tree = { [key: string]: Tree | string | number | boolean | null | unknown[] };

interface Schema {
  $ref?: string;
  additionalProperties?: boolean | Schema;
  properties?: Record<string, Schema>;
  definitions?: Record<string, Schema>;
}

/** Paths that are in the values and not in the schema, or the other way round. */
function differences(values: Tree, schema: Schema, root: Schema, at: string): string[] {
  const node = resolveReference(schema, root);
  if (node.properties === undefined) return [];
  const found: string[] = [];
  if (node.additionalProperties !== false) found.push(`${at}: accepts any name`);
  // The only optional name: a quantity that the defaults don't limit.
  const optional = new Set(["ephemeral-storage"]);
  for (const key of Object.keys(node.properties)) {
    if (!(key in values) && !optional.has(key)) found.push(`${at}/${key}: not in values.yaml`);
  }
  for (const [key, value] of Object.entries(values)) {
    const child = node.properties[key];
    if (child === undefined) found.push(`${at}/${key}: not in the schema`);
    else if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      found.push(...differences(value as Tree, child, root, `${at}/${key}`));
    }
  }
  return found;
}

function resolveReference(schema: Schema, root: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const name = schema.$ref.replace("#/definitions/", "");
  const target = root.definitions?.[name];
  if (target === undefined) throw new Error(`${schema.$ref} is not defined`);
  return resolveReference(target, root);
}
