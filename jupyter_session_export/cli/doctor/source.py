"""Where pip installed this package from, as PEP 610 has it noted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

OURS = "jupyter_session_export"


@dataclass(frozen=True, slots=True)
class Source:
    """What pip takes to install this version again, and the newest one; None is an index.

    `clone` is the folder of a git clone where it was installed from one.
    """

    this: str | None = None
    newest: str | None = None
    editable: bool = False
    clone: str | None = None

    @classmethod
    def of_this(cls) -> Source:
        """Read what pip has noted of this copy; nothing where it came from an index."""
        try:
            noted = metadata.distribution(OURS).read_text("direct_url.json")
            return cls() if noted is None else cls._read(json.loads(noted))
        except (metadata.PackageNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            # Not installed at all, or noted in another form.
            return cls()

    @classmethod
    def _read(cls, noted: dict[str, dict[str, object]]) -> Source:
        url = str(noted["url"])
        if vcs := noted.get("vcs_info"):
            return cls(f"{vcs['vcs']}+{url}@{vcs['commit_id']}", f"{vcs['vcs']}+{url}")
        address = urlsplit(url)
        if address.scheme != "file":
            return cls(url)
        path = Path(url2pathname(address.path))
        if not path.exists():
            return cls()
        folder = noted.get("dir_info")
        if folder is None:
            return cls(str(path))
        clone = str(path) if (path / ".git").exists() else None
        return cls(str(path), str(path), bool(folder.get("editable")), clone)
