import { readProfile } from "../../components/minikube/profile";
import { DEFAULT_STACK } from "../../components/names";
import { ensureEngine, presentTools } from "../../tools";
import { which } from "../../tools/install";
import { hasState, namedVariables } from "../session/backend";
import { openSession, type Session, sessionWith } from "../session/session";
import { ROOT, stackSettings } from "../session/workspace";
import { isMadeByUp } from "./profiles";
import { profileNames } from "./stack-files";

/** The tools and the engine: what is missing is got only where something is deployed, or a profile was made, that needs it to go. */
export async function openEverything(): Promise<Session> {
  const isNeeded =
    hasState(ROOT) ||
    profileNames().some((name) => {
      const profile = readProfile(name);
      return profile !== undefined && isMadeByUp(profile);
    });
  const session = isNeeded
    ? await openSession(DEFAULT_STACK)
    : sessionWith(
        DEFAULT_STACK,
        stackSettings(DEFAULT_STACK),
        await presentTools(),
        namedVariables(ROOT, process.env),
      );
  if (isNeeded || which("docker")) await ensureEngine(session.tools);
  return session;
}
