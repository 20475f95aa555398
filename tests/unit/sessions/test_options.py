"""What the calls say of themselves, and refuse."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from jupyter_session_export import AsyncSession, Session
from jupyter_session_export.sessions.options import OPTIONS
from jupyter_session_export.sessions.session import Host
from jupyter_session_export.sessions.wishes import (
    Beginning,
    Followed,
    Mapped,
    Once,
    Running,
    order_of,
    wanted,
)
from jupyter_session_export.settings import SessionExport

KINDS = (Beginning, Followed, Mapped, Once, Running)


def keywords(*kinds: type) -> set[str]:
    return {name for kind in kinds for name in kind.__optional_keys__}  # type: ignore[attr-defined]


def test_each_keyword_is_told() -> None:
    """No other one is, either."""
    assert set(OPTIONS) == keywords(*KINDS)


@pytest.mark.parametrize("owner", [Session, AsyncSession, Host])
@pytest.mark.parametrize(("name", "kind"), [("run", Once), ("create", Beginning), ("map", Mapped)])
def test_help_shows_all_of_a_call(owner: type, name: str, kind: type) -> None:
    """Its keywords with their defaults, what they mean, and what it raises."""
    call = getattr(owner, name)
    shown = inspect.signature(call).parameters
    told = inspect.getdoc(call) or ""
    assert call.__qualname__ == f"{owner.__name__}.{name}"
    for keyword in keywords(kind):
        assert shown[keyword].kind == inspect.Parameter.KEYWORD_ONLY
        assert f"\n{keyword}: " in told
    assert "Raises" in told or "raises" in told or "as `Session.map` does" in told


def test_a_sessions_own_run_has_its_own_keywords() -> None:
    """It is begun already; only what a run may be asked for is left."""
    run = object.__new__(Session).run
    assert set(inspect.signature(run).parameters) == {"code", *keywords(Followed)}


def test_defaults_are_what_nothing_said_is() -> None:
    """Whoever copies a shown default gets what would have been without it."""
    settings = SessionExport()
    running: Any = {name: OPTIONS[name].default for name in keywords(Running)}
    assert order_of("1", running) == order_of("1", {})
    beginning: Any = {name: OPTIONS[name].default for name in keywords(Beginning)}
    assert wanted(settings, beginning) == wanted(settings, {})


async def test_a_keyword_that_is_none_is_refused() -> None:
    """It isn't ignored, and one that is like it is named."""
    calls: list[Any] = [Session.run, Session.create, Session.map, object.__new__(Session).run]
    for call in calls:
        with pytest.raises(TypeError, match="unexpected keyword argument 'timout'"):
            call("1", timout=1) if call is not Session.create else call(timout=1)
    with pytest.raises(TypeError, match="Did you mean 'timeout'"):
        await AsyncSession.run("1", timout=1)  # type: ignore[call-arg]
