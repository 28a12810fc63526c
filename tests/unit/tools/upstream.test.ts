import { expectedSha256 } from "../../../tools/upstream";

const A = "a".repeat(64);
const B = "b".repeat(64);

describe("the checksum of a release file", () => {
  it("is read from a file that holds the digest alone", () => {
    expect(expectedSha256(`${A}\n`, "kubectl")).toBe(A);
  });

  it("is found by name in a list in sha256sum's format", () => {
    expect(expectedSha256(`${A}  other.tar.gz\n${B} *tool.tar.gz\n`, "tool.tar.gz")).toBe(B);
  });

  it("is missing where the list names only other files", () => {
    expect(expectedSha256(`${A}  other.tar.gz\n`, "tool.tar.gz")).toBeUndefined();
  });

  it("is missing where the answer is no digest, such as an error page", () => {
    expect(expectedSha256("<html>Not found</html>", "tool")).toBeUndefined();
  });
});
