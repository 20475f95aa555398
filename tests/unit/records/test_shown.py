"""The digest of outputs, which a page works out in JavaScript."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.records.shown import canonical, digest


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"b": 1, "a": [True, None, 1.0]}, '{"a":[true,null,1],"b":1}'),
        ({"\ufb33": 1, "😀": 2}, '{"😀":2,"\ufb33":1}'),
        ("\ud83d x \u2028 😀\x01\x7f", '"\\ud83d x \u2028 😀\\u0001\x7f"'),
        ("\ud83d\ude00", '"😀"'),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (5e-324, "5e-324"),
        (-0.0, "0"),
        (-1.25, "-1.25"),
        (2**53 + 1, "9007199254740992"),
        (10**400, "null"),
        (float("nan"), "null"),
    ],
)
def test_json_is_that_of_javascript(value: Any, expected: str) -> None:
    """What `JSON.stringify` writes in Node 20, with the names sorted as `sort` does it."""
    assert canonical(value) == expected


@given(st.lists(st.dictionaries(st.text(), st.text()), max_size=4))
def test_outputs_are_hashed_as_one_list(outputs: list[dict[str, Any]]) -> None:
    """The digest is that of the canonical JSON of all outputs."""
    assert digest(outputs) == hashlib.sha256(canonical(outputs).encode()).hexdigest()
