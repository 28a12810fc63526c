import { SignInPage } from "@/components/auth/sign-in-page";
import type { AuthMode } from "@/lib/auth-forms";
import { answerAuthRequest } from "@/lib/server/auth-api";
import { authDependencies } from "@/lib/server/auth-dependencies";
import { withAdoptedSession } from "@/lib/server/cookies";
import { formResponse } from "@/lib/server/forms/html";
import { answerSignIn } from "@/lib/server/forms/sign-in";
import { themeOf } from "@/lib/server/theme";

/** The server's side of one of the sign-in pages. */
export function signInRoute(mode: AuthMode): (request: Request) => Promise<Response> {
  return async (request) => {
    const dependencies = authDependencies();
    const answer = await answerSignIn(mode, request, {
      ...dependencies,
      userOf: (headers) => dependencies.userOf(withAdoptedSession(headers, dependencies.cookies)),
      answer: (asked, path) => answerAuthRequest(asked, path, dependencies),
    });
    return formResponse(request, answer, (view, assets) => (
      <SignInPage view={view} theme={themeOf(request.headers)} {...assets} />
    ));
  };
}
