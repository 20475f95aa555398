from __future__ import annotations

import pytest

from jupyter_session_export.errors import InvalidRequest
from jupyter_session_export.kernel.arguments import HelpShown, parse


def test_nothing_is_needed() -> None:
    """The defaults are this session, the notebook's folder and the server's choices."""
    assert vars(parse("")) == {
        "path": None,
        "session": None,
        "notebook": False,
        "include": None,
        "compression": None,
        "tools": False,
    }


@pytest.mark.parametrize(
    ("line", "path"),
    [("'my folder/x.zip'", "my folder/x.zip"), ('"a b"', "a b"), ("#1.zip", "#1.zip")],
)
def test_paths_may_be_quoted(line: str, path: str) -> None:
    """As in a shell; a hash is no comment."""
    assert parse(line).path == path


def test_backslashes_part_folders_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """There they are no escapes."""
    monkeypatch.setattr("jupyter_session_export.kernel.arguments.os.name", "nt")
    assert parse(r"C:\Users\x.zip").path == r"C:\Users\x.zip"


@pytest.mark.parametrize("line", ["--nonsense", "a b", "'a", "--session", "--not"])
def test_a_mistake_names_the_help(line: str) -> None:
    """It is never the end of the process, which is the kernel."""
    with pytest.raises(InvalidRequest) as told:
        parse(line)
    assert "--help" in str(told.value.detail)


def test_help_is_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """It is printed, and nothing is exported."""
    with pytest.raises(HelpShown):
        parse("--help")
    assert "--compression" in capsys.readouterr().out
