import { describe, expect, it } from "vitest";
import { groupThreads, matches } from "./thread-groups";

const thread = (title: string, updated_at: string) => ({
  id: title,
  title,
  created_at: "2029-01-01T12:00:00",
  updated_at,
});

describe("groupThreads", () => {
  const threads = [
    thread("a", "2030-01-15T08:00:00"),
    thread("b", "2030-01-15T00:01:00"),
    thread("c", "2030-01-14T23:59:00"),
    thread("d", "2030-01-10T12:00:00"),
    thread("e", "2029-12-20T12:00:00"),
    thread("f", "2029-06-01T12:00:00"),
  ];

  it("puts conversations under the day they are of, by the reader's clock", () => {
    const groups = groupThreads(threads, "2030-01-15");
    expect(groups.map(({ label, threads: group }) => [label, group.map(({ id }) => id)])).toEqual([
      ["Today", ["a", "b"]],
      ["Yesterday", ["c"]],
      ["Last 7 days", ["d"]],
      ["Last 30 days", ["e"]],
      ["Older", ["f"]],
    ]);
  });

  it("has one group where the day isn't known", () => {
    expect(groupThreads(threads, null)).toEqual([{ label: "Conversations", threads }]);
  });
});

describe("matches", () => {
  it.each([
    ["milk", true],
    ["MILK add", true],
    ["milk bread", false],
  ])("looks for all words of %j", (search, found) => {
    expect(matches(thread("Add milk", ""), search)).toBe(found);
  });
});
