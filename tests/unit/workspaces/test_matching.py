"""Whose recording a file is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.settings import PATTERNS, TYPES
from jupyter_session_export.workspaces.matching import (
    Identity,
    InvalidPattern,
    Matcher,
    compiled,
    session_folder,
)

ID = "0123456789abcdef" * 2
MINE = Identity(42, ID)
MATCHER = Matcher(PATTERNS, TYPES)
NUMBERS = st.integers(1, 10**6)
WORDS = st.text("abcxyzSs0123456789_-. é", min_size=1, max_size=12)
MARKS = st.sampled_from(["_session{}_", "-session{}-", "_s{}_", "_Session{}_", "_S{}_"])


@pytest.mark.parametrize(
    "name",
    [
        "cam1_session42_20250502.mp4",
        "cam2-session42-20250502.mp4",
        "c32_livinglab_s42_video.mp4",
        "CAM1_SESSION42_20250502.MP4",
        "cam_session0042_1.webm",
        f"cam_session{ID}_1.mkv",
        f"cam_s{ID.upper()}_1.flac",
        "a b_s42_2025-05-02 10.15.mov",
        "2025/may/cam1_session42_20250502.mp4",
    ],
)
def test_a_name_of_the_session_is_taken(name: str) -> None:
    """By each pattern, by number and by id, whatever the case, below any folder."""
    verdict = MATCHER.judge(name, MINE)
    assert verdict.taken, verdict
    assert verdict.name == name
    assert verdict.reason.startswith("its name is like {prefix}")


@pytest.mark.parametrize(
    "name",
    [
        "cam1_session4_20250502.mp4",
        "cam1_session421_20250502.mp4",
        "cam1_session42x_20250502.mp4",
        "cam1_session42.mp4",
        "cam1_session42_.mp4",
        "_session42_20250502.mp4",
        "cams42_video.mp4",
        "cam_buss42_video.mp4",
        "cam1_session-42_20250502.mp4",
        "cam1_session42_20250502.txt",
        "cam1_session42_20250502",
        ".mp4",
        "cam1-session42_20250502.mp4",
        "cam_session٤٢_x.mp4",
    ],
)
def test_what_is_not_quite_a_name_is_not_taken(name: str) -> None:
    """Another number, a part of a word, a missing part, another type: each is told."""
    verdict = MATCHER.judge(name, MINE)
    assert not verdict.taken
    assert verdict.reason


@given(mine=NUMBERS, other=NUMBERS, prefix=WORDS, mark=MARKS, date=WORDS)
def test_a_name_belongs_to_one_session(
    mine: int, other: int, prefix: str, mark: str, date: str
) -> None:
    """Whatever stands around it, a number is never taken for a part of another."""
    name = prefix.replace("/", "") + mark.format(mine) + date + ".mp4"
    takers = [
        number
        for number in {mine, other, mine // 10, mine % 10, mine * 10, int(f"{mine}{other}")}
        if MATCHER.judge(name, Identity(number, ID)).taken
    ]
    assert len(takers) <= 1


@given(number=NUMBERS, prefix=st.text("abcxyz_-", min_size=1), mark=MARKS, date=WORDS)
def test_the_sessions_own_name_is_found(number: int, prefix: str, mark: str, date: str) -> None:
    """A prefix without digits holds no other mark, so the one that is there counts."""
    name = f"{prefix}{mark.format(number)}{date}.mp4"
    assert MATCHER.judge(name, Identity(number, ID)).taken


def test_the_first_mark_of_a_name_counts() -> None:
    """A name with several has one session, by the order of the patterns."""
    name = "cam_s4_session42_x_s7_y.mp4"
    assert MATCHER.judge(name, MINE).taken
    assert not MATCHER.judge(name, Identity(4, ID)).taken
    assert not MATCHER.judge(name, Identity(7, ID)).taken


def test_a_place_takes_whatever_lies_in_it() -> None:
    """Of any type and name, also deeper; `recordings/` of the ZIP holds what is below."""
    verdict = MATCHER.judge("Session42/recordings/cam/notes.txt", MINE)
    assert (verdict.taken, verdict.name) == (True, "cam/notes.txt")
    assert verdict.reason == "it lies in Session42/recordings/"
    assert MATCHER.judge(f"session{ID}/recordings/a", MINE).taken


def test_a_place_comes_before_a_name() -> None:
    """What lies in a session's folder is never another's, whatever its name says."""
    path = "Session4/recordings/cam_session42_x.mp4"
    assert not MATCHER.judge(path, MINE).taken
    assert "folder of another session" in MATCHER.judge(path, MINE).reason
    assert MATCHER.judge(path, Identity(4, ID)).taken
    assert not MATCHER.judge("Session42/notes/cam_session4_x.mp4", MINE).taken
    assert not MATCHER.judge("Session42/notes/cam_session4_x.mp4", Identity(4, ID)).taken
    assert MATCHER.judge("Session42/notes/cam_session42_x.mp4", MINE).taken


@given(number=NUMBERS, name=WORDS)
def test_a_sessions_folder_is_its_own(number: int, name: str) -> None:
    """`Session4/` is no folder of session 42, nor the other way round."""
    path = f"Session{number}/recordings/a{name}"
    others = (number, number * 10, number // 10)
    assert [n for n in others if MATCHER.judge(path, Identity(n, ID)).taken] == [number]
    assert session_folder(f"Session{number}", Identity(number, ID))
    assert not session_folder(f"Session{number}0", Identity(number, ID))


def test_patterns_of_ones_own() -> None:
    """They may be of the whole name with its suffix, and put the ID anywhere."""
    matcher = Matcher(["{ID}-{prefix}", "run{ID}.mp4"], ["mp4"])
    assert matcher.judge("42-cam.mp4", MINE).taken
    assert matcher.judge("run42.mp4", MINE).taken
    assert not matcher.judge("run421.mp4", MINE).taken
    assert not matcher.judge("142-cam.mp4", MINE).taken
    assert not matcher.judge("trun42.mp4", MINE).taken


@pytest.mark.parametrize("pattern", ["{prefix}", "{ID}{ID}", "{ID}_{camera}"])
def test_a_pattern_that_names_no_session_is_refused(pattern: str) -> None:
    """`{ID}` stands in it once, and there are no other placeholders."""
    with pytest.raises(InvalidPattern):
        compiled(pattern)


def test_no_patterns_and_no_types_take_nothing_by_name() -> None:
    """Empty settings turn it off; places stay."""
    for matcher in (Matcher([], TYPES), Matcher(PATTERNS, [])):
        assert not matcher.judge("cam1_session42_20250502.mp4", MINE).taken
        assert matcher.judge("Session42/recordings/a.mp4", MINE).taken
