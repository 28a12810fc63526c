import fs, { chmodSync, chownSync, existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { removeFolder } from "../../../../cli/destroy/folders";
import { folderWith } from "../../support/folder";

const NOBODY = 65_534;

/** Does something as a user for whom modes count, as they don't for root. */
function asUser(path: string, work: () => void): void {
  if (process.geteuid?.() !== 0) {
    work();
    return;
  }
  for (const name of ["", ...readdirSync(path, { recursive: true, encoding: "utf8" })])
    chownSync(join(path, name), NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    work();
  } finally {
    process.seteuid?.(0);
  }
}

describe("a folder's removal", () => {
  it("goes through folders that can't be written, as Go's module cache has them", () => {
    const folder = folderWith({ "cache/mod/a@v1/b/c.go": "" });
    for (const name of ["cache/mod/a@v1/b", "cache/mod/a@v1"]) chmodSync(join(folder, name), 0o555);
    asUser(folder, () => removeFolder(join(folder, "cache")));
    expect(existsSync(join(folder, "cache"))).toBe(false);
  });

  it("leaves what is kept of it as it is", () => {
    const folder = folderWith({
      "runc-wrapper/1/runc-wrapper": "",
      "pulumi/1/pulumi": "",
      log: "",
    });
    chmodSync(join(folder, "runc-wrapper"), 0o555);
    removeFolder(folder, "runc-wrapper");
    expect(readdirSync(folder)).toEqual(["runc-wrapper"]);
    expect(lstatSync(join(folder, "runc-wrapper")).mode & 0o777).toBe(0o555);
    expect(existsSync(join(folder, "runc-wrapper/1/runc-wrapper"))).toBe(true);
  });

  it("that can't be for another reason says which", () => {
    const folder = folderWith({ x: "" });
    const busy = Object.assign(new Error("EBUSY: in use"), { code: "EBUSY" });
    const remove = jest.spyOn(fs, "rmSync").mockImplementation(() => {
      throw busy;
    });
    try {
      expect(() => removeFolder(folder)).toThrow(busy);
      expect(remove).toHaveBeenCalledTimes(1);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it("of one that isn't there is none", () => {
    expect(() => removeFolder(join(folderWith({}), "gone"))).not.toThrow();
  });
});
