import { BAD_REQUEST_PATH } from "@/lib/server/malformed-requests";
import { problemResponse } from "@/lib/server/problem";
import { requestId } from "@/lib/server/request-id";

export const dynamic = "force-dynamic";

/** Answers requests whose address can't be understood. */
function handle(request: Request): Response {
  const detail = "This address can't be understood. Check its host and its percent-encoded parts.";
  return problemResponse(
    { status: 400, slug: "bad-request", detail },
    { instance: BAD_REQUEST_PATH, requestId: requestId(request.headers) },
  );
}

export {
  handle as DELETE,
  handle as GET,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
