import { signInRoute } from "../sign-in-route";

export const dynamic = "force-dynamic";

const handle = signInRoute("sign-up");

export { handle as GET, handle as POST };
