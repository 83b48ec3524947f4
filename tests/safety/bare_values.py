"""
Find where the code reads bare values about people, which the second wall does not see: numbers, columns, sums, written SQL.

It reads the text alone. What a place reads is told by the names in its expression, in what the function gave those names, in
the types of its arguments and in what functions say that they return; so it may take too many for being about people, which
a word in the table sets right, and rarely too few.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.apps import apps

from classbell.accounts.wall import is_walled

PACKAGE, WITHIN = "classbell", "classbell."
SOURCE: Final = Path(__file__).parents[2] / "src"
BARE: Final = {
    "values",
    "values_list",
    "aggregate",
    "annotate",
    "alias",
    "count",
    "counted",
    "exists",
    "cursor",
    "raw",
    "fetch_prepared",
}
SQL: Final = {"cursor", "raw", "fetch_prepared"}
NARROWING: Final = {"filter", "exclude", "Q", "get", "get_or_404", "OuterRef"}
# Rules that let admins through alone, who read everything.
FOR_ADMINS: Final = {"is_admin"}
# What leaves of rows those that a person may read, and how the person who asks is written where requests come in.
WHO_MAY: Final = {
    "visible_to",
    "kept_by",
    "findable_by",
    "open_to",
    "wards_of",
    "looked_after_by",
    "own_occurrences",
    "reported_occurrences",
    "bare_values_about",
    "request.user",
}
WRITTEN: Final = "a statement that is written elsewhere"
Function = ast.FunctionDef


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One read of bare values, in which function of which module."""

    function: str
    line: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Module:
    """One file: its functions, and what it gives its names."""

    name: str
    tree: ast.Module

    @property
    def is_of_requests(self) -> bool:
        """Whether requests come in here."""
        parts = self.name.split(".")
        return parts[1:2] == ["web"] or any(part == "api" or part.endswith("_api") for part in parts)


def places() -> Iterator[Place]:
    """Yield what pages, operations and the modules that these call read about people without making objects of it."""
    for module in _read_for_requests():
        yield from places_in(module)


def places_in(module: Module) -> Iterator[Place]:
    """Yield what one module reads so."""
    for function in _functions(module.tree):
        yield from _places_in(module, function)


def _read_for_requests() -> list[Module]:
    known = modules()
    own = [one for one in known.values() if one.is_of_requests]
    called = {name for one in own for name in _imported(one.tree) if name in known}
    return [one for name, one in sorted(known.items()) if one in own or name in called]


@cache
def modules() -> dict[str, Module]:
    """Return our modules by name, without those that no request comes by."""
    found = {}
    for path in sorted((SOURCE / PACKAGE).rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if not {"migrations", "demo", "management", "backup"} & set(parts):
            name = ".".join(parts).removesuffix(".__init__")
            found[name] = Module(name=name, tree=ast.parse(path.read_text()))
    return found


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _functions(tree: ast.AST) -> Iterator[Function]:
    """Yield functions and methods, whose `self` is of their class; what stands within one belongs to it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            if isinstance(tree, ast.ClassDef) and node.args.args:
                node.args.args[0].annotation = ast.Name(tree.name)
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node)


def _places_in(module: Module, function: Function) -> Iterator[Place]:
    """Yield the places of a function, one for each chain of calls."""
    reads = [node for node in ast.walk(function) if isinstance(node, ast.Call) and _is_bare(node)]
    if not reads or _rule_of(function) in FOR_ADMINS:
        return
    parents = {child: node for node in ast.walk(function) for child in ast.iter_child_nodes(node)}
    chains = {_outermost(node, parents): node for node in reversed(reads) if not _only_narrows(node, parents, function)}
    for chain, node in reversed(chains.items()):
        names = frozenset(_names_of(chain, function, set()))
        if names & words_of_people() and not names & WHO_MAY:
            name = f"{module.name.removeprefix(PACKAGE + '.')}.{function.name}"
            yield Place(function=name, line=node.lineno, text=ast.unparse(node))


def _rule_of(function: Function) -> str:
    for one in function.decorator_list:
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "allowed":
            return ast.unparse(one.args[0])
    return ""


def _is_bare(node: ast.Call) -> bool:
    match node.func:
        case ast.Attribute(attr="values"):
            return bool(node.args or node.keywords)
        case ast.Attribute(attr="count"):
            return not node.args
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in BARE
    return False


def _only_narrows(node: ast.AST, parents: dict[ast.AST, ast.AST], function: Function) -> bool:
    """Whether what is read only says which other rows are read: then those are looked at."""
    at = node
    while (parent := parents.get(at)) is not None:
        if isinstance(parent, ast.Call) and at is not parent.func and _called(parent) in NARROWING:
            return True
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name) and parent in parents:
            uses = [
                one
                for one in ast.walk(function)
                if isinstance(one, ast.Name) and one.id == parent.targets[0].id and isinstance(one.ctx, ast.Load)
            ]
            before = {**parents}
            del before[parent]  # a name that is given to itself narrows nothing
            return bool(uses) and all(_only_narrows(one, before, function) for one in uses)
        if isinstance(parent, ast.stmt):
            return False
        at = parent
    return False


def _outermost(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.AST:
    """Return the whole chain of calls that a call is in the midst of."""
    parent = parents.get(node)
    while isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and parent.func is node):
        node, parent = parent, parents.get(parent)
    return node


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _names_of(node: ast.AST, function: Function, seen: set[str]) -> Iterator[str]:
    """Yield the names of an expression, of what the function gave these, and of the types that they have."""
    for one in ast.walk(node):
        match one:
            case ast.Name(id=name) if name not in seen:
                seen.add(name)
                yield name
                yield from _returned(name)
                for given in _given(function).get(name, ()):
                    yield from _names_of(given, function, seen)
            case ast.Attribute(attr=name):
                yield name
                yield from _returned(name)
            case ast.keyword(arg=str(name), value=value):
                yield ast.unparse(value)
                yield from _parts(name)
            case ast.Constant(value=str(text)):
                yield from _parts(text)
            case ast.Call() if _called(one) in SQL:
                yield from _names_in_sql(function)


def _parts(text: str) -> Iterator[str]:
    """Yield the relations that a path of names goes along."""
    yield from (f"__{part}" for part in text.split("__"))


def _names_in_sql(function: Function) -> Iterator[str]:
    """Yield the tables in the texts of a function and in those it names, and WRITTEN for a statement that it is given."""
    for one in ast.walk(function):
        match one:
            case ast.Name(id=name):
                yield from (table for text in texts().get(name, ()) for table in _tables(text))
            case ast.Constant(value=str(text)):
                yield from _tables(text)
            case ast.Call(args=[ast.Name(id=name), *_]) if _called(one) == "execute" and name not in texts():
                yield WRITTEN


@cache
def _given(function: Function) -> dict[str, list[ast.AST]]:
    """Return what a function gives each of its names, and the types of its arguments, with the types these stand for."""
    found: dict[str, list[ast.AST]] = defaultdict(list)
    args = function.args
    for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs]:
        if arg.annotation is not None:
            found[arg.arg] += [ast.Name(name) for name in _types(arg.annotation)]
    for one in ast.walk(function):
        match one:
            case ast.Assign(targets=[target, *_], value=value) | ast.For(target=target, iter=value):
                pass
            case ast.NamedExpr(target=target, value=value) | ast.comprehension(target=target, iter=value):
                pass
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
                pass
            case _:
                continue
        for part in ast.walk(target):
            if isinstance(part, ast.Name):
                found[part.id].append(value)
    return found


def _types(annotation: ast.AST) -> Iterator[str]:
    for one in ast.walk(annotation):
        if isinstance(one, ast.Name):
            yield one.id
            yield from (name for name in aliases().get(one.id, ()))


def _returned(name: str) -> Iterator[str]:
    for annotation in returns().get(name, ()):
        yield from _types(annotation)


@cache
def returns() -> dict[str, list[ast.AST]]:
    """Return what functions of a name say that they return, where that is rows."""
    found: dict[str, list[ast.AST]] = defaultdict(list)
    for module in modules().values():
        for function in _functions(module.tree):
            if function.returns is not None and "QuerySet" in ast.unparse(function.returns):
                found[function.name].append(function.returns)
    return found


@cache
def aliases() -> dict[str, list[str]]:
    """Return names given to types of rows, with the names in these."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in modules().values():
        for node in module.tree.body:
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ) if "QuerySet[" in ast.unparse(value):
                    found[name] += [one.id for one in ast.walk(value) if isinstance(one, ast.Name)]
    return found


@cache
def texts() -> dict[str, list[str]]:
    """Return the texts that modules give names of their own, those of statements of SQL among them."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in modules().values():
        for node in module.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if isinstance(target, ast.Name):
                    found[target.id] += [
                        one.value
                        for one in ast.walk(node.value)
                        if isinstance(one, ast.Constant) and isinstance(one.value, str)
                    ]
                    used = [one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)]
                    found[target.id] += [text for name in used for text in found.get(name, ())]
    return found


def _tables(text: str) -> Iterator[str]:
    yield from (table for table in tables() if table in text)


@cache
def tables() -> frozenset[str]:
    """Return the tables of what is about people."""
    return frozenset(model._meta.db_table for model in apps.get_models() if is_walled(model))


@cache
def words_of_people() -> frozenset[str]:
    """Return the names by which code comes to rows about people: models, their query sets, relations to them, tables."""
    words = {*tables(), WRITTEN}
    for model in apps.get_models():
        if not is_walled(model):
            continue
        words |= {model.__name__, f"{model.__name__}QuerySet"}
        for relation in (getattr(field, "remote_field", None) for field in model._meta.get_fields() if field.concrete):
            if relation is not None and (accessor := relation.get_accessor_name()):
                words |= {accessor, f"__{relation.name}"}
    return frozenset(words)
