import { getAuth } from "@/lib/server/auth";
import { describeError, log } from "@/lib/server/log";
import { problem } from "@/lib/server/problem";

export const dynamic = "force-dynamic";

async function handle(request: Request): Promise<Response> {
  try {
    return await getAuth().handler(request);
  } catch (error) {
    log("error", "auth.failed", describeError(error));
    return problem(503, "auth_unavailable", "Signing in isn't possible right now. Try again soon.");
  }
}

export { handle as GET, handle as POST };
