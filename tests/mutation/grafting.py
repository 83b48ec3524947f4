"""Putting changed code into a program that runs: others go on holding what they imported, which then does otherwise."""

import inspect
import sys
from collections.abc import Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any


def graft(module: ModuleType, code: CodeType) -> None:
    """Let a module, and all who imported from it, have the functions and values of this code. Raises what the code raises."""
    _graft_names(module, vars(module), vars(_run(module, code)))


def texts_changed(module: ModuleType, code: CodeType) -> set[str] | None:
    """Return the module's texts that this code has otherwise; None where it has anything else otherwise, or does not run."""
    try:
        changed = vars(_run(module, code))
    except Exception:  # noqa: BLE001 -- whatever it is, somebody will notice
        return None
    texts: set[str] = set()
    for name, old in vars(module).items():
        if name.startswith("__") or changed.get(name) == old:
            continue
        if not isinstance(old, str):
            return None
        texts.add(old)
    return texts


def _run(module: ModuleType, code: CodeType) -> ModuleType:
    changed = ModuleType(module.__name__)
    changed.__file__, changed.__package__ = module.__file__, module.__package__
    exec(code, vars(changed))  # noqa: S102 -- our own file, changed
    return changed


def _graft_names(module: ModuleType, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    for name, new in list(theirs.items()):
        old = ours.get(name)
        if name.startswith("__") or old is new:
            continue
        if isinstance(new, type):
            if new.__module__ == module.__name__ and isinstance(old, type):
                _graft_class(old, new)
        elif (function := _function_of(new)) is not None:
            _graft_function(old, function)
        elif type(old) is type(new) and old != new:
            for other in list(sys.modules.values()):
                if vars(other).get(name) is old:
                    setattr(other, name, new)


def _graft_class(old: type, new: type) -> None:
    for name, value in list(vars(new).items()):
        if (function := _function_of(value)) is not None:
            _graft_function(vars(old).get(name), function)
        elif (
            isinstance(value, int | float | str | tuple) and not name.startswith("__") and value != vars(old).get(name)
        ):
            setattr(old, name, value)


def _graft_function(holder: Any, new: FunctionType) -> None:
    old = _function_of(holder)
    if old is None:
        return
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
    # What a dataclass fills its fields with is in the cells of the function that it made.
    for ours, theirs in zip(old.__closure__ or (), new.__closure__ or (), strict=True):
        if not isinstance(theirs.cell_contents, type | FunctionType):
            ours.cell_contents = theirs.cell_contents
    if hasattr(holder, "cache_clear"):
        holder.cache_clear()


def _function_of(value: Any) -> FunctionType | None:
    if isinstance(value, classmethod | staticmethod):
        value = value.__func__
    elif isinstance(value, property):
        value = value.fget
    elif callable(value) and hasattr(value, "__wrapped__"):
        value = inspect.unwrap(value)
    return value if isinstance(value, FunctionType) else None
