import { join } from "node:path";
import { violations } from "../../../policy/resources";
import { goodRelease } from "../support/good-release";

const root = join(__dirname, "../../..");
const OBJECTS = "pulumi-nodejs:dynamic/todo-app:DeployedObjects";

function ids(found: ReturnType<typeof violations>): string[] {
  return found.map(({ finding, urn }) => `${finding.rule.id} ${urn}`);
}

test("the objects of a release are looked into, by the resource that shows them", () => {
  const [deployment] = goodRelease();
  const resource = { type: OBJECTS, name: "objects", urn: "urn:objects" };
  const props = { objects: { "Deployment/todo-app-backend": deployment } };
  expect(violations([{ ...resource, props }], root)).toEqual([]);
  delete deployment?.spec?.template?.spec?.enableServiceLinks;
  expect(ids(violations([{ ...resource, props }], root))).toEqual([
    "kubernetes/no-service-links urn:objects",
  ]);
});

test("objects that a program makes itself are looked at as they are", () => {
  const props = { apiVersion: "v1", kind: "Namespace", metadata: { name: "lab" } };
  const resource = { type: "kubernetes:core/v1:Namespace", name: "lab", urn: "urn:lab", props };
  expect(ids(violations([resource], root))).toEqual(["kubernetes/namespace-restricted urn:lab"]);
});

test("charts and Dockerfiles are looked at where their files are", () => {
  const release = { type: "kubernetes:helm.sh/v3:Release", name: "r", urn: "urn:release" };
  const image = { type: "docker:index/image:Image", name: "i", urn: "urn:image" };
  const files = (folder: string): ReturnType<typeof violations> =>
    violations(
      [
        { ...release, props: { chart: `${folder}/chart` } },
        { ...image, props: { build: { dockerfile: `${folder}/Dockerfile` } } },
      ],
      root,
    );
  expect(ids(files("tests/unit/cli/verify/foreign"))).toEqual(
    expect.arrayContaining(["helm/default-tags urn:release", "docker/user urn:image"]),
  );
  expect(files("nowhere")).toEqual([]);
});
