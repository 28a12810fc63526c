import { review } from "../../../../ops/review";

const scope = { namespace: "shop", release: "shop-app", kubeContext: "far" };
const reviewed = (command: string) => review(command, scope);
/** What is said of a command: its class and why. */
const verdict = (command: string): string => {
  const { class: kind, reasons } = reviewed(command);
  return `${kind}: ${reasons.join("; ")}`;
};
const applied = (manifest: string, flags = "") =>
  `kubectl apply -f -${flags} <<'EOF'\n${manifest}\nEOF`;

describe("kubectl", () => {
  test.each([
    [
      "get pods -l a=b --field-selector x=y -o name -L team --label-columns z",
      "read: lists objects",
    ],
    ["get pods --show-labels --no-headers --ignore-not-found --show-kind", "read: lists objects"],
    ["get pods --selector a=b --output json --sort-by .metadata.name", "read: lists objects"],
    ["get pods -o custom-columns=A:.a --request-timeout=5s", "read: lists objects"],
    ["get -l a=b", "read: lists objects"],
    ["get --selector a=b", "read: lists objects"],
    ["get", "forbidden: names no object"],
    [
      "get pods -o yaml -o go-template={{.}}",
      'forbidden: output "go-template={{.}}" isn\'t allowed here',
    ],
    ["get pods --output template=x", 'forbidden: output "template=x" isn\'t allowed here'],
    ["describe pods --show-events=false -l a=b", "read: describes objects"],
    [
      "logs x -p -c web --all-containers --all-pods --prefix --timestamps --ignore-errors",
      "read: shows logs",
    ],
    [
      "logs -l a=b --tail 5 --since 1h --since-time t --limit-bytes 9 --max-log-requests 3",
      "read: shows logs",
    ],
    ["logs", "forbidden: names no object"],
    ["logs node/x", "read: shows logs"],
    ["events --for pod/x --types Warning -o wide", "read: lists events"],
    ["top pods --containers --no-headers --sum --sort-by cpu", "read: shows what is used"],
    ["explain pod.spec --api-version v1", "read: explains a kind"],
    ["api-resources --no-headers --namespaced --api-group apps -o name", "read: lists the kinds"],
    ["version -o json", "read: shows versions"],
    ["wait pod/x --for=condition=Ready --timeout 5s -l a=b", "read: waits for a condition"],
    ["auth can-i list pods --list --subresource=log", "read: asks what is allowed"],
    ["auth whoami", "read: asks what is allowed"],
    ["auth reconcile", "forbidden: alters who may do what"],
    ["rollout status deploy/x --timeout 5s", "read: shows the status of a rollout"],
    ["rollout history deploy/x --revision 2", "read: shows the history of a rollout"],
    ["rollout status --selector a=b", "read: shows the status of a rollout"],
    ["rollout status secret/x", "forbidden: reads or alters Secrets"],
    ["rollout pause deploy/x", "change: pauses a rollout"],
    ["rollout resume deploy/x", "change: resumes a rollout"],
    ["rollout restart deploy/x -l a=b", "destructive: starts its pods anew"],
    [
      "rollout undo deploy/x --to-revision 2",
      "destructive: goes back behind Pulumi's back (npm run rollback does both); starts its pods anew",
    ],
    ["rollout jump deploy/x", 'forbidden: "rollout jump" isn\'t known here'],
    [
      "rollout restart daemonset/x",
      "forbidden: alters a daemonset, which only the Pulumi program may",
    ],
    ["rollout pause", "forbidden: names no object to alter"],
    [
      "scale deploy/x --replicas 3 --current-replicas 2 --timeout 5s",
      "change: sets the number of pods to 3",
    ],
    ["scale deploy/x --replicas 0", "destructive: stops every pod"],
    [
      "scale deploy/x --replicas 0 --dry-run=client",
      "read: sets the number of pods to 0, as a dry run",
    ],
    ["scale deploy/x --replicas 999", "change: sets the number of pods to 999"],
    ["scale deploy/x --replicas 1000", "forbidden: needs --replicas with a number"],
    [
      "set image deploy/x a=b --dry-run=server -o yaml --field-manager me",
      "read: sets image; starts its pods anew, as a dry run",
    ],
    [
      "set resources deploy/x -c a --limits cpu=1 --requests cpu=1",
      "change: sets resources; starts its pods anew",
    ],
    [
      "set env deploy/x A- B=c --overwrite --containers a",
      "change: sets env; starts its pods anew",
    ],
    ["set env A=b", "forbidden: names no object to alter"],
    ["set selector svc/x a=b", 'forbidden: "set selector" isn\'t known here'],
    ["label pod x a=b --overwrite", "change: sets labels or annotations"],
    ["label pod a=b", "forbidden: names no object to alter"],
    ["annotate pod x example.com/note- --overwrite", "change: sets labels or annotations"],
    ["label node x a=b", "forbidden: leaves the namespace: it alters a node"],
    ["label sa x a=b", "forbidden: alters a serviceaccount, which only the Pulumi program may"],
    ["patch deploy x --patch '{}' --type merge", "change: patches an object"],
    ["patch deploy x", "forbidden: has no patch that can be seen"],
    ["patch deploy x -p '{'", "forbidden: the patch can't be read"],
    ["patch deploy x -p 'a: 1\n---\nb: 2'", "forbidden: the patch can't be read"],
    ["patch deploy x -p ''", "forbidden: the patch can't be read"],
    ["create deploy web --image x --replicas 2 --port 80", "change: makes a Deployment"],
    [
      "create deployment web --image x --dry-run=client -o yaml",
      "read: makes a Deployment, as a dry run",
    ],
    ["create deployment", 'forbidden: "create deployment" isn\'t known here'],
    ["create deployment a b", 'forbidden: "create deployment" isn\'t known here'],
    ["create secret generic x", 'forbidden: "create secret" isn\'t known here'],
    [
      "create -f -",
      "forbidden: takes a manifest that isn't shown (only -f - with a here-document is)",
    ],
    [
      "expose deploy x --port 80 --target-port 81 --name n --type NodePort --protocol TCP",
      "change: makes a Service",
    ],
    [
      "autoscale deploy x --min 1 --max 3 --cpu-percent 50 --cpu 50% --memory 1Gi --name n",
      "change: makes an autoscaler",
    ],
    [
      "delete pod x --now --wait --force --ignore-not-found --grace-period 1 --timeout 5s --cascade orphan",
      "destructive: removes what is named",
    ],
    ["delete pods --selector a=b", "destructive: removes every object that matches"],
    ["delete pods --all --dry-run=server", "read: removes objects, as a dry run"],
    ["delete pods --all --dry-run=none", "destructive: removes every object that matches"],
    ["delete secrets --all", "forbidden: reads or alters Secrets"],
    ["exec x -- env", "forbidden: runs a command in a container, where the secrets are"],
    ["taint nodes x a=b:NoSchedule", "forbidden: leaves the namespace: it alters a node"],
    [
      "get pods --as-group=x",
      "forbidden: speaks to the API server as someone else, or past kubectl",
    ],
    ["get pods --as-uid x", "forbidden: speaks to the API server as someone else, or past kubectl"],
    ["get pods -A", "forbidden: leaves the namespace: it takes all of them"],
    ["get pods -n shop -n other", "forbidden: leaves the namespace for other"],
    ["get pods --namespace=shop", "read: lists objects"],
    ["get widgets", 'forbidden: "widgets" is no kind that is known here'],
    ["get pods -o", "forbidden: -o lacks its value"],
    ["get pods --no-headers=maybe", "forbidden: flag --no-headers isn't allowed here"],
    ["get pods --no-headers=false", "read: lists objects"],
    ["get pods -oyaml", "read: lists objects"],
    ["get pods -n=shop", "read: lists objects"],
    ["get pods --watch", "forbidden: flag --watch isn't allowed here"],
    ["frobnicate", 'forbidden: "kubectl frobnicate" isn\'t known here'],
    ["constructor", 'forbidden: "kubectl constructor" isn\'t known here'],
    ["--context=x get pods", "forbidden: the verb must come first"],
    ["get pods -", "read: lists objects"],
  ])("%s is %s", (command, expected) => {
    expect(verdict(`kubectl ${command}`)).toBe(expected);
  });

  test("names what a destructive command ends", () => {
    expect(reviewed("kubectl rollout restart deploy/a deploy/b").name).toBe("a b");
    expect(reviewed("kubectl scale deploy/a deploy/b --replicas=0").name).toBe("a b");
    expect(reviewed("kubectl delete pods --selector a=b").name).toBe("shop");
  });

  test("reads no input but a manifest's", () => {
    expect(verdict("kubectl get pods <<'EOF'\nx\nEOF")).toBe(
      "forbidden: has a here-document that nothing reads",
    );
    expect(verdict("helm list <<'EOF'\nx\nEOF")).toBe(
      "forbidden: has a here-document that nothing reads",
    );
  });
});

describe("a manifest", () => {
  const MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}";

  test.each([
    [MAP, "change: makes or alters what the manifest says"],
    [`---\n${MAP}\n---\n`, "change: makes or alters what the manifest says"],
    [
      `${MAP.replace("{name: x}", "{name: x, namespace: shop}")}`,
      "change: makes or alters what the manifest says",
    ],
    ["", "forbidden: the manifest is empty"],
    ["---\n---", "forbidden: the manifest is empty"],
    ["[a, b]", "forbidden: the manifest is no object"],
    ["words", "forbidden: the manifest is no object"],
    ["metadata: {name: x}", "forbidden: the manifest has no kind"],
    ["kind: 7", "forbidden: the manifest has no kind"],
    ["kind: Role", "forbidden: makes a Role, which only the Pulumi program may"],
    ["kind: Pod\nmetadata: {namespace: other}", "forbidden: leaves the namespace for other"],
    [`${MAP}\n---\nkind: Role`, "forbidden: makes a Role, which only the Pulumi program may"],
    [`kind: Role\n---\nkind: Role`, "forbidden: makes a Role, which only the Pulumi program may"],
    [
      "kind: Pod\nspec: {a: {hostPID: true}, b: [{hostIPC: true}]}",
      "forbidden: sets hostPID; sets hostIPC",
    ],
    [
      "kind: Pod\nspec: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
      "change: makes or alters what the manifest says",
    ],
    [
      "kind: Pod\nspec: {allowPrivilegeEscalation: true}",
      "forbidden: sets allowPrivilegeEscalation",
    ],
    ["kind: Pod\nspec: {capabilities: {add: [NET_ADMIN]}}", "forbidden: sets capabilities"],
    ["kind: Pod\nspec: {lifecycle: {}}", "forbidden: sets lifecycle"],
  ])("%j is %s", (manifest, expected) => {
    expect(verdict(applied(manifest))).toBe(expected);
  });

  test("that can't be read says where", () => {
    expect(verdict(applied("kind: [Pod"))).toMatch(
      /^forbidden: the manifest can't be read: .* at line 2, column 1:$/,
    );
  });

  test("may be tried first, and made by the server's own rules", () => {
    expect(verdict(applied(MAP, " --dry-run=server"))).toMatch(/^read: .*, as a dry run$/);
    expect(verdict(applied(MAP, " --server-side"))).toMatch(/^change: /);
  });

  test("may be made as it may be applied", () => {
    expect(verdict(`kubectl create -f - <<'EOF'\n${MAP}\nEOF`)).toBe(
      "change: makes what the manifest says",
    );
    expect(verdict(`kubectl apply --filename - <<'EOF'\n${MAP}\nEOF`)).toMatch(/^change: /);
  });

  test("stands alone: no second file, no words beside it", () => {
    const shown =
      "forbidden: takes a manifest that isn't shown (only -f - with a here-document is)";
    expect(verdict(applied(MAP, " -f x.yaml"))).toBe(shown);
    expect(verdict(applied(MAP, " --filename -"))).toBe(shown);
    expect(verdict(`kubectl apply -f x.yaml <<'EOF'\n${MAP}\nEOF`)).toBe(shown);
    expect(verdict(applied(MAP, " pod"))).toBe("forbidden: has words beside the manifest");
  });
});

test("a JSON patch names what it reaches in its paths", () => {
  const patch = (path: string, field = "path") =>
    verdict(`kubectl patch deploy x -p '[{"op":"copy","${field}":"${path}"}]'`);
  expect(patch("/spec/hostPID")).toBe("forbidden: sets hostPID");
  expect(patch("/spec/hostPID", "from")).toBe("forbidden: sets hostPID");
  expect(patch("/spec/hostPID", "value")).toBe("change: patches an object");
});

describe("helm", () => {
  test.each([
    ["list -a --all --short -q --filter x -f y -o json --max 3", "read: looks at releases"],
    ["ls", "read: looks at releases"],
    ["status shop-app --revision 2", "read: looks at releases"],
    ["history shop-app --max 3", "read: looks at releases"],
    ["hist shop-app", "read: looks at releases"],
    ["version", "read: looks at releases"],
    ["status shop-app more", 'forbidden: "helm status" isn\'t known here'],
    ["list -n other", "forbidden: leaves the namespace for other"],
    ["list --namespace other", "forbidden: leaves the namespace for other"],
    ["list -n shop", "read: looks at releases"],
    ["get values shop-app", "forbidden: reads what the release was made of, secrets included"],
    ["status other", `forbidden: "other" isn't the release of this stack`],
    [
      "rollback shop-app",
      "destructive: rolls the release back behind Pulumi's back (npm run rollback does both)",
    ],
    [
      "rollback shop-app 3 --wait --timeout 5m",
      "destructive: rolls the release back behind Pulumi's back (npm run rollback does both)",
    ],
    ["rollback shop-app 3 4", 'forbidden: "helm rollback" isn\'t known here'],
    ["rollback", 'forbidden: "helm rollback" isn\'t known here'],
    ["uninstall shop-app", "destructive: takes the whole application out of the cluster"],
    ["uninstall shop-app shop-app", 'forbidden: "helm uninstall" isn\'t known here'],
    ["uninstall", 'forbidden: "helm uninstall" isn\'t known here'],
    ["upgrade shop-app", "forbidden: releases past the Pulumi program: npm run up does that"],
    ["install shop-app", "forbidden: releases past the Pulumi program: npm run up does that"],
    ["upgrade shop-app -f x", "forbidden: takes values from a file that isn't shown"],
    ["frobnicate", 'forbidden: "helm frobnicate" isn\'t known here'],
  ])("%s is %s", (command, expected) => {
    expect(verdict(`helm ${command}`)).toBe(expected);
  });
});

describe("docker", () => {
  test.each([
    ["ps -a --all -q --quiet --no-trunc -s --size -n 3 --last 3", "read: lists containers"],
    ["images --digests --filter a=b --format x", "read: lists images"],
    ["image ls", "read: lists images"],
    ["image history x", "read: shows the layers of an image"],
    ["logs x -t --timestamps --tail 5 --since 1h", "read: shows the logs of a container"],
    ["network ls", "read: lists networks"],
    ["stats --no-stream", "read: shows what containers use"],
    ["stats", "forbidden: never ends without --no-stream"],
    ["inspect x", "forbidden: shows the environment of a container, secrets included"],
    ["container inspect x", "forbidden: shows the environment of a container, secrets included"],
    ["rmi a b --force", "destructive: removes images"],
    ["container prune --filter a=b", "destructive: removes stopped containers"],
    ["container restart x --time 5", "destructive: restarts containers"],
    ["rm x --volumes", "forbidden: flag --volumes isn't allowed here"],
    ["tag a b", "change: names an image"],
    ["image tag a b", "change: names an image"],
    ["tag a", "forbidden: names no image"],
    ["tag a b c", "forbidden: names no image"],
    [
      "build ./apps/frontend/ -t x --no-cache -q --quiet --target app --platform p --progress plain",
      "change: builds an image",
    ],
    ["image build apps/backend --tag x", "change: builds an image"],
    ["build --check apps/backend", "read: checks the Dockerfile"],
    ["build -f ./apps/backend/Dockerfile apps/backend", "change: builds an image"],
    [
      "build --file apps/frontend/Dockerfile apps/backend",
      "forbidden: builds from another Dockerfile than the application's",
    ],
    [
      "build apps/backend apps/frontend",
      "forbidden: builds something else than apps/backend or apps/frontend",
    ],
    ["build", "forbidden: builds something else than apps/backend or apps/frontend"],
    ["system prune", `forbidden: "docker system prune" isn't known here`],
    ["network rm x", `forbidden: "docker network rm" isn't known here`],
    ["constructor", `forbidden: "docker constructor" isn't known here`],
  ])("%s is %s", (command, expected) => {
    expect(verdict(`docker ${command}`)).toBe(expected);
  });

  test("a removal is consented to by the names, or by the command where there are none", () => {
    expect(reviewed("docker rm a b").name).toBe("a b");
    expect(reviewed("docker builder prune").name).toBe("builder prune");
  });

  test("is nobody's cluster: nothing is added to its commands", () => {
    expect(reviewed("docker image ls").command?.text).toBe("docker image ls");
  });
});

test("20000 characters are read, one more isn't, and only so many are kept", () => {
  const long = (length: number) => `kubectl get pods ${"x".repeat(length - 17)}`;
  expect(reviewed(long(20_000)).class).toBe("read");
  const refused = reviewed(long(20_001));
  expect(refused).toMatchObject({ class: "forbidden", reasons: ["is too long to be read"] });
  expect(refused.suggestion).toHaveLength(20_000);
});

test("other programs, and what hides something, say so", () => {
  expect(verdict("curl x")).toBe('forbidden: "curl" is none of kubectl, helm and docker');
  expect(verdict("kubectl get pods | sh")).toBe(
    "forbidden: needs a shell, or hides something: a pipe (|)",
  );
});
