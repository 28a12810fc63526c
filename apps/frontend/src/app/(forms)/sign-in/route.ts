import { signInRoute } from "../sign-in-route";

export const dynamic = "force-dynamic";

const handle = signInRoute("sign-in");

export { handle as GET, handle as POST };
