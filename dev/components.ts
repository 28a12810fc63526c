import { DEV_FILES, type DevComponent } from "../components/settings/dev-mode";

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
}

export const FACTS: Readonly<Record<DevComponent, ComponentFacts>> = {
  backend: {
    name: "backend",
    context: "apps/backend",
    root: "app",
    builtFrom: DEV_FILES.backend,
    attach: ["python", "/opt/dev/backend.py", "attach"],
  },
  frontend: {
    name: "frontend",
    context: "apps/frontend",
    root: "src",
    builtFrom: DEV_FILES.frontend,
    attach: ["node", "/opt/dev/frontend.mjs", "attach"],
  },
};
