"""Codes: each has one level, is used, and is explained."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from jupyter_session_export.cli.doctor import finding
from jupyter_session_export.cli.doctor.finding import CODES, LEVELS, Level, found

PAGE = Path(__file__).parents[4] / "docs" / "doctor.md"
SOURCES = list(Path(finding.__file__).parent.glob("*.py"))


def test_each_code_has_one_level() -> None:
    """A code that is listed twice would change its meaning."""
    listed = Counter(code for codes in CODES.values() for code in codes)
    assert max(listed.values()) == 1
    assert found("DISK_FULL", "", "").level is Level.PROBLEM


def test_an_unknown_code_is_a_mistake() -> None:
    """Nobody can look it up."""
    with pytest.raises(KeyError):
        found("NO_SUCH_CODE", "", "")


def test_each_code_is_used() -> None:
    """What nothing finds needs no page."""
    used = "".join(path.read_text() for path in SOURCES if path.name != "finding.py")
    assert {code for code in LEVELS if f'"{code}"' not in used} == set()


def test_what_is_well_needs_no_remedy_and_all_else_has_one() -> None:
    """`found` asks for it, `well` takes none; each code is told by the one that its level has."""
    used = "".join(path.read_text() for path in SOURCES)
    told = {how: set(re.findall(rf'\b{how}\(\s*"([A-Z_]+)"', used)) for how in ("well", "found")}
    assert told["well"] == set(CODES[Level.OK])
    assert told["found"] <= set(CODES[Level.WARNING] + CODES[Level.PROBLEM])


def test_the_page_explains_each_code_under_its_level() -> None:
    """And no code that isn't one."""
    told: dict[str, str] = {}
    sections = re.compile(r"^## (\w+)$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    for heading, body in sections.findall(PAGE.read_text()):
        for code in re.findall(r"^\| `([A-Z_]+)` \| .+ \| .+ \|$", body, re.MULTILINE):
            assert code not in told
            told[code] = heading
    headings = {Level.OK: "Well", Level.WARNING: "Warning", Level.PROBLEM: "Problem"}
    assert {code: told.get(code, "").removesuffix("s") for code in LEVELS} == {
        code: headings[level] for code, level in LEVELS.items()
    }
    assert set(told) == set(LEVELS)


def test_a_finding_is_json() -> None:
    """With all that programs need."""
    assert found("DISK_FULL", "Full.", "tidy up", free_bytes=0).to_json() == {
        "code": "DISK_FULL",
        "level": "problem",
        "message": "Full.",
        "remedy": "tidy up",
        "facts": {"free_bytes": 0},
    }
