"""The digest of outputs, which a page works out in JavaScript."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.records.shown import canonical, digest

VECTORS = json.loads(Path(__file__, "../../../vectors/outputs_digest.json").resolve().read_text())


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["name"])
def test_digests_are_those_that_pages_work_out(vector: dict[str, Any]) -> None:
    """The vectors are the format: the page's tests read the same file."""
    assert canonical(vector["outputs"]) == vector["canonical"]
    assert digest(vector["outputs"]) == vector["sha256"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"b": [1, True, None], "a": 'é\n"'},
            r'{"a":"\u00e9\n\"","b":["#3ff0000000000000",true,null]}',
        ),
        ("\u007f😀\ud83d", r'"\u007f\ud83d\ude00\ud83d"'),
        ({"\ufb33": "", "😀": ""}, r'{"\ud83d\ude00":"","\ufb33":""}'),
        ([1.0, -0.0, 2**53 + 1], '["#3ff0000000000000","#8000000000000000","#4340000000000000"]'),
        ([10**400, -(10**400)], '["#7ff0000000000000","#fff0000000000000"]'),
    ],
)
def test_json_is_that_of_the_page(value: Any, expected: str) -> None:
    """What labextension/src/restore/digest.ts writes for the same value."""
    assert canonical(value) == expected


@given(st.lists(st.dictionaries(st.text(), st.text()), max_size=4))
def test_outputs_are_hashed_as_one_list(outputs: list[dict[str, Any]]) -> None:
    """The digest is that of the canonical JSON of all outputs."""
    assert digest(outputs) == hashlib.sha256(canonical(outputs).encode()).hexdigest()
