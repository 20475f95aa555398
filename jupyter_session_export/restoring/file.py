"""A notebook's file: read, changed, and written back only if nobody else has changed it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import NotebookChanged, NotebookUnreadable

if TYPE_CHECKING:
    from nbformat.sign import NotebookNotary

_INDENT = re.compile(rb"\{\r?\n([ \t]+)")
CHANGED = "The notebook was changed while outputs were restored; nothing was written."


@dataclass(frozen=True, slots=True)
class NotebookFile:
    """`document` is the parsed notebook, which the caller may change."""

    path: Path
    content: bytes
    document: dict[str, Any]
    trusted: bool

    @classmethod
    def read(cls, named: Path) -> NotebookFile:
        """Read a notebook, by way of links. Raises NotebookUnreadable."""
        try:
            path = named.resolve(strict=True)
            content = path.read_bytes()
            document = json.loads(content)
            return cls(path, content, document, _is_trusted(content))
        except OSError as error:
            raise NotebookUnreadable(
                f"{named} can't be read: {error.strerror or error}.", "Check its name."
            ) from error
        except (ValueError, RecursionError, RuntimeError) as error:
            raise NotebookUnreadable(f"{named} is no notebook.", str(error)) from error

    def write(self) -> None:
        """Replace the file at once, with its permissions, as it was formatted before.

        Raises NotebookChanged, NotebookUnreadable.
        """
        content = self._formatted()
        fresh = self.path.with_name(f".{self.path.name}.{secrets.token_hex(6)}")
        try:
            self._fill(fresh, content)
            # As late as it can be: between this and the next line nobody is likely to save.
            if self._digest() != hashlib.sha256(self.content).digest():
                raise NotebookChanged(CHANGED, "Try it again.")
            fresh.replace(self.path)
        except OSError as error:
            raise NotebookUnreadable(
                f"{self.path} can't be written: {error.strerror or error}.",
                "Check the disk, and who may write there.",
            ) from error
        finally:
            fresh.unlink(missing_ok=True)
        if self.trusted:
            _notary().sign(_node(content))

    def _fill(self, fresh: Path, content: bytes) -> None:
        status = self.path.stat()
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "chown") and (status.st_uid, status.st_gid) != _owner(fresh):
            with suppress(PermissionError):
                os.chown(fresh, status.st_uid, status.st_gid)
        fresh.chmod(status.st_mode & 0o7777)

    def _digest(self) -> bytes:
        return hashlib.sha256(self.path.read_bytes()).digest()

    def _formatted(self) -> bytes:
        found = _INDENT.match(self.content)
        text = json.dumps(
            self.document,
            ensure_ascii=b"\\u" in self.content and self.content.isascii(),
            indent=found[1].decode() if found else None,
        )
        ending = b"\n" if self.content.endswith(b"\n") else b""
        return text.encode("utf-8", "surrogatepass") + ending


def _owner(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_uid, status.st_gid


def _notary() -> NotebookNotary:
    # It takes a second to import, which other commands needn't wait for.
    from nbformat.sign import NotebookNotary  # noqa: PLC0415

    return NotebookNotary()


def _node(content: bytes) -> Any:
    import nbformat  # noqa: PLC0415  # as above

    return nbformat.reads(content.decode("utf-8", "surrogatepass"), as_version=4)


def _is_trusted(content: bytes) -> bool:
    """Tell whether pages show all of its outputs, HTML and scripts too."""
    notary, notebook = _notary(), _node(content)
    return bool(notary.check_signature(notebook) or notary.check_cells(notebook))
