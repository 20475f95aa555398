"""Names of output files."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording import payload
from jupyter_session_export.recording.naming import file_names

ENCODINGS = st.sampled_from([payload.TEXT, payload.JSON, payload.BASE64])


def test_types_have_their_own_extension() -> None:
    """Each MIME type of an output is a file of its own format."""
    types = [
        ("image/png", payload.BASE64),
        ("text/html", payload.TEXT),
        ("application/vnd.plotly.v1+json", payload.JSON),
        ("application/octet-stream", payload.BASE64),
        ("text/x-odd", payload.TEXT),
    ]
    assert file_names(2, types) == {
        "image/png": "output_2.png",
        "text/html": "output_2.html",
        "application/vnd.plotly.v1+json": "output_2.json",
        "application/octet-stream": "output_2.bin",
        "text/x-odd": "output_2.txt",
    }


def test_shared_extension() -> None:
    """Where two types share an extension, the well-known one has the plain name."""
    types = [
        ("application/vnd.x.v1+json", payload.JSON),
        ("application/json", payload.JSON),
    ]
    assert file_names(1, types) == {
        "application/json": "output_1.json",
        "application/vnd.x.v1+json": "output_1.vnd.x.v1.json",
    }


def test_picture_that_is_no_base64() -> None:
    """Text that pretends to be a picture is called text."""
    assert file_names(1, [("image/png", payload.TEXT)]) == {"image/png": "output_1.png.txt"}


@given(st.dictionaries(st.text(max_size=300), ENCODINGS, max_size=8))
def test_names_are_unique_and_safe(types: dict[str, str]) -> None:
    """Whatever a kernel calls a type, its file's name is plain, short and its own."""
    names = file_names(1, list(types.items()))
    assert names.keys() == types.keys()
    assert len({name.lower() for name in names.values()}) == len(names)
    for name in names.values():
        assert re.fullmatch(r"output_1[A-Za-z0-9._-]*", name)
        assert len(name) < 120
