"""What of a kernel is its user's: variables, results, history, place, random numbers."""

from __future__ import annotations

import linecache
import os
import random
import sys
import types
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any

from .pickling import MAIN, namespace

VARIABLE, RESULT = "variable", "result"
_MODULE = frozenset(
    {"__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtin__", "__builtins__"}
)
"""A module's own names; IPython doesn't hide them any more after `%reset`."""


def shell_of_kernel() -> Any:
    """Return IPython's shell."""
    make = namespace().get("get_ipython")
    if make is None:
        raise RuntimeError("only IPython's kernels have a namespace that can be kept")
    return make()


def variables(shell: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield kind, name and value: what the user has bound, and the results `Out[n]`.

    First what the code of others may use while they are unpickled.
    """
    hidden = shell.user_ns_hidden
    missing = object()
    bound = [
        (name, value)
        for name, value in list(shell.user_ns.items())
        if name not in _MODULE and hidden.get(name, missing) is not value
    ]
    for name, value in sorted(bound, key=lambda each: _rank(each[1])):
        yield VARIABLE, name, value
    for number, value in list(shell.user_ns.get("_oh", {}).items()):
        yield RESULT, str(number), value


def _rank(value: Any) -> int:
    """Modules come first, then what was defined."""
    # Of its type: what a proxy says of its class may be an error.
    if issubclass(type(value), types.ModuleType):
        return 0
    return 1 if issubclass(type(value), types.FunctionType | type) else 2


def bind(shell: Any, kind: str, name: str, value: Any) -> None:
    """Give a variable or a result back."""
    if kind == VARIABLE:
        shell.user_ns[name] = value
        return
    shell.user_ns["_oh"][int(name)] = value
    shell.push({f"_{name}": value}, interactive=False)
    display = shell.displayhook
    display.___, display.__, display._ = display.__, display._, value
    shell.push({each: getattr(display, each) for each in ("_", "__", "___")}, interactive=False)


def place() -> dict[str, Any]:
    """Return where modules and files are looked for, as JSON."""
    return {
        "folder": os.getcwd(),  # noqa: PTH109  # a text
        "path": [each for each in sys.path if isinstance(each, str)],
    }


def go_to(told: dict[str, Any]) -> None:
    """Look for modules and files where `place` has told."""
    sys.path[:0] = [each for each in told["path"] if each not in sys.path]
    if os.path.isdir(told["folder"]):  # noqa: PTH112
        os.chdir(told["folder"])


def home_of(value: Any) -> list[str]:
    """Return which module is imported for a value, if one is known."""
    kind = type(value)
    # Both may be a variable's own code.
    with suppress(Exception):
        name = value.__name__ if issubclass(kind, types.ModuleType) else kind.__module__
        if isinstance(name, str) and name != MAIN and name in sys.modules:
            return [name]
    return []


def surroundings(shell: Any) -> dict[str, Any]:
    """Return what else a cell may rely on."""
    history = shell.history_manager
    made = {
        "count": shell.execution_count,
        "parsed": list(history.input_hist_parsed),
        "raw": list(history.input_hist_raw),
        "sources": _sources(),
        "random": random.getstate(),
    }
    if "numpy.random" in sys.modules:
        made["numpy.random"] = sys.modules["numpy.random"].get_state()
    return made


def surround(shell: Any, made: dict[str, Any]) -> None:
    """Give back what `surroundings` has returned; what holds only variables comes later."""
    shell.execution_count = made["count"]
    shell.history_manager.input_hist_parsed[:] = made["parsed"]
    shell.history_manager.input_hist_raw[:] = made["raw"]
    linecache.cache.update(made["sources"])


def reseed(made: dict[str, Any]) -> None:
    """Have random numbers go on where they were: last, as whatever is imported may draw some."""
    random.setstate(made["random"])
    if "numpy.random" in made:
        import_module("numpy.random").set_state(made["numpy.random"])


def kind_of(value: Any) -> str:
    """Return its class, in words."""
    kind = type(value)
    own = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    return f"{own}{kind.__qualname__}"


def _sources() -> dict[str, Any]:
    """Return the sources of cells, which are in no file; tracebacks and `inspect` show them."""
    return {
        name: entry for name, entry in linecache.cache.items() if len(entry) == 4 and not entry[1]
    }
