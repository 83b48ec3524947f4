"""Small changes of a source file, each a mistake that somebody could have made: what tests are for."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, Final

OTHER: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.USub: ast.UAdd,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}
CALLED: Final = {"min": "max", "max": "min", "any": "all", "all": "any", "first_of": "last_of", "last_of": "first_of"}
# In the text of a statement of SQL: what is looked for, and what stands there then; None: a number one higher.
IN_SQL: Final = (
    (r"(?<=[\w)\]] )<=(?= )", "<"),
    (r"(?<=[\w)\]] )>=(?= )", ">"),
    (r"(?<=[\w)\]] )<(?= )", "<="),
    (r"(?<=[\w)\]] )>(?= )", ">="),
    (r"(?<=[\w)\]] )\+(?= )", "-"),
    (r"(?<=[\w)\]] )-(?= )", "+"),
    (r"\bAND\b", "OR"),
    (r"\bOR\b", "AND"),
    (r"\bNOT\b", ""),
    (r"\bleast\(", "greatest("),
    (r"\bgreatest\(", "least("),
    (r"\bmin\(", "max("),
    (r"\bmax\(", "min("),
    (r"\bLEFT JOIN\b", "JOIN"),
    (r"(?<![\w.'%$(:])\d+(?![\w.'])", None),
)
# Words for people, and for those who read logs: what they say is no behaviour.
FOR_PEOPLE: Final = {"_", "gettext", "ngettext", "gettext_lazy", "BadRecurrence", "ValueError", "DomainError"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """
    One change: the whole file's code with it, the lines of the statement it is in, the line as it is written, and how the
    change reads. One `of_all` is in what is done when the file is imported, which no line of a test tells.
    """

    first: int
    last: int
    is_of_all: bool
    written: str
    change: str
    code: CodeType


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every change of a file that is known here."""
    lines = path.read_text().splitlines()
    tree = ast.parse(path.read_text())
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    at_import = {id(statement) for body in [tree.body, *(one.body for one in classes)] for statement in body}
    at_import -= {id(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node, statement in list(_that_count(tree, tree)):
        for holder, name, new in _changes(node):
            old, before = getattr(holder, name), ast.unparse(node)
            setattr(holder, name, new)
            try:
                after = ast.unparse(node)
                code = compile(ast.fix_missing_locations(tree), str(path), "exec")
                first, last = _lines_of(statement)
                is_of_all = id(statement) in at_import
                yield Mutant(
                    first=first,
                    last=last,
                    is_of_all=is_of_all,
                    written=lines[getattr(node, "lineno", first) - 1].strip(),
                    change=_told(before, after),
                    code=code,
                )
            finally:
                setattr(holder, name, old)


def _that_count(node: ast.AST, statement: Any) -> Iterator[tuple[ast.AST, Any]]:
    """Yield the nodes that do something, each with the statement it is in: no types, no decorators, no words for people."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise):
        return
    if isinstance(node, ast.stmt):
        statement = node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FOR_PEOPLE:
        return
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
        return
    yield node, statement
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases"}:
            continue
        children = value if isinstance(value, list) else [value]
        if name == "body" and isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            children = [child for child in children if not _is_text(child)]
        for child in children:
            if isinstance(child, ast.AST):
                yield from _that_count(child, statement)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str, Any]]:  # noqa: C901 -- a table of cases
    """Yield what to set: on which node, which field, to what."""
    match node:
        case ast.Compare(ops=operators):
            for number, operator in enumerate(operators):
                yield node, "ops", [*operators[:number], OTHER[type(operator)](), *operators[number + 1 :]]
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator) | ast.UnaryOp(op=operator) if type(operator) in OTHER:
            yield node, "op", OTHER[type(operator)]()
        case ast.UnaryOp(op=ast.Not()):
            yield node, "operand", ast.UnaryOp(op=ast.Not(), operand=node.operand)
        case ast.If() | ast.IfExp() | ast.While():
            yield node, "test", ast.UnaryOp(op=ast.Not(), operand=node.test)
        case ast.comprehension(ifs=[_, *_]):
            yield node, "ifs", []
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield node, "value", ast.Constant(None)
        case ast.Expr() | ast.AugAssign():
            yield node, "value", ast.Constant(0 if isinstance(node, ast.AugAssign) else None)
        case ast.Call(func=ast.Name(id=name)) if name in CALLED:
            yield node.func, "id", CALLED[name]
        case ast.Constant(value=value):
            for other in _other_values(value):
                yield node, "value", other


def _other_values(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
    elif isinstance(value, str) and "\n" in value:
        for pattern, instead in IN_SQL:
            for found in re.finditer(pattern, value):
                new = str(int(found[0]) + 1) if instead is None else instead
                yield f"{value[: found.start()]}{new}{value[found.end() :]}"
    elif isinstance(value, str) and value:
        yield f"{value}X"


def _lines_of(statement: Any) -> tuple[int, int]:
    """Return the lines of a statement; of one with others in it, those before them, but of a function all."""
    last = statement.end_lineno
    inner = getattr(statement, "body", None)
    if isinstance(inner, list) and not isinstance(statement, ast.FunctionDef):
        last = max(statement.lineno, inner[0].lineno - 1)
    return statement.lineno, last


def _told(before: str, after: str) -> str:
    """Return the part that differs, with a little around it."""
    same = next(
        (n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    begin = max(0, same - 50)
    return f"{_short(before[begin : same + 30])} => {_short(after[begin : same + 30])}"


def _short(text: str) -> str:
    return " ".join(text.replace("\\n", " ").split())
