from __future__ import annotations

from jupyter_session_export.store.folder import SessionFolder
from jupyter_session_export.store.lasting_pins import LastingPins
from jupyter_session_export.store.pins import Pins

ONE, TWO = b"1" * 32, b"2" * 32


def test_they_are_by_name(folder: SessionFolder) -> None:
    """Dropping one leaves what others hold; more than once does no harm."""
    pins = LastingPins(folder)
    pins.pin("a", [ONE, TWO])
    pins.pin("b", [TWO])
    assert LastingPins(folder).pinned() == {ONE, TWO}
    pins.drop("a")
    pins.drop("a")
    assert LastingPins(folder).pinned() == {TWO}
    pins.drop_all()
    assert pins.pinned() == set()


def test_they_are_as_private_as_the_record(folder: SessionFolder) -> None:
    """What a ZIP needs is nobody else's to know."""
    LastingPins(folder).pin("a", [ONE])
    (path,) = folder.pins.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_they_keep_content_but_no_session(folder: SessionFolder) -> None:
    """Who collects heeds them; a session that nobody uses can be removed with them."""
    LastingPins(folder).pin("a", [ONE])
    pins = Pins(folder)
    assert pins.pinned() == {ONE}
    assert not pins.in_use
