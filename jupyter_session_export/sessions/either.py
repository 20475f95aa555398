"""A method that means one thing on a class and another on its instances."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
S = TypeVar("S")


class Either(Generic[P, R, Q, S]):
    """`Session.run(…)` is a session of its own, `session.run(…)` one more run of it."""

    def __init__(
        self,
        of_class: Callable[P, R],
        of_instance: Callable[Concatenate[Any, Q], S],
    ) -> None:
        self._of_class: Callable[P, R] = getattr(of_class, "__func__", of_class)
        self._of_instance = of_instance
        self.__doc__ = of_instance.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Have help and tracebacks call both by this name."""
        for function in (self._of_class, self._of_instance):
            function.__name__, function.__qualname__ = name, f"{owner.__qualname__}.{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> Callable[P, R]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Callable[Q, S]: ...
    def __get__(self, instance: Any, owner: type) -> Callable[..., Any]:
        if instance is None:
            return self._of_class
        return MethodType(self._of_instance, instance)
