import { kindOf, targetsOf } from "../../../../ops/review/kinds";

test.each([
  ["pod", "po pod pods pods.v1 POD"],
  ["service", "svc service services"],
  ["configmap", "cm configmap configmaps"],
  ["event", "ev event events"],
  ["endpoints", "ep endpoints"],
  ["endpointslice", "endpointslice endpointslices endpointslices.discovery.k8s.io"],
  ["deployment", "deploy deployment deployments deployments.apps deployments.v1.apps"],
  ["replicaset", "rs replicaset replicasets"],
  ["statefulset", "sts statefulset statefulsets"],
  ["daemonset", "ds daemonset daemonsets"],
  ["job", "job jobs jobs.batch jobs.v1.batch"],
  ["cronjob", "cj cronjob cronjobs"],
  [
    "horizontalpodautoscaler",
    "hpa horizontalpodautoscaler horizontalpodautoscalers hpa.autoscaling hpa.v2.autoscaling",
  ],
  ["poddisruptionbudget", "pdb poddisruptionbudget poddisruptionbudgets pdb.policy"],
  ["ingress", "ing ingress ingresses ing.networking.k8s.io"],
  ["networkpolicy", "netpol networkpolicy networkpolicies"],
  ["persistentvolumeclaim", "pvc persistentvolumeclaim persistentvolumeclaims"],
  ["resourcequota", "quota resourcequota resourcequotas"],
  ["limitrange", "limits limitrange limitranges"],
  ["serviceaccount", "sa serviceaccount serviceaccounts"],
  ["node", "no node nodes"],
  ["namespace", "ns namespace namespaces"],
  ["all", "all"],
  ["secret", "secret secrets secrets.v1"],
])("a %s is one by every name that kubectl takes: %s", (kind, names) => {
  expect(names.split(" ").map(kindOf)).toEqual(names.split(" ").map(() => kind));
});

test.each(["widgets", "", "pods.example.com", "deployments.v2.apps", "constructor"])(
  "%j is no kind that is known",
  (word) => {
    expect(kindOf(word)).toBeUndefined();
  },
);

describe("the words of a command", () => {
  test("name kinds, each once, and objects", () => {
    expect(targetsOf(["deploy,svc,deployments", "a", "b"])).toEqual({
      ...{ kinds: ["deployment", "service"], names: ["a", "b"], unknown: [] },
    });
    expect(targetsOf(["deploy/a", "svc/b", "deploy/c"])).toEqual({
      ...{ kinds: ["deployment", "service"], names: ["a", "b", "c"], unknown: [] },
    });
  });

  test("are objects of the usual kind where a verb has one, unless they name another", () => {
    expect(targetsOf(["a", "b"], "pod")).toEqual({
      kinds: ["pod"],
      names: ["a", "b"],
      unknown: [],
    });
    expect(targetsOf(["deploy/a"], "pod").kinds).toEqual(["deployment"]);
    expect(targetsOf([], "pod")).toEqual({ kinds: [], names: [], unknown: [] });
  });

  test.each(["deploy/", "pod/a/b", "pod/../x"])("that aren't understood are told: %s", (word) => {
    expect(targetsOf(["svc/b", word])).toMatchObject({ names: ["b"], unknown: [word] });
  });

  test("that are no kinds are told", () => {
    expect(targetsOf(["pods,widgets", "a"])).toMatchObject({ unknown: ["widgets"] });
    expect(targetsOf(["widget/a"])).toMatchObject({ unknown: ["widget"] });
  });
});
