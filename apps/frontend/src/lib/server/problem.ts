import type { Schema } from "../api/types";

/** What the page and other clients are told of a request that failed: RFC 9457, as the back end does. */
export interface Problem {
  /** HTTP status code. */
  status: number;
  /** The kind of problem, stable and in kebab case; `type` is `urn:todo-app:problem:<slug>`. */
  slug: string;
  /** What happened and what to do, for people. Holds no secrets. */
  detail: string;
  /** Further response headers. */
  headers?: Record<string, string>;
  /** Further members of the document. */
  extra?: Record<string, unknown>;
}

/** Where a problem came up. */
export interface ProblemContext {
  /** Path of the request. */
  instance: string;
  /** The same as in the `X-Request-Id` header and in the log. */
  requestId: string;
}

const TYPE_PREFIX = "urn:todo-app:problem:";

// As HTTP names them. 499 isn't HTTP's and never reaches anybody.
const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** A problem as a response. */
export function problemResponse(
  { status, slug, detail, headers, extra }: Problem,
  { instance, requestId }: ProblemContext,
): Response {
  const body = {
    ...extra,
    type: `${TYPE_PREFIX}${slug}`,
    title: TITLES[status] ?? "Error",
    status,
    detail,
    instance,
    request_id: requestId,
  } satisfies Schema<"ProblemDetails">;
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-request-id": requestId,
      ...headers,
    },
  });
}
