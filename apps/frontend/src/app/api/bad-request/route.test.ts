import { expect, it } from "vitest";
import { GET, POST } from "./route";

it.each([GET, POST])(
  "says that an address can't be understood, by the request's id",
  async (handle) => {
    const headers = { "x-request-id": "request-0001" };
    const response = handle(new Request("http://todo.example/api/bad-request", { headers }));
    expect(response.status).toBe(400);
    expect(response.headers.get("x-request-id")).toBe("request-0001");
    expect(await response.json()).toMatchObject({
      type: "urn:todo-app:problem:bad-request",
      instance: "/api/bad-request",
      request_id: "request-0001",
    });
  },
);
