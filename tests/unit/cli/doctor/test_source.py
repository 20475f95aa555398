"""Remedies install this package from where it came, which need not be an index."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export import __version__
from jupyter_session_export.cli.doctor import commands, source
from jupyter_session_export.cli.doctor.source import Source

Noted = Callable[[Any], None]


class Distribution:
    """One of which pip has noted this; None where it came from an index."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self._text


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> Noted:
    """Note where this package came from: a text as it stands, all else as JSON."""

    def note(what: Any) -> None:
        text = what if what is None or isinstance(what, str) else json.dumps(what)
        monkeypatch.setattr(source.metadata, "distribution", lambda _: Distribution(text))

    return note


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A git clone, in a folder whose name a shell would take for two."""
    folder = tmp_path / "my clone"
    (folder / ".git").mkdir(parents=True)
    return folder


def test_from_an_index_it_is_a_name_and_a_version(noted: Noted) -> None:
    """The newest is the name alone."""
    noted(None)
    assert commands.installing_us().endswith(f'pip install "jupyter_session_export=={__version__}"')
    assert commands.upgrading_us().endswith('pip install --upgrade "jupyter_session_export"')


def test_from_a_clone_it_is_that_folder(noted: Noted, clone: Path) -> None:
    """Which is brought up to date first where a newer version is wanted."""
    noted({"url": clone.as_uri(), "dir_info": {}})
    assert Source.of_this() == Source(str(clone), str(clone), clone=str(clone))
    assert commands.replacing_us("/env/bin/python") == (
        f'/env/bin/python -m pip install --force-reinstall --no-deps "{clone}"'
    )
    pull, _, install = commands.upgrading_us().partition(" && ")
    assert pull == f"git -C '{clone}' pull"
    assert install.endswith(f'--upgrade "{clone}"')


def test_what_is_worked_on_stays_so(noted: Noted, clone: Path) -> None:
    """In this environment; another one gets a copy that stands by itself."""
    noted({"url": clone.as_uri(), "dir_info": {"editable": True}})
    assert f'--editable "{clone}"' in commands.mending_us(sys.executable)
    assert "--editable" not in commands.mending_us("/env/bin/python")


def test_a_wheel_is_taken_again(noted: Noted, tmp_path: Path) -> None:
    """Of this machine or another; a newer one is looked for in the index."""
    wheel = tmp_path / "jupyter_session_export-1-py3-none-any.whl"
    wheel.write_bytes(b"")
    noted({"url": wheel.as_uri(), "archive_info": {}})
    assert Source.of_this() == Source(str(wheel))
    noted({"url": "https://example.org/us.whl", "archive_info": {}})
    assert Source.of_this() == Source("https://example.org/us.whl")


def test_a_repository_is_asked_for_the_same_commit(noted: Noted) -> None:
    """And for its newest one to upgrade."""
    url = "https://example.org/us.git"
    noted({"url": url, "vcs_info": {"vcs": "git", "commit_id": "abc"}})
    assert Source.of_this() == Source(f"git+{url}@abc", f"git+{url}")


@pytest.mark.parametrize("what", ["{", "[]", {}, {"url": "file:///no/such/clone", "dir_info": {}}])
def test_what_is_gone_or_not_understood_is_an_index(noted: Noted, what: Any) -> None:
    """No remedy names what isn't there."""
    noted(what)
    assert Source.of_this() == Source()


def test_what_was_never_installed_is_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a folder on PYTHONPATH."""

    def missing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(source.metadata, "distribution", missing)
    assert Source.of_this() == Source()


def test_a_path_is_one_word_of_a_shell() -> None:
    """Whatever is in it."""
    assert commands.quoted("/plain/path") == "/plain/path"
    assert commands.removing("/it's $HOME") == """rm -r '/it'"'"'s $HOME'"""
