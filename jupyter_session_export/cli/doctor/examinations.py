"""All examinations, in the order in which they are told; one that fails spares the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ...client.access import Access
from ...errors import StoreError
from ...records.session import Session
from ...settings import SessionExport
from ...store.catalog import Catalog
from .clock import Reading, examine_clock
from .disk import examine_disk
from .extensions import examine_extensions
from .finding import Finding, found, well
from .folder import examine_folder
from .kernels import examine_kernels
from .locks import examine_locks
from .proxies import examine_proxies
from .servers import examine_servers
from .store import examine_store
from .versions import examine_versions

Group = tuple[str, list[Finding]]
"""An examination's title, and what it found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is examined: `settings_error` is why the settings could not be read.

    `sessions` are those whose records are checked, None for all; `kernel` is the name of a
    kernelspec, None for all; `url` is where browsers reach a server.
    """

    catalog: Catalog
    settings: SessionExport
    settings_error: str | None = None
    sessions: Sequence[Session] | None = None
    kernel: str | None = None
    url: str | None = None

    @property
    def data_dir(self) -> Path:
        return self.catalog.data_dir


def examine(scope: Scope) -> Iterator[Group]:
    """Run them one by one."""
    began = Reading.take()
    yield _group("versions", examine_versions)
    yield _group("settings", lambda: _settings(scope))
    server, lab = _extensions()
    yield "server", server
    yield "front end", lab
    yield _group("kernels", lambda: examine_kernels(scope.kernel))
    yield _group("folder", lambda: examine_folder(scope.data_dir))
    yield _group("disk", lambda: examine_disk(scope.data_dir))
    yield _group("locks", lambda: examine_locks(scope.data_dir))
    quota = scope.settings.max_store_bytes
    yield _group("sessions", lambda: examine_store(scope.catalog, quota, scope.sessions))
    yield _group("clock", lambda: examine_clock(scope.data_dir, _sessions(scope), began))
    yield _group("proxies", examine_proxies)
    yield _group("servers", lambda: examine_servers(lambda url: _key(scope, url), scope.url))


def _group(title: str, examination: Callable[[], Iterable[Finding]]) -> Group:
    try:
        return title, list(examination())
    except Exception as error:  # noqa: BLE001  # it is told, and the others go on
        return title, [_failed(title, error)]


def _failed(title: str, error: Exception) -> Finding:
    return found(
        "EXAMINATION_FAILED",
        f"{title} could not be examined: {type(error).__name__}: {error}",
        "jupyter session-export doctor --json",
        traceback=traceback.format_exception(error),
    )


def _extensions() -> tuple[list[Finding], list[Finding]]:
    try:
        return examine_extensions()
    except Exception as error:  # noqa: BLE001  # as above
        return [_failed("server", error)], []


def _settings(scope: Scope) -> Iterator[Finding]:
    if scope.settings_error is not None:
        yield found(
            "SETTINGS_WRONG",
            f"The settings can't be read: {scope.settings_error}",
            "Correct it in jupyter_session_export_config.py (`jupyter --paths` names its folders), "
            "or in the environment",
        )
    elif not scope.settings.record:
        yield found(
            "RECORDING_OFF",
            "Nothing is recorded: by the setting `record`, or by JPY_SESSION_EXPORT_RECORD=0.",
            "Set c.SessionExport.record = True in jupyter_session_export_config.py",
        )
    else:
        settings = scope.settings
        told = f"owner_mode {settings.owner_mode}, recording on."
        yield well("SETTINGS", told, data_dir=settings.data_dir, owner_mode=settings.owner_mode)


def _sessions(scope: Scope) -> Sequence[Session]:
    try:
        return scope.catalog.sessions()
    except StoreError:
        # That they can't be listed is found by another examination.
        return []


def _key(scope: Scope, url: str) -> Access | None:
    """Return what opens a server that writes a session here; it trusts its certificate, too."""
    for session in _sessions(scope):
        written = scope.catalog.live_access(session.id)
        if written is not None and _is_same(str(written.get("url")), url):
            try:
                return Access.from_json(written)
            except (KeyError, TypeError):
                # It is no server of this version; its token may do.
                continue
    return None


def _is_same(one: str, other: str) -> bool:
    """Tell whether two URLs are of one server of this machine, whatever name each has for it."""
    parts = urlsplit(one), urlsplit(other)
    ports = {part.port if part.scheme != "http+unix" else part.netloc for part in parts}
    return len(ports) == 1 and parts[0].path.rstrip("/") == parts[1].path.rstrip("/")
