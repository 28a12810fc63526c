import { connectionsOf, fittingPool } from "../../../../components/database/connections";
import { readSettings } from "../../../../components/settings/settings";

const stack = (replicas: number, databasePoolSize: number) =>
  readSettings(
    { replicas: String(replicas), databasePoolSize: String(databasePoolSize) },
    "dev",
    [],
  );

test.each([
  [1, 5, 22],
  [2, 5, 33],
  [20, 5, 231],
  [1, 100, 402],
])("%d replicas with pools of %d may open %d connections", (replicas, pool, expected) => {
  expect(connectionsOf(stack(replicas, pool))).toBe(expected);
});

test.each([1, 3, 8, 20])("the pool that fits %d replicas is the largest that does", (replicas) => {
  const fits = fittingPool(stack(replicas, 5), 97) ?? 0;
  expect(connectionsOf(stack(replicas, fits))).toBeLessThanOrEqual(97);
  expect(connectionsOf(stack(replicas, fits + 1))).toBeGreaterThan(97);
});

test("none fits where there are more pods than connections", () => {
  expect(fittingPool(stack(20, 5), 47)).toBeUndefined();
});
