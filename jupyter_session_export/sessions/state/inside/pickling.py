"""Pickles what a kernel's namespace holds, with what was defined in it.

cloudpickle gives each function a copy of the globals that it uses. Here functions
come back into the namespace itself: what they use is looked up there, as before,
and one of them doesn't fail because of what another name holds.
"""

from __future__ import annotations

import functools
import io
import sys
import types
import typing
from collections import ChainMap
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import cloudpickle

from .arrays import is_strided, reduce_strided

MAIN = "__main__"
_ATTRIBUTES = ("__name__", "__qualname__", "__doc__", "__module__", "__defaults__")
_MORE = ("__kwdefaults__", "__type_params__")


class NotKept(Exception):
    """This can't be what it was in another process."""


def namespace() -> dict[str, Any]:
    """Return the one in which cells run."""
    return vars(sys.modules[MAIN])


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """Protocol 5; `buffer_callback` gets what needs no copy."""

    def __init__(self, file: Any, buffer_callback: Callable[[Any], None]) -> None:
        # The pickler looks for it once, while it is made.
        self.dispatch_table = ChainMap(_REDUCERS, cloudpickle.Pickler.dispatch_table)
        super().__init__(file, protocol=5, buffer_callback=buffer_callback)
        self._namespace = namespace()

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if kind is types.FunctionType and obj.__globals__ is self._namespace:
            return _reduce_function(obj)
        if obj is self._namespace:
            return namespace, ()
        if is_strided(obj):
            return reduce_strided(obj)
        return super().reducer_override(obj)


def forget_classes() -> None:
    """Have classes of a state made anew, not taken from what was unpickled of it before."""
    for name in ("_DYNAMIC_CLASS_TRACKER_BY_ID", "_DYNAMIC_CLASS_TRACKER_BY_CLASS"):
        tracker = getattr(cloudpickle.cloudpickle, name, None)
        if tracker is not None:
            tracker.clear()


def _reduce_function(function: types.FunctionType) -> Any:
    state = {name: getattr(function, name) for name in _ATTRIBUTES}
    state |= {name: getattr(function, name) for name in _MORE if hasattr(function, name)}
    # From Python 3.14 on annotations are made when they are asked for, and may fail.
    name = "__annotate__" if hasattr(function, "__annotate__") else "__annotations__"
    state[name] = getattr(function, name)
    made = (function.__code__, function.__closure__)
    return _bare_function, made, (state, function.__dict__), None, None, _complete_function


def _bare_function(code: types.CodeType, closure: Any) -> types.FunctionType:
    return types.FunctionType(code, namespace(), None, None, closure)


def _complete_function(function: types.FunctionType, state: Any) -> None:
    attributes, members = state
    for name, value in attributes.items():
        setattr(function, name, value)
    function.__dict__.update(members)


def _reduce_cell(cell: types.CellType) -> Any:
    """Cells keep who they are, so functions that shared a variable still do."""
    content: tuple[Any, ...] = ()
    with suppress(ValueError):  # it is empty
        content = (cell.cell_contents,)
    return types.CellType, (), content, None, None, _fill_cell


def _fill_cell(cell: types.CellType, content: tuple[Any, ...]) -> None:
    if content:
        cell.cell_contents = content[0]


def _reduce_cache(cached: Any) -> Any:
    """`functools.lru_cache` would be looked up by a name that isn't bound yet; it begins empty."""
    if cached.__module__ != MAIN:
        return cached.__qualname__
    members = {key: each for key, each in vars(cached).items() if key != "__wrapped__"}
    return _cached, (cached.__wrapped__, cached.cache_parameters()), members


def _cached(function: Any, parameters: dict[str, Any]) -> Any:
    return functools.lru_cache(**parameters)(function)


def _reduce_new_type(made: Any) -> Any:
    """`typing.NewType` would be looked up by a name that isn't bound yet, too."""
    if made.__module__ != MAIN:
        return made.__qualname__
    return typing.NewType, (made.__name__, made.__supertype__), {"__module__": MAIN}


def _refuse(obj: Any) -> Any:
    # cloudpickle would put a copy of its content in its place.
    raise NotKept(f"a {type(obj).__name__} is tied to this process")


_REDUCERS: dict[type, Callable[[Any], Any]] = {
    types.CellType: _reduce_cell,
    type(functools.lru_cache(len)): _reduce_cache,
    typing.NewType: _reduce_new_type,
    io.TextIOWrapper: _refuse,
    memoryview: _refuse,
}
