from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.client.delivery import Delivered
from jupyter_session_export.kernel import display


def shown(monkeypatch: pytest.MonkeyPatch, path: Path, folder: Path) -> dict[str, str]:
    """Return the bundle that `show_result` displays."""
    bundles: list[dict[str, str]] = []

    class Handle:
        def display(self, bundle: dict[str, str], **_: Any) -> None:
            bundles.append(bundle)

    monkeypatch.setattr(display, "_new_handle", Handle)
    display.show_result(Delivered(path, 10, 1, 1, 0), folder)
    return bundles[0]


def test_names_are_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is text and URL here, never markup."""
    bundle = shown(monkeypatch, Path("/n/sub/<b> &#.zip"), Path("/n"))
    assert 'href="sub/%3Cb%3E%20%26%23.zip"' in bundle["text/html"]
    assert "sub/&lt;b&gt; &amp;#.zip" in bundle["text/html"]
    assert bundle["text/plain"].startswith("/n/sub/<b> &#.zip\n")


@pytest.mark.parametrize("path", ["/m/x.zip", "/x.zip"])
def test_outside_of_the_folder_there_is_no_link(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """The browser may not be able to get there."""
    assert "<a" not in shown(monkeypatch, Path(path), Path("/n"))["text/html"]


def test_a_name_that_begins_with_dots_is_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two dots lead upwards only where they are the whole name."""
    assert "<a" in shown(monkeypatch, Path("/n/..x.zip"), Path("/n"))["text/html"]
