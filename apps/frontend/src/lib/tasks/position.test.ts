import { describe, expect, it } from "vitest";
import { byPosition, lastPosition, positionAt } from "./position";

/** As the back end has it at first: by the time of adding. */
const at = (micros: number, id = "7f6c") => ({
  position: `n${micros.toString(16).padStart(14, "0")}${id}8`,
});
/** What the back end takes. */
const POSITION = /^n[0-9a-f]{14}([0-9a-f]*[1-9a-f])?$/;

describe("positionAt", () => {
  const now = 1_900_000_000_000_000;
  const others = [at(now), at(now + 1), at(now + 5_000_000)];

  it.each([0, 1, 2, 3])("is between those before and after place %d", (index) => {
    const position = positionAt(others, index);
    expect(position).toMatch(POSITION);
    const placed = [...others, { position }].sort(byPosition);
    expect(placed.findIndex((one) => one.position === position)).toBe(index);
  });

  it("leaves room however often one moves to the top, to the end, or into the same place", () => {
    let [top, middle, end] = [at(now), at(now + 1), at(now + 5_000_000)];
    for (let move = 0; move < 2_000; move += 1) {
      top = { position: positionAt([top], 0) };
      middle = { position: positionAt([at(now), middle], 1) };
      end = { position: positionAt([end], 1) };
    }
    for (const { position } of [top, middle, end]) expect(position).toMatch(POSITION);
    expect(top.position).toHaveLength(15);
    expect(end.position).toHaveLength(15);
    // What the back end keeps is four times as much.
    expect(middle.position.length).toBeLessThan(600);
  });

  it.each([
    ["n10000000000000", "n30000000000000", "n20000000000000"],
    ["n10000000000000", "n20000000000000", "n18000000000000"],
    ["n00000000000001", "n00000000000002", "n000000000000018"],
    ["n00000000000001", "n000000000000011", "n0000000000000108"],
  ])("is half way between %s and %s, in as few digits as will do", (low, high, between) => {
    expect(positionAt([{ position: low }, { position: high }], 1)).toBe(between);
  });

  it("is the next whole number at both ends, and the first one where there is nothing", () => {
    const one = [{ position: "n0000000000000a" }];
    expect(positionAt(one, 0)).toBe("n00000000000009");
    expect(positionAt(one, 1)).toBe("n0000000000000b");
    expect(positionAt([], 0)).toBe("n00000000000001");
  });

  it("goes behind tasks that have one position between them", () => {
    const same = [at(now), at(now), at(now + 9)];
    const position = positionAt(same, 1);
    expect(position > at(now).position && position < at(now + 9).position).toBe(true);
  });

  it("is before a task that is added later", () => {
    expect(positionAt(others, 3) < at(now + 6_000_000).position).toBe(true);
  });
});

describe("lastPosition", () => {
  it("is behind all, in whatever order they are given", () => {
    expect(lastPosition([at(7), at(9), at(8)]) > at(9).position).toBe(true);
    expect(lastPosition([])).toBeTruthy();
  });
});
