"""What requests ask of sessions, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ...errors import InvalidRequest

if TYPE_CHECKING:
    from ...sessions.order import Order
    from ...sessions.wishes import Beginning

MOST_CODE = 4 * 2**20
MOST_CHARACTERS = 256
MOST_PACKAGES = 100
MOST_VARIABLES = 1000
MOST_VALUE = 128 * 1024
MOST_OUTPUT = 8 * 2**20
"""Bytes of a run's output in its result, where the record has all of it."""
MOST_SECONDS = 366 * 24 * 3600
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
T = TypeVar("T")
Check = Callable[[str, Any], Any]


def beginning(body: Mapping[str, Any]) -> Beginning:
    """Return what a session is to be begun with. Raises InvalidRequest."""
    return cast("Beginning", _checked(body, _BEGINNING))


def order(body: Mapping[str, Any]) -> Order:
    """Return what is to be run. Raises InvalidRequest."""
    from ...sessions.order import TIMEOUT_SECONDS, Order  # noqa: PLC0415 - nothing for a start

    checked = _checked(body, _RUNNING)
    if "code" not in checked:
        raise InvalidRequest("code must be a text.")
    return Order(
        code=checked["code"],
        timeout=checked.get("timeout", TIMEOUT_SECONDS),
        packages=tuple(checked.get("packages", ())),
        most_bytes=MOST_OUTPUT,
    )


def pause(body: Mapping[str, Any]) -> str:
    """Return how to pause. Raises InvalidRequest."""
    from ...sessions.pausing import FREEZE, SUSPEND  # noqa: PLC0415 - nothing for a start

    return str(_checked(body, {"how": _one_of(FREEZE, SUSPEND)}).get("how", FREEZE))


def seconds(body: Mapping[str, Any]) -> float | None:
    """Return how long a session is to live on at least. Raises InvalidRequest."""
    value: float | None = _checked(body, {"seconds": _or_null(_seconds)}).get("seconds")
    return value


def name(body: Mapping[str, Any]) -> str:
    """Return a snapshot's name. Raises InvalidRequest."""
    checked = _checked(body, {"name": _text})
    if "name" not in checked:
        raise InvalidRequest("name must be a text.")
    return str(checked["name"])


def nothing(body: Mapping[str, Any]) -> None:
    """Check that nothing is said. Raises InvalidRequest."""
    _checked(body, {})


def _checked(body: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Any]:
    """Return what is said, each checked; what isn't known may be meant to change something."""
    if unknown := sorted(set(body) - set(checks)):
        known = ", ".join(checks) or "nothing"
        told = ", ".join(repr(each[:MOST_CHARACTERS]) for each in unknown[:3])
        raise InvalidRequest(f"The body has no {told}.", f"Known: {known}.")
    return {name: checks[name](name, value) for name, value in body.items()}


def _text(name: str, value: Any) -> str:
    if not (isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS and _is_plain(value)):
        raise InvalidRequest(f"{name} must be a text of at most {MOST_CHARACTERS} characters.")
    return value


def _code(name: str, value: Any) -> str:
    if not (isinstance(value, str) and len(value) <= MOST_CODE and _is_unicode(value)):
        raise InvalidRequest(f"{name} must be a text of at most {MOST_CODE} characters.")
    return value


def _packages(name: str, value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST_PACKAGES:
        raise InvalidRequest(f"{name} must be a list of at most {MOST_PACKAGES} texts.")
    return [_text(f"Each of {name}", each) for each in value]


def _env(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > MOST_VARIABLES:
        raise InvalidRequest(f"{name} must be an object of at most {MOST_VARIABLES} texts.")
    for variable, text in value.items():
        if not _VARIABLE.fullmatch(variable):
            raise InvalidRequest(
                f"{name} has a variable that can't be called so.",
                "Names are letters, digits and _, and begin with no digit.",
            )
        if not (isinstance(text, str) and len(text) <= MOST_VALUE and _is_plain(text)):
            raise InvalidRequest(
                f"{name}: {variable} must be a text of at most {MOST_VALUE} characters."
            )
    return value


def _seconds(name: str, value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 <= value <= MOST_SECONDS:
        raise InvalidRequest(f"{name} must be seconds from 0 to {MOST_SECONDS}.")
    return float(value)


def _timeout(name: str, value: Any) -> float:
    if not (found := _seconds(name, value)):
        raise InvalidRequest(f"{name} must be more than 0; null is without end.")
    return found


def _one_of(*allowed: str) -> Check:
    def check(name: str, value: Any) -> str:
        if value not in allowed:
            raise InvalidRequest(f"{name} must be one of: {', '.join(allowed)}.")
        return str(value)

    return check


def _or_null(check: Callable[[str, Any], T]) -> Callable[[str, Any], T | None]:
    return lambda name, value: None if value is None else check(name, value)


def _is_unicode(text: str) -> bool:
    """Tell whether it can be sent: JSON can spell halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_plain(text: str) -> bool:
    return "\0" not in text and _is_unicode(text)


_BEGINNING: Mapping[str, Check] = {
    "language": _text,
    "kernel": _or_null(_text),
    "template": _or_null(_text),
    "packages": _packages,
    "env": _or_null(_env),
    "name": _or_null(_text),
    "lifetime": _or_null(_seconds),
}
_RUNNING: Mapping[str, Check] = {
    "code": _code,
    "timeout": _or_null(_timeout),
    "packages": _packages,
}
