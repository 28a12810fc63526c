import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../../../common/run";
import { imageStores } from "../../../../components/minikube/node-images";
import { calls, machine } from "../../support/minikube-machine";

const IMAGE = "todo-backend:1";
const FULL = `docker.io/library/${IMAGE}`;

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** An archive as `docker save` writes it, at FOLDER/image.tar. @returns the image's ID and its layers' */
async function saved(folder: string): Promise<{ id: string; layers: string[] }> {
  const own = join(folder, "saved");
  const layers = ["lower", "upper"];
  mkdirSync(own);
  for (const layer of layers) writeFileSync(join(own, `${layer}.tar`), layer.repeat(300));
  const diffIds = layers.map((layer) => `sha256:${digest(layer.repeat(300))}`);
  const config = JSON.stringify({ rootfs: { type: "layers", diff_ids: diffIds } });
  writeFileSync(join(own, `${digest(config)}.json`), config);
  const manifest = [
    {
      ...{ Config: `${digest(config)}.json`, RepoTags: [IMAGE] },
      Layers: layers.map((layer) => `${layer}.tar`),
    },
  ];
  writeFileSync(join(own, "manifest.json"), JSON.stringify(manifest));
  await run("tar", [
    "-cf",
    join(folder, "image.tar"),
    "-C",
    own,
    "manifest.json",
    `${digest(config)}.json`,
    "lower.tar",
    "upper.tar",
  ]);
  return { id: `sha256:${digest(config)}`, layers: diffIds };
}

describe("a profile's images", () => {
  it("are asked of nobody where there is no profile", async () => {
    machine({});
    await expect(imageStores("other")).rejects.toThrow(
      'there is no Minikube profile "other": minikube start -p other',
    );
  });

  it.each([
    [
      "a node is stopped",
      { containers: "team\\trunning\\nteam-m02\\texited\\n", nodes: ["", "m02"] },
    ],
    ["it has no nodes", { nodes: [] }],
  ])("are out of reach where %s", async (_, given) => {
    machine(given);
    await expect(imageStores("team")).rejects.toThrow(
      `Minikube profile "team" doesn't run: minikube start -p team`,
    );
  });

  it("are those of each node", async () => {
    const nodes = { containers: "team\trunning\nteam-m02\trunning\n" };
    machine({ ...nodes, nodes: ["", "m02"] });
    expect(await imageStores("team")).toHaveLength(2);
    machine({ ...nodes, nodes: ["", "m02"], runtime: "docker" });
    expect(await imageStores("team")).toHaveLength(2);
  });

  it.each([
    ["another driver", { driver: "kvm2" }],
    ["another runtime", { runtime: "cri-o" }],
  ])("are Minikube's own to move with %s, all nodes at once", async (_, given) => {
    const images = [
      { id: "0", repoTags: ["docker.io/library/other:1"] },
      { id: "abc", repoTags: ["x:1", FULL] },
    ];
    const folder = machine({
      ...given,
      nodes: ["", "m02"],
      minikube: `*ls*) echo '${JSON.stringify(images)}';;`,
    });
    const stores = await imageStores("team");
    expect(stores).toHaveLength(1);
    expect(await stores[0]?.idOf(IMAGE)).toBe("sha256:abc");
    expect(await stores[0]?.idOf("none:1")).toBeUndefined();
    await stores[0]?.add(IMAGE);
    await stores[0]?.remove(IMAGE);
    const target = "--profile team image";
    expect(calls(folder, "minikube")).toEqual([
      ...[`${target} ls --format json`, `${target} ls --format json`],
      ...[`${target} load --daemon=true ${IMAGE}`, `${target} rm ${IMAGE}`],
    ]);
    expect(calls(folder, "docker")).toEqual([]);
  });

  it("may be none by Minikube, and have their whole ID already", async () => {
    machine({ driver: "kvm2", minikube: "*) echo null;;" });
    expect(await (await imageStores("team"))[0]?.idOf(IMAGE)).toBeUndefined();
    const images = JSON.stringify([{ id: "sha256:abc", repoTags: [FULL] }]);
    machine({ driver: "kvm2", minikube: `*) echo '${images}';;` });
    expect(await (await imageStores("team"))[0]?.idOf(IMAGE)).toBe("sha256:abc");
  });
});

describe("a node with containerd", () => {
  /** A node whose crictl has these images from the first import on. */
  const node = (images: object[], rest: string) =>
    machine({
      docker: `*"crictl images"*) echo '${JSON.stringify({ images })}';;
"exec team crictl ps"*) cat "$FOLDER/users" 2>/dev/null;;
save*) cat "$FOLDER/image.tar";;
${rest}`,
    });

  it("has an image by its full name", async () => {
    node(
      [
        { id: "1", repoTags: null },
        { id: "2", repoTags: ["x:1", FULL] },
      ],
      "",
    );
    const [store] = await imageStores("team");
    expect(await store?.idOf(IMAGE)).toBe("2");
    expect(await store?.idOf("todo-backend:2")).toBeUndefined();
  });

  it("loses an image that no container runs, and no other", async () => {
    const folder = node([{ id: "2", repoTags: [FULL] }], "");
    const [store] = await imageStores("team");
    writeFileSync(join(folder, "users"), "a-container\n");
    await store?.remove(IMAGE);
    await store?.remove("todo-backend:2");
    const removal = `exec team ctr --namespace k8s.io images rm ${FULL}`;
    expect(calls(folder, "docker")).not.toContain(removal);
    writeFileSync(join(folder, "users"), "");
    await store?.remove(IMAGE);
    expect(calls(folder, "docker").slice(-2)).toEqual([
      ...["exec team crictl ps --quiet --image 2", removal],
    ]);
  });

  /** Nodes that take an import as the script says; the archive and what each import held. */
  async function importing(imported: string, id?: string, willChange?: boolean) {
    const folder = machine({
      docker: `*"crictl images"*) printf '{"images":[{"id":"%s","repoTags":["${FULL}"]}]}' "$(cat "$FOLDER/id")";;
save*) cat "$FOLDER/image.tar";;
*"content ls"*) cat "$FOLDER/present";;
"network inspect"*) exit 1;;
*"images import"*) n=$(ls "$FOLDER" | grep -c '^import-'); cat > "$FOLDER/import-$n"; ${imported};;`,
    });
    const archive = await saved(folder);
    writeFileSync(join(folder, "id"), id ?? archive.id);
    writeFileSync(join(folder, "present"), `sha256:other\n${archive.layers[0]}\n`);
    const [store] = await imageStores("team");
    const ended = await store?.add(IMAGE, willChange).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const held = async (number: number) =>
      (await run("tar", ["-tf", join(folder, `import-${number}`)])).split("\n");
    return { folder, archive, ended, held };
  }
  const blob = (id = ""): string => `blobs/sha256/${id.replace("sha256:", "")}`;

  it("gets the layers that it lacks", async () => {
    const { ended, held, folder, archive } = await importing("true");
    expect(ended).toBeUndefined();
    const [lower, upper] = archive.layers;
    expect(await held(0)).toContain(blob(upper));
    expect(await held(0)).not.toContain(blob(lower));
    expect(existsSync(join(folder, "import-1"))).toBe(false);
    expect(calls(folder, "docker")).toEqual(
      expect.arrayContaining([
        "exec team ctr --namespace k8s.io content ls --quiet",
        "exec --interactive team ctr --namespace k8s.io images import -",
      ]),
    );
  });

  it.each([
    ["takes the place of one like it", true, 1],
    ["is the first of its kind", undefined, 0],
  ])("gets a registry beside it where the image %s", async (_, willChange, count) => {
    const { folder } = await importing("true", undefined, willChange);
    await sleep(500); // nobody waits for it
    const made = calls(folder, "docker").filter((call) => call.startsWith("run "));
    expect(made).toHaveLength(count);
  });

  it("gets everything where a layer went away in between", async () => {
    const { ended, held, archive } = await importing(
      '[ "$n" = 1 ] || { echo missing >&2; exit 1; }',
    );
    expect(ended).toBeUndefined();
    expect(await held(1)).toEqual(expect.arrayContaining(archive.layers.map(blob)));
  });

  it.each([
    ["echo 'no space' >&2; exit 1", undefined, "no space"],
    ["exit 7", undefined, "exit code 7"],
    ["true", "sha256:old", "it has sha256:old afterwards"],
  ])("that takes it not says why: %s", async (script, id, why) => {
    const { ended } = await importing(script, id);
    expect(ended).toBe(`team takes no image ${IMAGE}: ${why}`);
  });
});

describe("a node with Docker", () => {
  it("has an image where its own engine knows one", async () => {
    const folder = machine({
      runtime: "docker",
      docker: `*"image inspect"*todo-backend:1) echo sha256:abc;;\n*"image inspect"*) exit 1;;`,
    });
    const [store] = await imageStores("team");
    expect(await store?.idOf(IMAGE)).toBe("sha256:abc");
    expect(await store?.idOf("none:1")).toBeUndefined();
    await store?.remove(IMAGE);
    expect(calls(folder, "docker").at(-1)).toBe(`exec team docker image rm ${IMAGE}`);
  });

  /** A node that loads as the script says; what each load held. */
  async function loading(load: string, stacks: (layers: string[]) => string[][]) {
    const folder = machine({
      runtime: "docker",
      docker: `save*) cat "$FOLDER/image.tar";;
*"sh -c"*) cat "$FOLDER/stacks";;
*"docker load"*) n=$(ls "$FOLDER" | grep -c '^load-'); cat > "$FOLDER/load-$n"; ${load};;
*"image inspect"*) [ -e "$FOLDER/there" ] && echo sha256:x || exit 1;;`,
    });
    const { layers } = await saved(folder);
    const lines = stacks(layers).map((stack) => JSON.stringify(stack));
    writeFileSync(join(folder, "stacks"), ["a warning", ...lines, ""].join("\n"));
    const [store] = await imageStores("team");
    const ended = await store?.add(IMAGE).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const sizes: number[] = [];
    for (let n = 0; existsSync(join(folder, `load-${n}`)); n += 1) {
      const listed = await run("tar", ["-tvf", join(folder, `load-${n}`)]);
      sizes.push(listed.split("\n").filter((line) => /\s(1500)\s/.test(line)).length);
    }
    return { ended, sizes, layers };
  }

  it.each([
    ["none of its images share a layer", () => [], 2],
    [
      "one of its images has the lowest layer",
      ([lower = ""]: string[]) => [["x"], [lower, "y"]],
      1,
    ],
    ["one of its images has a layer at another height", ([, upper = ""]: string[]) => [[upper]], 2],
    ["it has them all", (layers: string[]) => [[...layers, "z"]], 0],
  ])("gets the layers above those that it has: %s", async (_, stacks, count) => {
    const { ended, sizes } = await loading('touch "$FOLDER/there"', stacks);
    expect(ended).toBeUndefined();
    expect(sizes).toEqual([count]);
  });

  it.each([
    ["is refused", '[ "$n" = 1 ] && touch "$FOLDER/there" || exit 1'],
    ["comes to nothing", '[ "$n" = 1 ] && touch "$FOLDER/there"; true'],
  ])("gets all layers where a part of them %s", async (_, load) => {
    const { ended, sizes } = await loading(load, ([lower = ""]) => [[lower]]);
    expect(ended).toBeUndefined();
    expect(sizes).toEqual([1, 2]);
  });

  it("that takes nothing says why", async () => {
    const { ended } = await loading("echo no space >&2; exit 1", () => []);
    expect(ended).toMatch(/docker exec --interactive team docker load.*\n?no space/s);
  });
});
