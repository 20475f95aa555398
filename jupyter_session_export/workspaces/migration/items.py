"""What lies in the old layout, as it was when the migration was planned."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """A file or folder by its path below `outputs/` ("" is that folder itself).

    `target` is where a file goes in the session. `sha256` is None for a folder;
    `left` says why something stays where it is.
    """

    path: str
    mode: int = 0
    modified_ns: int = 0
    size: int = 0
    sha256: str | None = None
    target: str | None = None
    left: str | None = None

    @property
    def is_file(self) -> bool:
        return self.sha256 is not None

    @property
    def is_folder(self) -> bool:
        return self.sha256 is None and self.left is None

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.split("/")) if self.path else ()

    def at(self, target: str) -> Item:
        """Return the item with another place in the session."""
        return replace(self, target=target)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Item:
        """Read what `to_json` wrote. Raises TypeError on another layout."""
        return cls(**data)
