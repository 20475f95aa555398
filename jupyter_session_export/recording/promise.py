"""Ending a future that its owner may have given up, or that was ended before."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def resolve(promise: Future[T], value: T) -> None:
    """Hand a value to whoever still waits."""
    if not promise.done() and promise.set_running_or_notify_cancel():
        promise.set_result(value)


def reject(promise: Future[T], error: BaseException) -> None:
    """Hand an error to whoever still waits."""
    if not promise.done() and promise.set_running_or_notify_cancel():
        promise.set_exception(error)
