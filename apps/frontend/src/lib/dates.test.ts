import { expect, it } from "vitest";
import { addDays, dayOf, nextMonday } from "./dates";

it("a day is the reader's, with two digits each for month and day", () => {
  expect(dayOf(new Date(2026, 0, 5, 0, 0, 1))).toBe("2026-01-05");
  expect(dayOf(new Date(2026, 10, 30, 23, 59, 59))).toBe("2026-11-30");
});

it.each([
  ["2026-01-31", 1, "2026-02-01"],
  ["2028-02-28", 1, "2028-02-29"],
  ["2026-03-01", -1, "2026-02-28"],
  ["2026-12-31", 7, "2027-01-07"],
  // Neither change of the clock makes a day longer.
  ["2026-03-28", 2, "2026-03-30"],
  ["2026-10-24", 2, "2026-10-26"],
])("%s and %i days is %s", (day, days, expected) => {
  expect(addDays(day, days)).toBe(expected);
});

it.each([
  ["Sunday", "2026-11-29", "2026-11-30"],
  ["Monday", "2026-11-30", "2026-12-07"],
  ["Tuesday", "2026-12-01", "2026-12-07"],
  ["Saturday", "2026-12-05", "2026-12-07"],
])("the Monday after a %s is still to come", (_, day, expected) => {
  expect(nextMonday(day)).toBe(expected);
});
