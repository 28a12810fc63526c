import { AccountAwayPage, AccountPage } from "@/components/auth/account-page";
import { authServices } from "@/lib/server/auth";
import { authDependencies } from "@/lib/server/auth-dependencies";
import { authorize } from "@/lib/server/authorize";
import { withAdoptedSession } from "@/lib/server/cookies";
import { serverEnv } from "@/lib/server/env";
import { erase } from "@/lib/server/erase";
import { answerAccount } from "@/lib/server/forms/account";
import { formResponse } from "@/lib/server/forms/html";
import { themeOf } from "@/lib/server/theme";
import { traceContext } from "@/lib/server/trace-context";

export const dynamic = "force-dynamic";

async function handle(request: Request): Promise<Response> {
  const dependencies = authDependencies();
  const { auth } = authServices();
  const headers = withAdoptedSession(request.headers, dependencies.cookies);
  const answer = await answerAccount(request, headers, {
    ...dependencies,
    userOf: async (own) => {
      const session = await auth.api.getSession({ headers: own, query: { disableRefresh: true } });
      return session?.user;
    },
    eraser: async (own) => {
      const authorization = await authorize(own);
      if (!authorization) throw new Error("the session has ended");
      const trace = traceContext(own);
      return () => erase(serverEnv().backendUrl, authorization.token, trace);
    },
  });
  return formResponse(request, answer, (view, assets) => {
    const document = { theme: themeOf(request.headers), ...assets };
    return view ? <AccountPage view={view} {...document} /> : <AccountAwayPage {...document} />;
  });
}

export { handle as GET, handle as POST };
