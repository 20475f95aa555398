"""Rich values as files of their own format."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording import payload
from jupyter_session_export.recording.encoding import to_bytes, to_text

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


@given(st.binary(max_size=200), st.sampled_from([0, 1, 2]))
def test_base64_comes_back_exactly(data: bytes, style: int) -> None:
    """A PNG's file is the picture, and its message can be rebuilt to the letter."""
    styles = (
        base64.b64encode(data).decode(),
        binascii.b2a_base64(data).decode(),
        base64.encodebytes(data).decode(),
    )
    encoding, content = payload.encode("image/png", styles[style])
    assert content == data
    assert payload.decode(encoding, content) == styles[style]


@pytest.mark.parametrize("text", ["no base64!", "YQ=", "YQ==YQ==", "YR=="])
def test_other_text_stays_text(text: str) -> None:
    """A picture that is no proper base64 is kept as the text it is."""
    assert payload.encode("image/png", text) == (payload.TEXT, text.encode())


@given(JSON_VALUES, st.sampled_from(["application/json", "application/vnd.x+json", "text/plain"]))
def test_values_come_back_exactly(value: Any, mime: str) -> None:
    """Any JSON value comes back as it was, under any type."""
    encoding, content = payload.encode(mime, value)
    assert payload.decode(encoding, content) == value
    assert payload.is_exact(encoding, content, value)


@given(st.binary(max_size=50))
def test_bytes_survive_text(data: bytes) -> None:
    """Any bytes that were read as text are written as the same bytes."""
    assert to_bytes(to_text(data)) == data


def test_any_surrogate_can_be_written() -> None:
    """Surrogates that stand for no byte are written as three bytes; nothing fails."""
    text = "".join(chr(code) for code in range(0xD800, 0xE000))
    assert to_bytes("a\ud800\udcffz") == b"a\xed\xa0\x80\xffz"
    assert len(to_bytes(text)) == 3 * 2048 - 2 * 128
