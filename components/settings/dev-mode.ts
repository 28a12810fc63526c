/** The components whose pods run sources that are synced to them, for `npm run dev`. */

/** Variable that names them, separated by commas; `npm run dev` sets it. */
export const DEV_VARIABLE = "TODO_APP_DEV";

/** What can be developed in the cluster. */
export const DEV_COMPONENTS = ["backend", "frontend"] as const;
export type DevComponent = (typeof DEV_COMPONENTS)[number];

/** Which components a deployment runs from synced sources; both false in an ordinary update. */
export type DevMode = Readonly<Record<DevComponent, boolean>>;

/** A deployment of images only. */
export const NO_DEV: DevMode = { backend: false, frontend: false };

/**
 * The components that the environment asks for.
 * @param environment the stack's: pods that run what somebody types are for development alone
 * @throws Error for an unknown component, and outside of development
 */
export function devMode(
  environment: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): DevMode {
  const names = (env[DEV_VARIABLE] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) return NO_DEV;
  const unknown = names.find((name) => !DEV_COMPONENTS.includes(name as DevComponent));
  if (unknown !== undefined)
    throw new Error(
      `${DEV_VARIABLE} names "${unknown}": there are ${DEV_COMPONENTS.join(" and ")}`,
    );
  if (environment !== "development")
    throw new Error(
      `${DEV_VARIABLE} is for stacks with environment "development", and this one has "${environment}": pods must run images there`,
    );
  return { backend: names.includes("backend"), frontend: names.includes("frontend") };
}

/** Whether a deployment has any such component. */
export function isDev(mode: DevMode): boolean {
  return mode.backend || mode.frontend;
}

/** What a component's image under development is made of; its sources are synced, and have no part in the tag. */
export const DEV_FILES = {
  backend: ["Dockerfile", "requirements.txt", "requirements-debug.txt", "docker/assemble.py"],
  frontend: [
    "Dockerfile",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "next.config.ts",
    "postcss.config.mjs",
    "tsconfig.json",
  ],
} as const satisfies Record<DevComponent, readonly string[]>;

/** Label of a pod that runs synced sources, by the chart; its value is "true". */
export const DEV_LABEL = "todo-app/dev";

/** The stage of its Dockerfile. */
const DEV_STAGE = "dev";

/** The image of a component: its name, and under development the stage and the files that decide on its tag. */
export function imageSource(
  name: DevComponent,
  mode: DevMode,
): { repository: string; target?: { stage: string; files: readonly string[] } } {
  return mode[name]
    ? {
        repository: `todo-${name}-dev`,
        target: { stage: DEV_STAGE, files: DEV_FILES[name] },
      }
    : { repository: `todo-${name}` };
}
