import { besideOwnLists } from "../../../../components/chart/own-lists";
import { folderWith } from "../../support/folder";

const VARIABLE = { name: "CHAT_RATE_PER_MINUTE", value: "5" };
const SETTING = { name: "CHAT_RETENTION_DAYS", value: "7" };
const chart = folderWith({
  "values.yaml": `backend:\n  extraEnv: [${JSON.stringify(VARIABLE)}]\n  podAnnotations: {a: b}\n`,
});

describe("what the program adds to a chart's lists", () => {
  it("stands behind what the chart's own values have there", () => {
    expect(besideOwnLists(chart, "backend", { extraEnv: [SETTING], podAnnotations: {} })).toEqual({
      extraEnv: [VARIABLE, SETTING],
      podAnnotations: {},
    });
  });

  it("is all where the chart has nothing there", () => {
    for (const component of ["frontend", "backend"])
      expect(besideOwnLists(chart, component, { extraVolumes: [{ name: "x" }] })).toEqual({
        extraVolumes: [{ name: "x" }],
      });
  });
});
