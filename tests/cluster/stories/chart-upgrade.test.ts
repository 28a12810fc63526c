/**
 * From the chart that was released last to today's, by Helm alone, while people use the release.
 *
 * - CHART_TEST_RELEASED   git revision of the released chart; the last tag unless said, or version 0.1.0's last commit
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../common/run";
import { readProfile } from "../../../components/minikube/profile";
import { chart as currentChart, repository } from "../../chart/support";
import { TESTS_PROFILE } from "../../support/profile";
import { ChartRelease, RELEASE } from "../support/chart-release";
import { figure } from "../support/figures";
import { failures, KINDS, Load } from "../support/load";

jest.setTimeout(8 * 60_000);

/** The last commit of version 0.1.0, which has no tag. */
const FIRST_VERSION = "c5885177e5aa5a9531c029309cb2bb17bbfe4cea";
const NAME = "chart-test-upgrade";
const NODE_PORT = 30_992;
const USERS = 3;
/** Requests before and after, so that what comes late is seen. */
const AROUND = 40;

const released = releasedRevision();
const left = released ? "" : " (left out: this clone has no release; git fetch --unshallow --tags)";

(released ? describe : describe.skip)(`a release of the chart before${left}`, () => {
  const work = mkdtempSync(join(tmpdir(), "chart-released-"));
  const release = new ChartRelease(NAME);
  let load: Load;

  beforeAll(() => release.create());
  afterAll(async () => {
    await load?.stop();
    await release.remove();
    rmSync(work, { recursive: true });
  });

  it("is upgraded to today's chart, every pod replaced, without a failed request (FR-019, FR-047, SC-013)", async () => {
    const before = await unpack(released ?? "", work);
    const url = `http://${readProfile(TESTS_PROFILE)?.ip}:${NODE_PORT}`;
    // What a new version brings beside the chart are new images: an annotation replaces the pods as they would.
    const flags = (version: string): string[] => {
      const podAnnotations = { "test/version": version };
      const service = { type: "NodePort", nodePort: NODE_PORT };
      const frontend = { publicUrl: url, service, podAnnotations };
      const file = release.values({ backend: { podAnnotations }, frontend });
      return ["--values", file, "--wait", "--timeout=4m"];
    };
    await release.succeed(["install", RELEASE, before, ...flags("before")]);
    load = await Load.start(url, USERS);
    await load.reach(AROUND);
    const pods = await release.namespace.podNames();

    const from = Date.now();
    await release.succeed(["upgrade", RELEASE, currentChart, ...flags("now")]);
    await load.reach(load.outcomes.length + AROUND);
    const outcomes = await load.within(from, Date.now());

    const history = await release.history();
    expect(history.map(({ status }) => status)).toEqual(["superseded", "deployed"]);
    const after = await release.namespace.podNames();
    expect(after).toHaveLength(2);
    expect(after.filter((name) => pods.includes(name))).toEqual([]);
    figure(
      "SC-013",
      "upgrade from the released chart: requests meanwhile",
      outcomes.length,
      "requests",
    );
    expect(failures(outcomes)).toEqual({});
    for (const kind of KINDS) expect(outcomes.map((outcome) => outcome.kind)).toContain(kind);
  });
});

/** The revision of the last release; undefined where a shallow clone hasn't got it. */
function releasedRevision(): string | undefined {
  const git = (...args: string[]) =>
    spawnSync("git", args, {
      cwd: repository,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  const asked = process.env.CHART_TEST_RELEASED;
  const tag = git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*").stdout.trim();
  const revision = asked || tag || FIRST_VERSION;
  return git("cat-file", "-e", `${revision}^{commit}`).status === 0 ? revision : undefined;
}

/** Unpacks the chart of a revision. @returns its folder */
async function unpack(revision: string, folder: string): Promise<string> {
  const archive = join(folder, "chart.tar");
  const paths = ["--output", archive, revision, "helm/todo-app"];
  await run("git", ["archive", ...paths], { cwd: repository });
  await run("tar", ["--extract", "--file", archive, "--directory", folder]);
  return join(folder, "helm/todo-app");
}
