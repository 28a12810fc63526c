import { answerAuthRequest } from "@/lib/server/auth-api";
import { authDependencies } from "@/lib/server/auth-dependencies";

export const dynamic = "force-dynamic";

async function handle(
  request: Request,
  context: { params: Promise<{ all: string[] }> },
): Promise<Response> {
  const { all } = await context.params;
  return answerAuthRequest(request, all.join("/"), authDependencies());
}

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
