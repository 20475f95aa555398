"""Reading signed frames."""

from __future__ import annotations

import pytest
from jupyter_client.session import Session

from jupyter_session_export.recording.wire import (
    ForgedMessage,
    MalformedMessage,
    Wire,
    from_document,
)

KEY = b"secret"


def frames(text: str = "hello", key: bytes = KEY) -> list[bytes]:
    session = Session(key=key)
    parent = session.msg("execute_request")
    message = session.msg("stream", {"name": "stdout", "text": text}, parent=parent["header"])
    return [b"topic", *session.serialize(message)]


def test_reads_what_jupyter_client_writes() -> None:
    """A message has its type, parent and content."""
    message = Wire(KEY).read(frames())
    assert message.type == "stream"
    assert message.of_execution
    assert message.parent_id
    assert message.content == {"name": "stdout", "text": "hello"}


def test_a_message_without_a_parent() -> None:
    """Which kernels say as an empty object, as null, or as an empty list."""
    for parent in (b"{}", b"null", b"[]"):
        message = Wire(b"").read([b"topic", b"<IDS|MSG>", b"", b"{}", parent, b"{}", b"{}"])
        assert message.parent_id == ""
        assert not message.of_execution


@pytest.mark.parametrize("nothing", [b"{}", b"null", b"[]"])
def test_a_message_without_metadata(nothing: bytes) -> None:
    """It is no less a message, as front ends show it, too."""
    parts = frames(key=b"")
    parts[5] = nothing
    message = Wire(b"").read(parts)
    assert message.content == {"name": "stdout", "text": "hello"}
    assert message.metadata == {}


def test_unsigned_kernels() -> None:
    """A kernel without a key signs nothing."""
    assert Wire(b"").read(frames(key=b"")).type == "stream"


def test_jupyter_client_reads_our_requests() -> None:
    """A request that we write is one that a kernel accepts."""
    _, parts = Session(key=KEY).feed_identities(Wire(KEY).request("kernel_info_request", "m1"))
    message = Session(key=KEY).deserialize(parts)
    assert message["msg_type"] == "kernel_info_request"
    assert message["msg_id"] == "m1"


@pytest.mark.parametrize("part", [3, 4, 5, 6])
def test_each_part_is_signed(part: int) -> None:
    """A change of any part is found."""
    changed = frames()
    changed[part] += b" "
    with pytest.raises(ForgedMessage):
        Wire(KEY).read(changed)


@pytest.mark.parametrize("broken", [[], [b"x"], [b"<IDS|MSG>", b"", b"{}"], [b"t"] * 9])
def test_no_message(broken: list[bytes]) -> None:
    """Frames of another shape are malformed."""
    with pytest.raises(MalformedMessage):
        Wire(KEY).read(broken)


@pytest.mark.parametrize("part", [b"[]", b"{", b"\xff", b"", b"[" * 100_000])
def test_no_json(part: bytes) -> None:
    """Signed parts that are no JSON objects are malformed."""
    wire = Wire(b"")
    parts = [b"<IDS|MSG>", b"", part, b"{}", b"{}", b"{}"]
    with pytest.raises(MalformedMessage):
        wire.read(parts)


def test_invalid_utf8_is_kept() -> None:
    """Bytes that are no UTF-8 become surrogates."""
    raw = frames("X", b"")
    raw[6] = raw[6].replace(b"X", b"\xff")
    assert Wire(b"").read(raw).content["text"] == "\udcff"


def test_document() -> None:
    """A gateway's message is one JSON object."""
    document = {"header": {"msg_type": "status"}, "content": {}, "parent_header": None}
    assert from_document(document).type == "status"
    with pytest.raises(MalformedMessage):
        from_document({"header": []})
