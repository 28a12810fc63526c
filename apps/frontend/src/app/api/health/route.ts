import { isDraining } from "@/lib/server/lifecycle";

export const dynamic = "force-dynamic";

/** Tells whether this process serves requests; asks nothing of the database or the back end. */
export function GET(): Response {
  const draining = isDraining();
  return Response.json(
    {
      status: draining ? "draining" : "healthy",
      service: "todo-frontend",
      version: process.env.APP_VERSION || "unknown",
    },
    { status: draining ? 503 : 200, headers: { "cache-control": "no-store" } },
  );
}
