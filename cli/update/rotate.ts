import { UserError } from "../../common/errors";
import type { Session } from "../session/session";

/** The secrets that Pulumi generates, by the names of their resources. */
const GENERATED = {
  jwtSecret: "todo-app-jwt-secret",
  betterAuthSecret: "todo-app-better-auth-secret",
} as const;

type Generated = keyof typeof GENERATED;

/** Arguments of `pulumi up` that generate a secret anew. @throws UserError for one that isn't generated */
export function rotationArguments(secret: string | undefined, session: Session): string[] {
  if (secret === undefined) return [];
  if (!isGenerated(secret)) {
    throw new UserError({
      what: `"${secret}" can't be rotated`,
      why: `only generated secrets can: ${Object.keys(GENERATED).join(", ")}`,
      next: "a configured one: pulumi config set --secret KEY, then npm run up",
      exitCode: 64,
    });
  }
  const { stack, settings } = session;
  if (settings.secrets[secret] !== undefined) {
    throw new UserError({
      what: `${secret} is configured, not generated`,
      why: `Pulumi.${stack}.yaml has it`,
      next: `pulumi config set --secret ${secret} --stack ${stack}, then npm run up -- --stack ${stack}`,
    });
  }
  const type = "todo-app:components:AppSecrets$random:index/randomPassword:RandomPassword";
  return ["--replace", `urn:pulumi:${stack}::todo-app::${type}::${GENERATED[secret]}`];
}

function isGenerated(secret: string): secret is Generated {
  return Object.hasOwn(GENERATED, secret);
}
