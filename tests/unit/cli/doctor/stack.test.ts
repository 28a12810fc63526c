import type { Facts } from "../../../../cli/doctor/check";
import { whoListens } from "../../../../cli/doctor/ports";
import { passphrase } from "../../../../cli/doctor/stack";
import { checkPassphrase } from "../../../../cli/session/workspace";
import { UserError } from "../../../../common/errors";

jest.mock("../../../../cli/session/workspace", () => ({
  ...jest.requireActual<object>("../../../../cli/session/workspace"),
  checkPassphrase: jest.fn(),
}));

const facts = { session: { stack: "dev", pulumi: { env: {} } } } as unknown as Facts;

test("a clone without a passphrase of its own is told where it comes from", async () => {
  const cause = Object.assign(new Error("no such file"), { code: "ENOENT" });
  jest
    .mocked(checkPassphrase)
    .mockRejectedValue(new UserError({ what: "it can't be read", why: "x", next: "y", cause }));
  expect(await passphrase(facts)).toMatchObject([
    {
      level: "problem",
      found: "Pulumi.dev.yaml is encrypted, and this clone has no passphrase",
      remedy: expect.stringMatching(/or bring \.state\/passphrase from the clone that has it$/),
    },
  ]);
});

test("who listens at a port is asked by a command that the machine has", () => {
  expect(whoListens(55_432, "linux")).toBe("ss -ltnp 'sport = :55432'");
  expect(whoListens(55_432, "darwin")).toBe("lsof -nP -iTCP:55432 -sTCP:LISTEN");
});
