import { authDependencies } from "@/lib/server/auth-dependencies";
import { answerCspReport, ReportLimit } from "@/lib/server/csp-reports";

export const dynamic = "force-dynamic";

const limit = new ReportLimit();

export function POST(request: Request): Promise<Response> {
  return answerCspReport(request, {
    limit,
    address: authDependencies().addressOf(request.headers),
  });
}
