import { FACTS } from "../../../dev/components";
import { editorSettings } from "../../../dev/debugger";

it("gives an editor what it needs to attach, and the folders on both sides", () => {
  expect(editorSettings(FACTS.backend, 5678)).toEqual({
    name: "backend in the cluster",
    type: "debugpy",
    request: "attach",
    connect: { host: "127.0.0.1", port: 5678 },
    pathMappings: [
      { localRoot: "$" + "{workspaceFolder}/apps/backend/app", remoteRoot: "/overlay/app" },
    ],
  });
  expect(editorSettings(FACTS.frontend, 9229)).toMatchObject({
    ...{ type: "node", request: "attach", address: "127.0.0.1", port: 9229 },
    ...{ localRoot: "$" + "{workspaceFolder}/apps/frontend", remoteRoot: "/app" },
  });
});
