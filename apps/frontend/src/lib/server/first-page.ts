import { headers } from "next/headers";
import type { Page, ThreadItem, ThreadMetadata } from "../chat/protocol";
import type { FirstPage } from "../first-page";
import { viewOf } from "../navigation";
import { PATH_HEADER } from "../redirects";
import { type TaskPage, taskPagePath } from "../tasks/client";
import type { TaskOrder } from "../tasks/views";
import { getAuth } from "./auth";
import { cookieNames, withAdoptedSession } from "./cookies";
import { serverEnv } from "./env";
import { describeError, log } from "./log";
import { within } from "./time-limit";
import { traceContext } from "./trace-context";

/** How long a page waits for what it begins with, in milliseconds; the browser asks itself then. */
const LIMIT_MS = 1_500;

const THREAD_ID = /^[A-Za-z0-9_-]{1,128}$/;

/** What the page at this address begins with, as far as the back end tells it in time. */
export async function readFirstPage(userId: string, taskOrder: TaskOrder): Promise<FirstPage> {
  const requestHeaders = await headers();
  const path = requestHeaders.get(PATH_HEADER) ?? "";
  const view = viewOf(path.split("?")[0] ?? "");
  const named = view?.name === "chat" ? view.threadId : null;
  const threadId = named !== null && THREAD_ID.test(named) ? named : null;
  const trace = traceContext(requestHeaders);
  try {
    const own = withAdoptedSession(requestHeaders, cookieNames(serverEnv().publicUrl));
    const token = await within(
      LIMIT_MS,
      "making a token",
      getAuth().api.getToken({ headers: own }),
    ).then((answer) => answer.token);
    const signal = AbortSignal.timeout(LIMIT_MS);
    const ask = async <Answer>(path: string, body?: object): Promise<Answer | undefined> => {
      const response = await fetch(`${serverEnv().backendUrl}${path}`, {
        headers: {
          authorization: `Bearer ${token}`,
          ...trace.headers,
          ...(body && { "content-type": "application/json" }),
        },
        ...(body && { method: "POST", body: JSON.stringify(body) }),
        cache: "no-store",
        signal,
      });
      return response.ok ? ((await response.json()) as Answer) : undefined;
    };
    const askChat = <Answer>(type: string, params: object): Promise<Answer | undefined> =>
      ask("/chatkit", { type, params });
    const [threads, items, tasks] = await Promise.all([
      askChat<Page<ThreadMetadata>>("threads.list", { limit: 30, order: "desc" }),
      threadId === null
        ? undefined
        : askChat<Page<ThreadItem>>("items.list", {
            thread_id: threadId,
            limit: 100,
            order: "desc",
          }),
      ask<TaskPage>(taskPagePath(null, taskOrder)),
    ]);
    return { threadId, threads, items, tasks, taskOrder };
  } catch (error) {
    log("info", "first_page.missing", {
      request_id: trace.requestId,
      trace_id: trace.traceId,
      user_id: userId,
      ...describeError(error),
    });
    return { threadId, taskOrder };
  }
}
