"""Finding the pictures in a notebook's text."""

from __future__ import annotations

import base64
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.content import base64_runs
from jupyter_session_export.content.base64_runs import (
    GRAIN,
    LEAST_RUN,
    Run,
    may_hold_base64,
    runs_of,
)

TEXT = b'{"cell_type": "code", "source": ["print(1 + 1)\\n"], "outputs": []}, ' * 400
NOISE = Random(7).randbytes(200_000)  # noqa: S311 - the same each time
PICTURE = base64.encodebytes(NOISE).replace(b"\n", b"\\n")


def test_a_picture_between_texts_is_one_run() -> None:
    """A run begins and ends within a grain of where the picture does."""
    first, picture, last = runs_of(TEXT + PICTURE + TEXT)
    assert [run.is_base64 for run in (first, picture, last)] == [False, True, False]
    assert abs(picture.start - len(TEXT)) <= GRAIN
    assert abs(picture.end - len(TEXT + PICTURE)) <= GRAIN


def test_a_short_run_stays_text() -> None:
    """What is shorter than a block is worth is text."""
    short = PICTURE[: LEAST_RUN - 2 * GRAIN]
    assert runs_of(TEXT + short + TEXT) == [Run(0, 2 * len(TEXT) + len(short), False)]


def test_probes_find_a_notebook_of_pictures() -> None:
    """Content with pictures is looked at, text and small content are not."""
    assert may_hold_base64(TEXT + PICTURE * 3)
    assert not may_hold_base64(TEXT)
    assert not may_hold_base64(PICTURE[: LEAST_RUN - 1])
    assert not may_hold_base64(b"")


@given(st.lists(st.sampled_from([TEXT[:3000], PICTURE[:9000], b" ", PICTURE[:100]]), max_size=12))
def test_runs_cover_all_in_turn(pieces: list[bytes]) -> None:
    """Runs follow each other without a gap, and no two neighbours are of one kind."""
    content = b"".join(pieces)
    runs = runs_of(content)
    ends = [0, *(run.end for run in runs)]
    assert [run.start for run in runs] == ends[:-1]
    assert ends[-1] == len(content)
    kinds = [run.is_base64 for run in runs]
    assert all(a != b for a, b in pairwise(kinds))


def test_a_picture_in_text_without_spaces_is_found() -> None:
    """Minified JSON and mail have no spaces about their base64; it is looked for more closely."""
    text = b'{"cell_type":"code","source":["print(1,1)"],"outputs":[]},' * 400
    mail = base64.encodebytes(NOISE)
    for picture in (PICTURE, mail):
        first, found, last = runs_of(text + picture + text)
        assert [run.is_base64 for run in (first, found, last)] == [False, True, False]
        assert abs(found.start - len(text)) <= GRAIN
        assert abs(found.end - len(text + picture)) <= GRAIN


def test_text_is_hardly_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are spaces there is no base64, whatever the share of its characters."""
    seen: list[int] = []
    monkeypatch.setattr(base64_runs, "_other", lambda piece: seen.append(len(piece)) or 0.0)
    assert runs_of(b"mostly letters and a space" * 10_000) == [Run(0, 260_000, False)]
    assert not seen
