"""What `session_files.save` takes, as bytes or a binary file.

Figures and tables are known by what they can do: nothing is imported that the
user's code hasn't imported.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO, Any

from ..errors import InvalidRequest

TABLES = {
    ".csv": "to_csv",
    ".json": "to_json",
    ".parquet": "to_parquet",
    ".xlsx": "to_excel",
    ".html": "to_html",
    ".feather": "to_feather",
    ".pkl": "to_pickle",
}
_TEXTS = {".csv", ".json", ".html"}


@contextmanager
def content_of(name: str | os.PathLike[str], data: Any) -> Iterator[bytes | IO[bytes]]:
    """Yield the content of something that is to be saved. Raises InvalidRequest."""
    if isinstance(data, os.PathLike):
        try:
            file = Path(data).open("rb")  # noqa: SIM115  # closed below
        except OSError as error:
            raise InvalidRequest(f"{data} can't be read.", str(error)) from error
        with file:
            yield file
    else:
        yield _rendered(name, data)


def _rendered(name: str | os.PathLike[str], data: Any) -> bytes | IO[bytes]:
    if isinstance(data, str):
        return data.encode("utf-8", "surrogatepass")
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    suffix = PurePath(name).suffix.lower()
    if callable(getattr(data, "savefig", None)):
        return _figure(data, suffix)
    if callable(getattr(data, "to_csv", None)):
        return _table(data, suffix)
    if callable(getattr(data, "read", None)):
        return _Reading(data)  # type: ignore[return-value]  # `save` only reads
    raise InvalidRequest(
        f"A {type(data).__name__} can't be saved.",
        "Give bytes, a text, a pathlib.Path, an open file, a figure or a DataFrame.",
    )


def _figure(figure: Any, suffix: str) -> bytes:
    buffer = io.BytesIO()
    try:
        figure.savefig(buffer, format=suffix.removeprefix(".") or "png")
    except ValueError as error:
        raise InvalidRequest(f"The figure can't be saved as {suffix}.", str(error)) from error
    return buffer.getvalue()


def _table(table: Any, suffix: str) -> bytes:
    write = getattr(table, TABLES.get(suffix, ""), None)
    if write is None:
        known = ", ".join(TABLES)
        raise InvalidRequest(f"A table can't be saved as {suffix or 'this'}.", f"Use {known}.")
    if suffix in _TEXTS:
        return str(write()).encode("utf-8", "surrogatepass")
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


class _Reading:
    """An open file of texts or bytes, read as bytes."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        chunk = self._file.read(size)
        return chunk.encode("utf-8", "surrogatepass") if isinstance(chunk, str) else bytes(chunk)
