/** Small changes of TypeScript that somebody could notice. */
import * as ts from "typescript";
import type { Mutant } from "./mutant";

/** Operators, each with the one that is mistaken for it. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ...[["===", "!=="] as const, ["!==", "==="] as const],
  ...[["<", "<="] as const, ["<=", "<"] as const, [">", ">="] as const, [">=", ">"] as const],
  ...[["&&", "||"] as const, ["||", "&&"] as const],
  ...[["-", "+"] as const, ["*", "/"] as const, ["/", "*"] as const],
]);
/** Methods, each with the one that is mistaken for it. */
const METHODS: ReadonlyMap<string, string> = new Map([
  ...[["some", "every"] as const, ["every", "some"] as const],
  ...[["startsWith", "endsWith"] as const, ["endsWith", "startsWith"] as const],
  ...[["min", "max"] as const, ["max", "min"] as const],
  ...[["find", "findLast"] as const, ["findLast", "find"] as const],
]);

const MOST_COUNTED = 10;

/** Every change that may be made of a file. */
export function mutantsOfTypeScript(source: string, name: string): Mutant[] {
  const kind = name.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true, kind);
  const found: Mutant[] = [];
  const replace = (node: ts.Node, text: string, what: string): void => {
    found.push({ start: node.getStart(file), end: node.getEnd(), text, what });
  };
  const visit = (node: ts.Node): void => {
    // Types are checked by the compiler, and text by its readers.
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node))
      return;
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText(file);
      const other = OPERATORS.get(operator);
      if (other) replace(node.operatorToken, other, `${operator} becomes ${other}`);
      if (operator === "??") replace(node, node.left.getText(file), "?? and what follows goes");
    } else if (
      ts.isPrefixUnaryExpression(node) &&
      node.operator === ts.SyntaxKind.ExclamationToken
    ) {
      replace(node, node.operand.getText(file), "! goes");
    } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
      replace(node, "false", "true becomes false");
    } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
      replace(node, "true", "false becomes true");
    } else if (ts.isNumericLiteral(node)) {
      const next = String(otherNumber(Number(node.text)));
      replace(node, next, `${node.text} becomes ${next}`);
    } else if (ts.isConditionalExpression(node)) {
      const [yes, no] = [node.whenTrue.getText(file), node.whenFalse.getText(file)];
      found.push({
        start: node.whenTrue.getStart(file),
        end: node.whenFalse.getEnd(),
        text: `${no} : ${yes}`,
        what: "the two sides of a choice change places",
      });
    } else if (ts.isIfStatement(node)) {
      replace(
        node.expression,
        `!(${node.expression.getText(file)})`,
        "a condition is turned round",
      );
    } else if (ts.isExpressionStatement(node) && isCall(node.expression)) {
      replace(node, ";", "a call goes");
    } else if (ts.isThrowStatement(node)) {
      replace(node, ";", "a throw goes");
    } else if (ts.isArrayLiteralExpression(node) && node.elements.length > 1) {
      const last = node.elements.at(-1);
      const before = node.elements.at(-2);
      if (last && before)
        found.push({
          ...{ start: before.getEnd(), end: last.getEnd(), text: "" },
          what: "the last of a list goes",
        });
    } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { name: method, expression } = node.expression;
      const other = METHODS.get(method.text);
      if (other) replace(method, other, `${method.text} becomes ${other}`);
      if (method.text === "filter") replace(node, expression.getText(file), "a filter goes");
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** One more, or twice as much of what nobody counts one by one. */
function otherNumber(number: number): number {
  return number > MOST_COUNTED ? number * 2 : number + 1;
}

function isCall(node: ts.Expression): boolean {
  return ts.isCallExpression(ts.isAwaitExpression(node) ? node.expression : node);
}
