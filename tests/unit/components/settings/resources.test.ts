import { DEFAULT_RESOURCES, readResources } from "../../../../components/settings/resources";

/** What is wrong with a container's resources. */
function problems(requests: unknown, limits?: unknown): string[] {
  const found: string[] = [];
  readResources({ requests, ...(limits === undefined ? {} : { limits }) }, found);
  return found;
}

describe("a request", () => {
  test.each([
    ["500m", "0.5"],
    ["0.499", "500m"],
    ["1", "1000m"],
    ["1.5", "1500m"],
    ["1001m", "1.001"],
    [1, 1],
  ])("of %s CPU may have a limit of %s", (request, limit) => {
    expect(problems({ cpu: request }, { cpu: limit })).toEqual([]);
  });

  test.each([
    ["501m", "0.5"],
    ["0.5", "499m"],
    ["1.001", "1"],
  ])("of %s CPU is above %s", (request, limit) => {
    expect(problems({ cpu: request }, { cpu: limit })).toEqual([
      `has requests.cpu ${request} above limits.cpu ${limit}: set both, the request to at most the limit`,
    ]);
  });

  // From one unit to the next, what is just as much and what is one byte more.
  test.each([
    ["1k", "1000", "1001"],
    ["1Ki", "1024", "1025"],
    ["1M", "1000k", "1001k"],
    ["1Mi", "1024Ki", "1025Ki"],
    ["1G", "1000M", "1001M"],
    ["1Gi", "1024Mi", "1025Mi"],
    ["1.5Gi", "1536Mi", "1537Mi"],
  ])("of memory may be its limit of %s: %s, not %s", (limit, same, more) => {
    expect(problems({ memory: same }, { memory: limit })).toEqual([]);
    expect(problems({ memory: limit }, { memory: same })).toEqual([]);
    expect(problems({ memory: more }, { memory: limit })).toEqual([
      expect.stringContaining(`requests.memory ${more} above limits.memory ${limit}`),
    ]);
  });
});

test("what isn't said is the usual", () => {
  const found: string[] = [];
  expect(readResources({ limits: { memory: "1Gi" } }, found)).toEqual({
    requests: DEFAULT_RESOURCES.requests,
    limits: { cpu: "500m", memory: "1Gi" },
  });
  expect(found).toEqual([]);
  expect(problems({ cpu: "600m" })).toEqual([
    expect.stringContaining("requests.cpu 600m above limits.cpu 500m"),
  ]);
});

test.each([
  [[], ["must have requests and limits"]],
  [null, ["must have requests and limits"]],
  ["1", ["must have requests and limits"]],
  [{ requests: {}, claims: 1 }, ['has an unknown part "claims"']],
  [{ requests: [] }, ["must have cpu and memory in requests"]],
  [{ limits: null, requests: 7 }, ["must have cpu and memory in requests"]],
  [{ limits: { disk: "1" } }, ['has an unknown part "limits.disk"']],
  [
    { limits: { cpu: "1.0001" } },
    [expect.stringMatching(/^has a limits\.cpu .* "500m" or "1\.5": "1\.0001"$/)],
  ],
  [{ limits: { cpu: true } }, [expect.stringMatching(/: true$/)]],
  [
    { limits: { memory: "1Ti" } },
    [expect.stringMatching(/^has a limits\.memory .* "512Mi" or "1\.5G": "1Ti"$/)],
  ],
  [{ limits: { memory: "1.5" } }, [expect.stringMatching(/: "1\.5"$/)]],
])("%j is told what is wrong with it", (value, expected) => {
  const found: string[] = [];
  readResources(value, found);
  expect(found).toEqual(expected);
});
