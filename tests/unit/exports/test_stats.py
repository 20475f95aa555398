"""What a session holds, in figures."""

from __future__ import annotations

from pathlib import Path

from jupyter_session_export.exports.belongings import Belongings
from jupyter_session_export.exports.stats import Statistics
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.unrecorded import NOTEBOOKS_OFF
from jupyter_session_export.settings import SessionExport
from jupyter_session_export.store.catalog import Catalog


def test_notebooks_that_are_off_do_not_count(tmp_path: Path) -> None:
    """By their owner's word or by the settings: the ZIP won't have their files either."""
    for name in ("a.ipynb", "off.ipynb", "private.ipynb"):
        (tmp_path / name).write_bytes(b"x" * 10)
    catalog = Catalog(tmp_path / "data")
    record = catalog.open(SessionKey("ada", str(tmp_path)))
    for name in ("a.ipynb", "off.ipynb", "private.ipynb"):
        record.note_notebook(name, "k1")
    record.set_value(NOTEBOOKS_OFF, ["off.ipynb"])
    record.close()
    belongings = Belongings.by(SessionExport(unrecorded_notebooks=["private*"]))
    figures = Statistics(catalog, belongings).of(record.session.id)
    assert figures["code"] == {"count": 1, "bytes": 10}
    assert figures["sections"]["code"] == {"entries": 1, "bytes": 10}


def test_what_lies_outside_of_the_root_has_no_size(tmp_path: Path) -> None:
    """The ZIP won't have it, whether a link or dots lead there."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.ipynb").write_bytes(b"x" * 1000)
    (root / "link.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (root / "a.ipynb").write_bytes(b"x" * 10)
    catalog = Catalog(tmp_path / "data")
    record = catalog.open(SessionKey("ada", str(root)))
    for name in ("a.ipynb", "link.ipynb", "../secret.ipynb", "gone.ipynb"):
        record.note_notebook(name, "k1")
    record.close()
    figures = Statistics(catalog, None).of(record.session.id)
    assert figures["code"] == {"count": 4, "bytes": 10}
