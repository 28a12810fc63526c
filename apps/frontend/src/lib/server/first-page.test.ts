import { describe, expect, it, vi } from "vitest";
import { PATH_HEADER } from "../redirects";
import { readFirstPage } from "./first-page";

const asked = vi.hoisted(() => ({ headers: new Headers() }));
const getToken = vi.hoisted(() => vi.fn(async () => ({ token: "signed" })));
vi.mock("next/headers", () => ({ headers: async () => asked.headers }));
vi.mock("./env", () => ({
  serverEnv: () => ({ backendUrl: "http://backend.example", publicUrl: "http://todo.example" }),
}));
vi.mock("./auth", () => ({ getAuth: () => ({ api: { getToken } }) }));

interface Asked {
  path: string;
  body: unknown;
  authorization: string | null;
}

/** The page of somebody at an address, and what the back end was asked for it. */
async function pageAt(path: string, answer: (path: string) => Response | Promise<Response>) {
  asked.headers = new Headers({ [PATH_HEADER]: path });
  const requests: Asked[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const { pathname, search } = new URL(url);
    requests.push({
      path: `${pathname}${search}`,
      body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
      authorization: new Headers(init.headers).get("authorization"),
    });
    return answer(pathname);
  });
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  return { first: await readFirstPage("u1", "due"), requests };
}

const empty = () => Response.json({ data: [], has_more: false });
const threads = { type: "threads.list", params: { limit: 30, order: "desc" } };

describe("the first page of somebody who is signed in", () => {
  it("has the newest conversations and the first tasks, asked for with a token of the session's", async () => {
    const { first, requests } = await pageAt("/chat", empty);
    expect(requests).toEqual([
      { path: "/chatkit", body: threads, authorization: "Bearer signed" },
      {
        path: expect.stringMatching(/^\/api\/tasks\?/),
        body: undefined,
        authorization: "Bearer signed",
      },
    ]);
    expect(first).toMatchObject({ threadId: null, taskOrder: "due", threads: { data: [] } });
    expect(first.items).toBeUndefined();
  });

  it("has the newest hundred items of the conversation that the address names", async () => {
    const { first, requests } = await pageAt("/chat/thr_1?from=list", empty);
    const params = { thread_id: "thr_1", limit: 100, order: "desc" };
    expect(requests.map(({ body }) => body)).toEqual([
      threads,
      { type: "items.list", params },
      undefined,
    ]);
    expect(first).toMatchObject({ threadId: "thr_1", items: { data: [] } });
  });

  it.each(["/chat/a%2Fb", `/chat/${"a".repeat(129)}`, "/chat/%00"])(
    "asks for no conversation that can't be one: %s",
    async (path) => {
      const { first, requests } = await pageAt(path, empty);
      expect(requests.map(({ body }) => body)).toEqual([threads, undefined]);
      expect(first.threadId).toBeNull();
    },
  );

  it("comes without what the back end refuses", async () => {
    const { first } = await pageAt("/tasks", (path) =>
      path === "/chatkit" ? new Response("", { status: 503 }) : empty(),
    );
    expect(first).toMatchObject({ threads: undefined, tasks: { data: [] } });
  });

  it("comes without anything where the back end is away: the browser asks itself", async () => {
    const { first } = await pageAt("/chat/thr_1", () => {
      throw new TypeError("fetch failed");
    });
    expect(first).toEqual({ threadId: "thr_1", taskOrder: "due" });
  });
});
