import { readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { main } from "../../../../cli/main";
import { openSession } from "../../../../cli/session/session";
import { ROOT } from "../../../../cli/session/workspace";
import { proxyVariables } from "../../../../tools/proxy";
import { folderWith } from "../../support/folder";
import "../../../../cli/commands/env";
import { commandOf, written } from "./support";

jest.mock("../../../../cli/main", () => ({ main: jest.fn() }));
jest.mock("../../../../cli/session/session", () => ({ openSession: jest.fn() }));
jest.mock("../../../../tools/proxy", () => ({ proxyVariables: jest.fn() }));

const env = commandOf(main, "staging");
const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
  jest.restoreAllMocks();
});

test("npm run env prints exports for a shell: the wrapper and the tools first, each once, quoted", async () => {
  const cache = folderWith({});
  process.env.XDG_CACHE_HOME = cache;
  const PATH = ["/tools/a", "/it's/b", "/tools/a"].join(delimiter);
  jest.mocked(openSession).mockResolvedValue({ tools: { env: { PATH } } } as never);
  jest.mocked(proxyVariables).mockReturnValue({ NO_PROXY: "a,b" });
  const out = written("stdout");
  expect(await env()).toBe(0);
  expect(openSession).toHaveBeenCalledWith("staging");
  const shell = join(cache, "todo-app-minikube/shell");
  expect(out).toEqual([
    `export PATH='${[shell, "/tools/a", "/it'\\''s/b"].join(delimiter)}'\n`,
    "export NO_PROXY='a,b'\n",
  ]);
  expect(readdirSync(shell)).toEqual(["pulumi"]);
  const wrapper = join(shell, "pulumi");
  expect(statSync(wrapper).mode & 0o777).toBe(0o755);
  expect(readFileSync(wrapper)).toEqual(readFileSync(join(ROOT, "cli/shell/pulumi")));
});

test("npm run env puts today's wrapper in an older one's place", async () => {
  const cache = folderWith({ "todo-app-minikube/shell/pulumi": "old" });
  process.env.XDG_CACHE_HOME = cache;
  jest.mocked(openSession).mockResolvedValue({ tools: { env: {} } } as never);
  jest.mocked(proxyVariables).mockReturnValue({});
  const out = written("stdout");
  await env();
  expect(out).toHaveLength(1);
  const wrapper = join(cache, "todo-app-minikube/shell/pulumi");
  expect(readFileSync(wrapper)).toEqual(readFileSync(join(ROOT, "cli/shell/pulumi")));
});
