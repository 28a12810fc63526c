import {
  credentialsKey,
  parseReference,
  registryOf,
} from "../../../../../tools/offline/plugins/docker/reference";

test.each([
  ["debian", { domain: "docker.io", name: "docker.io/library/debian" }],
  ["user/app:1", { domain: "docker.io", name: "docker.io/user/app", tag: "1" }],
  [
    "localhost:5000/app:1-abc",
    { domain: "localhost:5000", name: "localhost:5000/app", tag: "1-abc" },
  ],
  ["ghcr.io/a/b/c", { domain: "ghcr.io", name: "ghcr.io/a/b/c" }],
  ["index.docker.io/debian", { domain: "docker.io", name: "docker.io/library/debian" }],
])("%s is read as docker reads it", (text, expected) => {
  expect(parseReference(text)).toEqual(expected);
});

test.each(["", "a b", "a:", "-a", "a//b", ":1"])("%j is no reference", (text) => {
  expect(() => parseReference(text)).toThrow(/^invalid reference format/);
});

test("an upper-case repository is told apart", () => {
  expect(() => parseReference("user/App")).toThrow("repository name (user/App) must be lowercase");
});

test("a name to push must be in full", () => {
  expect(registryOf("docker.io/user/app:1")).toBe("docker.io");
  expect(registryOf("localhost:5000/app@sha256:".padEnd(90, "a"))).toBe("localhost:5000");
  for (const short of ["app:1", "user/app", "docker.io/app"]) {
    expect(() => registryOf(short)).toThrow(
      `"${short}": repository name must be canonical.\nThis resource requires all image names to be fully qualified.`,
    );
  }
});

test.each([
  ["", "docker.io/user/app:1", "https://index.docker.io/v1/"],
  ["", "ghcr.io/user/app:1", "ghcr.io"],
  ["https://registry.example.com/v2/", "app", "registry.example.com"],
])("the credentials of server %j and image %j are under %s", (server, image, key) => {
  expect(credentialsKey(server, image)).toBe(key);
});
