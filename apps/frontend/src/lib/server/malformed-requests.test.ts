import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it } from "vitest";
import { BAD_REQUEST_PATH, installMalformedRequests, isDecodable } from "./malformed-requests";

it.each(["/", "/chat/%F0%9F%98%80", "/x?next=%", "/a%2Fb", "/%00", "http://todo.example/chat"])(
  "%s can be understood",
  (target) => {
    expect(isDecodable(target)).toBe(true);
  },
);

it.each([
  "*",
  "",
  "chat",
  "/%",
  "/%zz",
  "/api/auth/%ff",
  "/chat/%c0%ae?x=1",
  "http://x/%u0041",
  "http://",
])("%s can't", (target) => {
  expect(isDecodable(target)).toBe(false);
});

it("requests that would throw reach the server as ones that it answers", async () => {
  installMalformedRequests();
  const server = createServer((request, response) => {
    const { "next-router-state-tree": state } = request.headers;
    response.end(`${request.method} ${request.url} ${state}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const send = (start: string, host = "x", state = "") =>
    new Promise<string>((resolve) => {
      const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
      let answer = "";
      socket.on("data", (piece) => {
        answer += piece;
      });
      socket.on("close", () => resolve(answer.split("\r\n\r\n")[1] ?? ""));
      socket.end(
        `${start} HTTP/1.1\r\nhost: ${host}\r\nnext-router-state-tree: ${state}\r\nconnection: close\r\n\r\n`,
      );
    });
  try {
    expect(await send("TRACE /chat")).toContain("UNSUPPORTED /chat");
    expect(await send("GET /%ff")).toContain(`GET ${BAD_REQUEST_PATH}`);
    for (const state of ["%", "[", '[""]', '["",{"children":[]}]', "{}", "null"]) {
      expect(await send("GET /chat", "x", state)).toBe("GET /chat undefined");
    }
    const state = encodeURIComponent('["",{"children":["chat",{}]},null,null,true]');
    expect(await send("GET /chat", "x", state)).toBe(`GET /chat ${state}`);
    expect(await send("GET /chat", "")).toContain(`GET ${BAD_REQUEST_PATH}`);
    expect(await send("GET /chat", "[")).toContain(`GET ${BAD_REQUEST_PATH}`);
    expect(await send("GET /chat?x=%")).toContain("GET /chat?x=%");
  } finally {
    server.close();
  }
});
