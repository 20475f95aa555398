"""A link in the notebook to one of our downloads."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from urllib.parse import quote, urlsplit

from ..client.access import Access
from ..client.transport import API


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """Shown as a link in a notebook. `url` is a path on the server that the page came from."""

    filename: str
    route: str
    url: str

    @classmethod
    def to(cls, access: Access, path: str, zip_route: str | None) -> DownloadLink:
        """Link to a file by its path below `outputs/`, or to a ZIP of it by `zip_route`."""
        route = zip_route or f"session/files/{quote(path)}"
        # A browser has a login and no key: it names the session.
        named = route.replace("session/", f"sessions/{access.session_id}/", 1)
        base = urlsplit(access.url).path.rstrip("/")
        filename = f"{path}.zip" if zip_route else PurePosixPath(path).name
        return cls(filename, route, f"{base}/{API}{named}")

    def _repr_html_(self) -> str:
        # `download` keeps JupyterLab from taking it for a page of its own.
        return f'<a href="{escape(self.url)}" download>{escape(self.filename)}</a>'

    def __str__(self) -> str:
        return self.url
