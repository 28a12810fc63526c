import { devMode, imageSource, isDev, NO_DEV } from "../../../../components/settings/dev-mode";

const mode = (names: string | undefined, environment = "development") =>
  devMode(environment, names === undefined ? {} : { TODO_APP_DEV: names });

test("components are developed that are named, and no others", () => {
  expect(mode("backend")).toEqual({ backend: true, frontend: false });
  expect(mode(" frontend ,")).toEqual({ backend: false, frontend: true });
  expect(mode("backend,frontend")).toEqual({ backend: true, frontend: true });
  expect(mode(undefined)).toEqual(NO_DEV);
  expect(mode(" , ")).toEqual(NO_DEV);
  expect(["backend", "frontend", ""].map((names) => isDev(mode(names)))).toEqual([
    true,
    true,
    false,
  ]);
});

test("an unknown component is named, wherever it stands", () => {
  expect(() => mode("backend,database")).toThrow(
    'TODO_APP_DEV names "database": there are backend and frontend',
  );
});

test("nothing is developed outside of development; an ordinary update may be anywhere", () => {
  expect(() => mode("backend", "staging")).toThrow(
    'TODO_APP_DEV is for stacks with environment "development", and this one has "staging"',
  );
  expect(mode(undefined, "production")).toEqual(NO_DEV);
});

test("an image under development is one of its own, which no source has a part in", () => {
  expect(imageSource("backend", mode("frontend"))).toEqual({ repository: "todo-backend" });
  const { repository, target } = imageSource("backend", mode("backend"));
  expect([repository, target?.stage]).toEqual(["todo-backend-dev", "dev"]);
  expect(target?.files).toEqual([
    ...["Dockerfile", "requirements.txt", "requirements-debug.txt", "docker/assemble.py"],
  ]);
  expect(imageSource("frontend", mode("frontend")).target?.files).toEqual(
    expect.arrayContaining(["Dockerfile", "package-lock.json", "tsconfig.json"]),
  );
});
