"""README.md: short, with pictures of the real program, and nothing in it that isn't there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyter_session_export import __all__ as names
from tools.screenshots.png import MAX_BYTES
from tools.screenshots.scenes import SCENES
from tools.screenshots.stage import THEMES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PICTURES = re.findall(r'(?:src|srcset)="([^"]+)"', README)
LINKS = [link for link in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in link]


def test_it_is_short() -> None:
    """At most 150 lines, which a newcomer reads."""
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("path", [*PICTURES, *LINKS])
def test_what_it_points_to_is_there(path: str) -> None:
    """Each picture and each page."""
    assert (ROOT / path.partition("#")[0]).is_file()


def test_it_shows_button_tree_and_panel_in_both_themes() -> None:
    """Each picture has one for light pages and one for dark ones, and a text for who sees none."""
    shown = {Path(path).stem for path in PICTURES}
    for scene in ("button", "tree", "panel"):
        assert {f"{scene}-{theme}" for theme in THEMES} <= shown
    assert README.count('<img alt="') == README.count("<picture>") == len(PICTURES) // 2


def test_pictures_are_those_that_the_script_takes() -> None:
    """In each theme, and none is left from a scene that is gone; each is small."""
    folder = ROOT / "docs" / "images"
    taken = {f"{scene}-{theme}.png" for scene in SCENES for theme in THEMES}
    assert {path.name for path in folder.iterdir()} == taken
    assert all((folder / name).stat().st_size <= MAX_BYTES for name in taken)


def test_make_knows_its_commands() -> None:
    """Each `make` that it names is a target."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"\bmake (\w+)", README))
    assert {"demo", "test", "lab"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_python_names_are_public() -> None:
    """What it imports is what the package offers."""
    imported = re.findall(r"from jupyter_session_export import (.+)", README)
    assert imported
    assert {name for line in imported for name in line.split(", ")} <= set(names)
