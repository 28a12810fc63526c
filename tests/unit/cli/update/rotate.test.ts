import type { Session } from "../../../../cli/session/session";
import { rotationArguments } from "../../../../cli/update/rotate";

const session = (secrets: object = {}) =>
  ({ stack: "staging", settings: { secrets } }) as unknown as Session;

describe("a secret that is generated anew", () => {
  test("is none unless that is asked for", () => {
    expect(rotationArguments(undefined, session())).toEqual([]);
  });

  test.each([
    ["jwtSecret", "todo-app-jwt-secret"],
    ["betterAuthSecret", "todo-app-better-auth-secret"],
  ])("%s is replaced in the stack", (secret, name) => {
    const type = "todo-app:components:AppSecrets$random:index/randomPassword:RandomPassword";
    expect(rotationArguments(secret, session())).toEqual([
      ...["--replace", `urn:pulumi:staging::todo-app::${type}::${name}`],
    ]);
  });

  test.each(["openaiApiKey", "databaseUrl", "toString", ""])(
    "%j is refused: Pulumi doesn't generate it",
    (secret) => {
      expect(() => rotationArguments(secret, session())).toThrow(
        expect.objectContaining({
          what: `"${secret}" can't be rotated`,
          why: "only generated secrets can: jwtSecret, betterAuthSecret",
          exitCode: 64,
        }),
      );
    },
  );

  test("is refused where somebody has configured it", () => {
    expect(() => rotationArguments("jwtSecret", session({ jwtSecret: "s" }))).toThrow(
      expect.objectContaining({
        what: "jwtSecret is configured, not generated",
        next: "pulumi config set --secret jwtSecret --stack staging, then npm run up -- --stack staging",
      }),
    );
  });
});
