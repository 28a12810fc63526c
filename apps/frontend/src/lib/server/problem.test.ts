import { expect, it } from "vitest";
import { problemResponse } from "./problem";

const context = { instance: "/api/x", requestId: "r1" };

it("is told in full, as it is, to be kept by nobody", async () => {
  const response = problemResponse(
    {
      ...{ status: 429, slug: "rate-limited", detail: "Wait." },
      headers: { "retry-after": "2" },
      extra: { code: "TOO_MANY", status: 1 },
    },
    context,
  );
  expect(response.status).toBe(429);
  expect(Object.fromEntries(response.headers)).toEqual({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-request-id": "r1",
    "retry-after": "2",
  });
  expect(await response.json()).toEqual({
    code: "TOO_MANY",
    type: "urn:todo-app:problem:rate-limited",
    title: "Too Many Requests",
    status: 429,
    detail: "Wait.",
    instance: "/api/x",
    request_id: "r1",
  });
});

it.each([
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [409, "Conflict"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
  [422, "Unprocessable Content"],
  [500, "Internal Server Error"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [418, "Error"],
])("has HTTP's name for status %i: %s", async (status, title) => {
  const response = problemResponse({ status, slug: "x", detail: "x" }, context);
  expect((await response.json()).title).toBe(title);
});
