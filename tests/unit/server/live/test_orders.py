"""What requests ask of sessions."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.server.live import orders

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["language", "env", "packages", "lifetime", "code", "timeout", "how", "name", "seconds", "x"]
)


def test_what_is_asked_is_taken() -> None:
    """As the Session API has it in keywords."""
    wish = {"language": "bash", "env": {"A_1": "b"}, "packages": ["numpy>=2"], "lifetime": 0}
    assert orders.beginning(wish) == wish
    order = orders.order({"code": "1", "timeout": None, "packages": ["x"]})
    assert (order.code, order.timeout, order.packages) == ("1", None, ("x",))
    assert orders.order({"code": ""}).timeout == 600
    assert orders.pause({}) == "freeze"
    assert orders.seconds({"seconds": 5}) == 5.0
    assert orders.seconds({}) is None
    assert orders.name({"name": "one"}) == "one"


@pytest.mark.parametrize(
    "body",
    [
        {"language": ""},
        {"language": "x" * 257},
        {"cwd": "/"},
        {"files": {}},
        {"lifetime": True},
        {"lifetime": float("nan")},
        {"lifetime": float("inf")},
        {"env": {"A=B": "c"}},
        {"env": {"A": "\0"}},
        {"env": {"A": "\ud800"}},
        {"packages": [1]},
        {"packages": ["x"] * 101},
    ],
)
def test_wrong_wishes_are_refused(body: dict[str, Any]) -> None:
    """Before anything is begun."""
    with pytest.raises(InvalidRequest):
        orders.beginning(body)


@given(st.dictionaries(NAMES, JSON, max_size=4))
def test_whatever_comes_is_taken_or_refused(body: dict[str, Any]) -> None:
    """No body makes a check fail."""
    for check in (orders.beginning, orders.order, orders.pause, orders.seconds, orders.name):
        with suppress(InvalidRequest):
            check(body)
