import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ImageRegistry, pullFrom } from "../../../../components/minikube/image-registry";
import { imageStores } from "../../../../components/minikube/node-images";
import { provider } from "../../../../components/providers/loaded-image";
import { calls, machine } from "../../support/minikube-machine";

const IMAGE = "todo-backend:1";
const FULL = `docker.io/library/${IMAGE}`;
const DIGEST = `sha256:${"a".repeat(64)}`;
const NAME = "team-image-registry";
const OFFERED = `${NAME}:5000/library/todo-backend@${DIGEST}`;
const SENT_AS = "127.0.0.1:5999/library/todo-backend:1";

/** What docker says where a registry runs, unless the given cases, which come first, say something else. */
function docker(cases = ""): string {
  return `${cases}
"container inspect"*) echo "true 5999";;
"image push"*) echo "1: digest: ${DIGEST} size: 1234";;`;
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 200) throw new Error("it never came");
    await sleep(20);
  }
}

describe("an image that is offered by the profile's registry", () => {
  it("is sent there layer by layer, and pulled by its digest, whatever else has its name meanwhile", async () => {
    const folder = machine({ docker: docker() });
    expect(await new ImageRegistry("team").offer(FULL)).toBe(OFFERED);
    expect(calls(folder, "docker").slice(1, 3)).toEqual([
      `image tag ${FULL} ${SENT_AS}`,
      `image push ${SENT_AS}`,
    ]);
  });

  it("is sent once for all nodes", async () => {
    const folder = machine({ docker: docker() });
    const registry = new ImageRegistry("team");
    expect(await Promise.all([registry.offer(FULL), registry.offer(FULL)])).toEqual([
      ...[OFFERED, OFFERED],
    ]);
    expect(calls(folder, "docker").filter((call) => call.startsWith("image push"))).toHaveLength(1);
  });

  it("leaves no name of it in Docker", async () => {
    const folder = machine({ docker: docker() });
    await new ImageRegistry("team").offer(FULL);
    expect(calls(folder, "docker")).toContain(`image rm --no-prune ${SENT_AS}`);
  });

  it.each([
    ["there is no registry", '"container inspect"*) exit 1;;'],
    ["it is stopped", '"container inspect"*) echo "false 5999";;'],
    ["Docker hasn't got the image", '"image tag"*) exit 1;;'],
    ["it can't be sent", '"image push"*) exit 1;;'],
    ["nobody says what was sent", '"image push"*) echo pushed;;'],
  ])("is not where %s", async (_, cases) => {
    machine({ docker: docker(cases) });
    expect(await new ImageRegistry("team").offer(FULL)).toBeUndefined();
  });

  it("is not where a large layer is on its way: nobody waits for that", async () => {
    machine({ docker: docker('"image push"*) exec sleep 30;;') });
    const began = Date.now();
    expect(await new ImageRegistry("team").offer(FULL)).toBeUndefined();
    expect(Date.now() - began).toBeLessThan(10_000);
  });
});

it("a registry that has grown too large makes room", async () => {
  const folder = machine({ docker: docker('*"du -sk"*) echo "2000001 /var/lib/registry";;') });
  await new ImageRegistry("team").offer(FULL);
  await until(() => calls(folder, "docker").includes(`rm --force --volumes ${NAME}`));
});

it("a registry that isn't large stays", async () => {
  const folder = machine({ docker: docker('*"du -sk"*) echo "2000000 /var/lib/registry";;') });
  await new ImageRegistry("team").offer(FULL);
  await until(() => calls(folder, "docker").some((call) => call.includes("du -sk")));
  await sleep(200);
  expect(calls(folder, "docker")).not.toContain(`rm --force --volumes ${NAME}`);
});

describe("a node that is offered an image", () => {
  it("pulls it without its proxy, and knows it by its own name only", async () => {
    const folder = machine({ docker: "" });
    expect(await pullFrom("team-m02", OFFERED, FULL)).toBe(true);
    const [call = ""] = calls(folder, "docker");
    expect(call).toMatch(/^exec --env NO_PROXY=\* --env no_proxy=\* team-m02 sh -c /);
    expect(call).toContain('images pull --plain-http "$1"');
    expect(call).toMatch(new RegExp(`images rm "\\$1" sh ${OFFERED} ${FULL}$`));
  });

  it("tells where it can't", async () => {
    machine({ docker: "exec*) exit 1;;" });
    expect(await pullFrom("team", OFFERED, FULL)).toBe(false);
  });
});

describe("a node with containerd", () => {
  const SAVED = `save ${IMAGE}`;
  async function add(cases: string): Promise<string[]> {
    const folder = machine({
      docker: docker(`${cases}
*"crictl images"*) echo '{"images":[{"id":"sha256:1","repoTags":["${FULL}"]}]}';;
save*) exit 1;;`),
    });
    const [store] = await imageStores("team");
    await store?.add(IMAGE).catch(() => undefined);
    return calls(folder, "docker");
  }

  it("gets an image by the registry, not as a whole", async () => {
    const made = await add("");
    expect(made.some((call) => call.includes(OFFERED))).toBe(true);
    expect(made).not.toContain(SAVED);
  });

  it.each([
    ["no registry runs", '"container inspect"*) exit 1;;'],
    ["it can't pull", "*plain-http*) exit 1;;"],
    ["it hasn't got it all the same", `*"crictl images"*) echo '{"images":[]}';;`],
  ])("gets it as a whole where %s", async (_, cases) => {
    expect(await add(cases)).toContain(SAVED);
  });
});

describe("a registry", () => {
  /** A machine without one: `docker run` makes it. */
  function without(cases = ""): string {
    return machine({
      docker: `${cases}
"container inspect"*) [ -e "$FOLDER/runs" ] && echo "true 5999" || exit 1;;
"network inspect"*) echo '[{"IPAM":{"Config":[{"Subnet":"192.168.49.0/24"}]},"Containers":{"x":{"IPv4Address":"192.168.49.254/24"}}}]';;
"run "*) touch "$FOLDER/runs";;`,
    });
  }

  it("is made beside the nodes, on loopback for this machine, and away from the nodes' own addresses", async () => {
    const folder = without();
    new ImageRegistry("team").prepare(FULL);
    await until(() => calls(folder, "docker").some((call) => call.startsWith("image push")));
    const made = calls(folder, "docker").filter((call) => call.startsWith("run "));
    expect(made).toHaveLength(1);
    expect(made[0]).toMatch(
      /^run --detach --name team-image-registry --network team --ip 192\.168\.49\.253 --publish 127\.0\.0\.1:\d+:5000 --memory 256m registry:2$/,
    );
  });

  it("that another image of the same update is starting is used, not made anew", async () => {
    const folder = without(
      `"run "*) touch "$FOLDER/runs"; echo 'The container name "/${NAME}" is already in use by container "1"' >&2; exit 125;;`,
    );
    new ImageRegistry("team").prepare(FULL);
    await until(() => calls(folder, "docker").some((call) => call.startsWith("image push")));
    expect(calls(folder, "docker")).not.toContain(`rm --force --volumes ${NAME}`);
  });

  it("that was stopped is made anew", async () => {
    const folder = without(
      `"run "*) [ -e "$FOLDER/removed" ] && touch "$FOLDER/runs" || { echo "is already in use by container" >&2; exit 125; };;
"rm --force"*) touch "$FOLDER/removed";;`,
    );
    new ImageRegistry("team").prepare(FULL);
    await until(() => calls(folder, "docker").some((call) => call.startsWith("image push")));
    expect(calls(folder, "docker").filter((call) => call.startsWith("run "))).toHaveLength(2);
  });

  it("that can't be made is tried again with the next image, and leaves nothing", async () => {
    const folder = without('"run "*) exit 125;;');
    new ImageRegistry("team").prepare(FULL);
    const removal = `rm --force --volumes ${NAME}`;
    await until(() => calls(folder, "docker").includes(removal));
    expect(calls(folder, "docker").at(-1)).toBe(removal);
  });

  it("gets an image also where the update that sent it ends before that has arrived, and no name is left of it", async () => {
    const folder = machine({ docker: docker('"image push"*) sleep 1; touch "$FOLDER/arrived";;') });
    const source = join(__dirname, "../../../../components/minikube/image-registry.ts");
    const script = `new (require(${JSON.stringify(source)}).ImageRegistry)("team").prepare("${FULL}"); setInterval(() => {}, 1000);`;
    const update = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", script], {
      ...{ detached: true, stdio: "ignore", env: process.env },
    });
    const ended = new Promise((resolve) => update.once("exit", resolve));
    await until(() => calls(folder, "docker").some((call) => call.startsWith("image push")));
    // As Pulumi ends what has loaded its providers: with all of its group.
    process.kill(-(update.pid ?? 0), "SIGKILL");
    await ended;
    expect(existsSync(join(folder, "arrived"))).toBe(false);
    await until(() => existsSync(join(folder, "arrived")));
    await until(() => calls(folder, "docker").includes(`image rm --no-prune ${SENT_AS}`));
  });

  it("that runs gets the whole image without a limit, so that the next finds its layers", async () => {
    const folder = machine({
      docker: docker(
        `"image push"*) sleep 2.5; touch "$FOLDER/arrived"; echo "digest: ${DIGEST}";;`,
      ),
    });
    new ImageRegistry("team").prepare(FULL);
    await until(() => existsSync(join(folder, "arrived")));
    expect(calls(folder, "docker").some((call) => call.startsWith("run "))).toBe(false);
  });
});

it.each([
  ["team", NAME],
  ["gone", "gone-image-registry"],
])(
  "a registry goes with the image of a stack, also where profile %s has gone before",
  async (profile, name) => {
    const folder = machine({ docker: docker() });
    await provider.delete?.("id", { profile, image: IMAGE, imageId: "sha256:1" });
    expect(calls(folder, "docker")).toContain(`rm --force --volumes ${name}`);
  },
);
