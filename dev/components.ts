import { DEV_FILES, type DevComponent } from "../components/settings/dev-mode";

/** The project's folder, as VS Code names it. */
const WORKSPACE = "$" + "{workspaceFolder}";

/** What the loop knows of a component. */
export interface ComponentFacts {
  name: DevComponent;
  /** Folder with its Dockerfile, relative to the project. */
  context: string;
  /** The folder in it that is synced. */
  root: string;
  /** What else its image is built from: a change there needs an update. */
  builtFrom: readonly string[];
  /** How to talk to the supervisor in its pod. */
  attach: readonly string[];
  /** What an editor needs to know to attach a debugger, beside the port: VS Code's settings. */
  debugger: Readonly<Record<string, unknown>>;
}

export const FACTS: Readonly<Record<DevComponent, ComponentFacts>> = {
  backend: {
    name: "backend",
    context: "apps/backend",
    root: "app",
    builtFrom: DEV_FILES.backend,
    attach: ["python", "/opt/dev/backend.py", "attach"],
    debugger: {
      type: "debugpy",
      pathMappings: [{ localRoot: `${WORKSPACE}/apps/backend/app`, remoteRoot: "/overlay/app" }],
    },
  },
  frontend: {
    name: "frontend",
    context: "apps/frontend",
    root: "src",
    builtFrom: DEV_FILES.frontend,
    attach: ["node", "/opt/dev/frontend.mjs", "attach"],
    debugger: {
      type: "node",
      localRoot: `${WORKSPACE}/apps/frontend`,
      remoteRoot: "/app",
      restart: true,
    },
  },
};
