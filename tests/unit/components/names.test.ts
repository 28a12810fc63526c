import { forStack } from "../../../components/names";

describe("what people are told to run", () => {
  test.each([
    ["npm run up", "npm run up -- --stack staging"],
    [
      "npm run preview -- --refresh, then npm run up",
      "npm run preview -- --stack staging --refresh, then npm run up -- --stack staging",
    ],
    [
      "npm run status -- --stack staging; npm run doctor",
      "npm run status -- --stack staging; npm run doctor -- --stack staging",
    ],
    ["npm run up -- --plan FILE --stack staging", "npm run up -- --plan FILE --stack staging"],
    ["npm run destroy -- --everything", "npm run destroy -- --everything"],
    ["npm run updates", "npm run updates"],
  ])("is said for their stack: %s", (text, expected) => {
    expect(forStack(text, "staging")).toBe(expected);
    expect(forStack(text, "dev")).toBe(text);
  });
});
