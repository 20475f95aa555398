from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest

from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.pins import FRESH_SECONDS, STALE_SECONDS, Pins

Child = Callable[..., "Popen[str]"]
PIN = """
import sys
from pathlib import Path
from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.pins import Pins
pins = Pins(SessionFolder(Path(sys.argv[1])))
pin = pins.pin(frozenset([b"x"]))
print("pinned", flush=True)
sys.stdin.readline()
pin.release()
print("released", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def pins(folder: SessionFolder) -> Pins:
    return Pins(folder)


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_pins_add_up(pins: Pins) -> None:
    """What any pin holds is pinned, until the last of them is released."""
    one, other = pins.pin(frozenset([b"a", b"b"])), pins.pin(frozenset([b"b"]))
    assert pins.pinned() == {b"a", b"b"}
    one.release()
    one.release()
    assert pins.pinned() == {b"b"}
    with other:
        pass
    assert pins.pinned() == frozenset()


def test_everything_can_be_pinned_and_narrowed(pins: Pins) -> None:
    """Before an export knows what it needs, it holds all of it."""
    with pins.pin(None) as pin:
        assert pins.pinned() is None
        pin.narrow(frozenset([b"a"]))
        assert pins.pinned() == {b"a"}


def test_the_collectors_own_pins_leave_no_marks(pins: Pins, folder: SessionFolder) -> None:
    """Within one process nothing is written to pin."""
    pins.collected_here = True
    with pins.pin(frozenset([b"a"])):
        assert not list(folder.pins.iterdir())
        assert pins.pinned() == {b"a"}


def test_another_processs_pin_holds_everything(
    pins: Pins, folder: SessionFolder, child: Child
) -> None:
    """A mark of another process pins all, as long as it isn't released."""
    process = child(PIN, folder.path)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "pinned\n"
    (mark,) = folder.pins.iterdir()
    age(mark, FRESH_SECONDS + 1)
    assert pins.pinned() is None
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "released\n"
    assert pins.pinned() == frozenset()


def test_a_killed_processs_pin_is_swept_away(
    pins: Pins, folder: SessionFolder, child: Child
) -> None:
    """A mark whose lock nobody holds counts for a minute and is removed then."""
    process = child(PIN, folder.path)
    assert process.stdout is not None
    assert process.stdout.readline() == "pinned\n"
    process.kill()
    process.wait()
    (mark,) = folder.pins.iterdir()
    assert pins.pinned() is None
    age(mark, FRESH_SECONDS + 1)
    assert pins.pinned() == frozenset()
    assert not mark.exists()


def test_no_mark_stands_for_ever(pins: Pins, folder: SessionFolder, child: Child) -> None:
    """After a day even a locked mark is stale."""
    process = child(PIN, folder.path)
    assert process.stdout is not None
    assert process.stdout.readline() == "pinned\n"
    (mark,) = folder.pins.iterdir()
    age(mark, STALE_SECONDS + 1)
    assert pins.pinned() == frozenset()


def test_where_nothing_can_be_written_pins_still_count_here(
    pins: Pins, folder: SessionFolder
) -> None:
    """A reader of a read-only folder goes without a mark."""
    folder.pins.rmdir()
    folder.pins.touch()
    with pins.pin(frozenset([b"a"])) as pin:
        assert pin.mark is None
