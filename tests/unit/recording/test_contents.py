"""What is done to files is told once, and never in the way of who does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.services.contents.filemanager import (
    AsyncFileContentsManager,
    FileContentsManager,
)
from jupyter_server.utils import ensure_async

from jupyter_session_export.recording.contents import ContentsWatch
from jupyter_session_export.records.activity import Actor, Deed

Manager = FileContentsManager | AsyncFileContentsManager
Start = Callable[..., Any]


class Told:
    """What a watch has told."""

    def __init__(self) -> None:
        self.deeds: list[Deed] = []
        self.moves: list[tuple[str, str, str | None]] = []
        self.actor: Actor | None = Actor("s1", "ada")

    def note(self, session_id: str, deed: Deed) -> None:
        assert session_id == "s1"
        self.deeds.append(deed)

    def moved(self, old: str, new: str, told: str | None) -> None:
        self.moves.append((old, new, told))

    @property
    def actions(self) -> list[str]:
        return [deed.action for deed in self.deeds]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture(params=[FileContentsManager, AsyncFileContentsManager])
def manager(request: pytest.FixtureRequest, tmp_path: Path, told: Told) -> Iterator[Manager]:
    manager: Manager = request.param(root_dir=str(tmp_path))
    watch = ContentsWatch(manager, actor=lambda: told.actor, note=told.note, moved=told.moved)
    watch.start()
    yield manager
    watch.stop()
    assert "save" not in vars(manager)


async def test_each_deed_is_told_once(manager: Manager, told: Told) -> None:
    """Though a manager calls its own methods for it."""
    await ensure_async(manager.new_untitled(path="", type="notebook"))
    await ensure_async(manager.copy("Untitled.ipynb", ""))
    await ensure_async(manager.get("Untitled.ipynb"))
    await ensure_async(manager.update({"path": "b.ipynb"}, "/Untitled.ipynb"))
    await ensure_async(manager.delete("b.ipynb"))
    assert told.actions == [
        "notebook.create",
        "notebook.copy",
        "notebook.open",
        "notebook.rename",
        "notebook.delete",
    ]
    assert told.moves == [("Untitled.ipynb", "b.ipynb", "s1")]


async def test_what_fails_is_no_deed(manager: Manager, told: Told) -> None:
    """Whoever asked gets the manager's own error."""
    with pytest.raises(Exception, match=r"No such file|does not exist"):
        await ensure_async(manager.get("nothing.txt"))
    with pytest.raises(TypeError):
        await ensure_async(manager.get(no_such_argument=1))
    assert told.actions == []


async def test_deeds_at_the_same_time(manager: Manager, told: Told) -> None:
    """One that is under way hides no other."""
    model = {"type": "file", "format": "text", "content": "x"}
    saves = [ensure_async(manager.save(dict(model), f"{n}.txt")) for n in range(5)]
    await asyncio.gather(*saves)
    assert told.actions == ["file.save"] * 5


async def test_a_failing_line_spares_the_file(
    manager: Manager, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    """The file is saved; the server's log says what is missing."""

    def fail(session_id: str, deed: Deed) -> None:
        raise OSError("no")

    watch = ContentsWatch(manager, actor=lambda: told.actor, note=fail, moved=told.moved)
    watch.start()
    model = {"type": "file", "format": "text", "content": "x"}
    saved = await ensure_async(manager.save(model, "a.txt"))
    watch.stop()
    assert saved["path"] == "a.txt"
    assert "could not be recorded" in caplog.text


async def test_where_nobody_has_a_session_a_move_is_still_followed(
    manager: Manager, told: Told
) -> None:
    """The notebook is another session's as well."""
    told.actor = None
    await ensure_async(manager.new_untitled(path="", type="notebook"))
    await ensure_async(manager.rename("Untitled.ipynb", "b.ipynb"))
    assert told.actions == []
    assert told.moves == [("Untitled.ipynb", "b.ipynb", None)]
