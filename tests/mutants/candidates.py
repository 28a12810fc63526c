"""Small changes of Python that somebody could notice: prints them as JSON, for each file that is named."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

COMPARISONS = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
MOST_COUNTED = 10
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "startswith": "endswith", "endswith": "startswith"}


class Finder(ast.NodeVisitor):
    """Collects the changes of one file.

    Args:
        source: Its text.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[dict[str, Any]] = []
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def _at(self, line: int, column: int) -> int:
        """Offset in characters of a place that `ast` tells in bytes of a line."""
        start = self._lines[line - 1]
        text = self.source[start : self._lines[line]]
        return start + len(text.encode()[:column].decode())

    def _span(self, node: Any) -> tuple[int, int]:
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _text(self, node: Any) -> str:
        start, end = self._span(node)
        return self.source[start:end]

    def _add(self, start: int, end: int, text: str, what: str) -> None:
        self.found.append({"start": start, "end": end, "text": text, "what": what})

    def _replace(self, node: Any, text: str, what: str) -> None:
        self._add(*self._span(node), text, what)

    def _between(self, left: Any, right: Any, old: str, new: str) -> None:
        start, end = self._span(left)[1], self._span(right)[0]
        place = self.source.find(old, start, end)
        if place >= 0:
            self._add(place, place + len(old), new, f"{old} becomes {new}")

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Types are checked by mypy."""
        if node.value is not None:
            self.visit(node.value)

    def visit_arguments(self, node: ast.arguments) -> None:
        """Defaults count, types don't."""
        for default in [*node.defaults, *filter(None, node.kw_defaults)]:
            self.visit(default)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """What a function returns by its type is mypy's."""
        self.visit(node.args)
        for child in node.body:
            self.visit(child)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for index, operator in enumerate(node.ops):
            old, new = COMPARISONS[type(operator)]
            self._between(sides[index], sides[index + 1], old, new)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        self._between(node.values[0], node.values[1], old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._replace(node, f"({self._text(node.operand)})", "not goes")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        for kind, old, new in ((ast.Sub, "-", "+"), (ast.Mult, "*", "+"), (ast.FloorDiv, "//", "*")):
            if isinstance(node.op, kind):
                self._between(node.left, node.right, old, new)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._replace(node, str(not node.value), f"{node.value} becomes {not node.value}")
        elif isinstance(node.value, int):
            # One more, or twice as much of what nobody counts one by one.
            other = node.value * 2 if node.value > MOST_COUNTED else node.value + 1
            self._replace(node, str(other), f"{node.value} becomes {other}")

    def visit_If(self, node: ast.If) -> None:
        if not _is_type_checking(node.test):
            self._replace(node.test, f"not ({self._text(node.test)})", "a condition is turned round")
            self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        yes, test, no = self._text(node.body), self._text(node.test), self._text(node.orelse)
        self._replace(node, f"{no} if {test} else {yes}", "the two sides of a choice change places")
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(value, ast.Call):
            self._replace(node, "pass", "a call goes")
        if not isinstance(value, ast.Constant):
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self._replace(node, "pass", "a raise goes")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if other := CALLS.get(name):
            end = self._span(function)[1]
            self._add(end - len(name), end, other, f"{name} becomes {other}")
        self.generic_visit(node)

    def _last(self, node: ast.List | ast.Tuple | ast.Set) -> None:
        if len(node.elts) > 1 and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            start, end = self._span(node.elts[-2])[1], self._span(node.elts[-1])[1]
            comma = "," if len(node.elts) == 2 and isinstance(node, ast.Tuple) else ""
            self._add(start, end, comma, "the last of a list goes")
        self.generic_visit(node)

    visit_List = _last
    visit_Tuple = _last
    visit_Set = _last

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """`dict[str, int]` is a type, `items[0]` isn't."""
        self.visit(node.value)
        if not isinstance(node.slice, ast.Tuple):
            self.visit(node.slice)


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def main(names: list[str]) -> None:
    """Print the changes of each file, by its name."""
    every = {}
    for name in names:
        source = Path(name).read_text()
        finder = Finder(source)
        finder.visit(ast.parse(source))
        every[name] = finder.found
    print(json.dumps(every))


main(sys.argv[1:])
