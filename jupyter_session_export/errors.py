"""Every error that this package raises on purpose, each with a stable code.

The HTTP API, the command line and the button show `code`, `message` and
`detail`; `detail` says what to do about it. Codes never change their meaning.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any


class SessionExportError(Exception):
    """Something went wrong that a person can be told about."""

    code = "INTERNAL"

    def __init__(self, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        # A traceback shows notes; Python 3.10 has none.
        if detail and hasattr(self, "add_note"):
            self.add_note(detail)

    def as_dict(self) -> dict[str, Any]:
        """Return the error body of the HTTP contract."""
        return {"code": self.code, "message": self.message, "detail": self.detail}


class InvalidRequest(SessionExportError):
    """A request's parameter is missing, unknown or out of bounds."""

    code = "INVALID_REQUEST"


class NotFound(SessionExportError):
    """It does not exist, or belongs to another owner, which is the same to the caller."""

    code = "NOT_FOUND"


class SessionNotFound(NotFound):
    """No such session of this owner."""

    code = "SESSION_NOT_FOUND"


class ExportNotFound(NotFound):
    """No such export of this owner; finished ones are forgotten after a while."""

    code = "EXPORT_NOT_FOUND"


class NotebookNotFound(NotFound):
    """The session knows no notebook of this path."""

    code = "NOTEBOOK_NOT_FOUND"


class ExecutionNotFound(NotFound):
    """The session has no execution of this number."""

    code = "EXECUTION_NOT_FOUND"


class NotebookUnreadable(SessionExportError):
    """A file is no notebook that outputs could be written into."""

    code = "NOTEBOOK_UNREADABLE"


class NotebookChanged(SessionExportError):
    """A notebook was changed by somebody else while outputs were to be written into it."""

    code = "NOTEBOOK_CHANGED"


class NotebookShared(SessionExportError):
    """A notebook is open as a shared document, which keeps its outputs itself."""

    code = "NOTEBOOK_SHARED"


class NothingToUndo(NotFound):
    """Nothing was restored into this notebook, or that was undone already."""

    code = "NOTHING_TO_UNDO"


class OutputTooLarge(SessionExportError):
    """The outputs of a run are more than a notebook or a page can hold."""

    code = "OUTPUT_TOO_LARGE"


class FileMissing(NotFound):
    """The session has no such file of its own."""

    code = "FILE_NOT_FOUND"


class InvalidName(InvalidRequest):
    """A file's name leads out of the session's folder, or not every system could hold it."""

    code = "INVALID_NAME"


class RangeNotSatisfiable(SessionExportError):
    """A download asked for bytes that a file doesn't have."""

    code = "RANGE_NOT_SATISFIABLE"


class KernelsRunning(SessionExportError):
    """A session can't end while its kernels run."""

    code = "KERNELS_RUNNING"


class SessionInUse(SessionExportError):
    """A session can't be removed while it is recorded or exported."""

    code = "SESSION_IN_USE"


class NoStableIdentity(SessionExportError):
    """In owner mode "identity" a request came without an identity that lasts."""

    code = "NO_STABLE_IDENTITY"


class ExportNotReady(SessionExportError):
    """A download was asked for while the export is still being prepared."""

    code = "EXPORT_NOT_READY"


class TooManyExports(SessionExportError):
    """The owner has as many exports under way as are allowed."""

    code = "TOO_MANY_EXPORTS"


class ExportFailed(SessionExportError):
    """An export ended before its ZIP was complete."""

    code = "EXPORT_FAILED"


class ExportExpired(ExportFailed):
    """An export's ZIP was kept for a while and is gone now."""

    code = "EXPORT_EXPIRED"


class SourceChanged(ExportFailed):
    """A file changed between being prepared and being sent."""

    code = "SOURCE_CHANGED"


class ExportCancelled(ExportFailed):
    """An export was stopped; the subclasses say by what."""

    code = "CANCELLED_BY_USER"


class CancelledByUser(ExportCancelled):
    """Its owner cancelled it."""

    code = "CANCELLED_BY_USER"


class CancelledSessionChange(ExportCancelled):
    """The page, owner or session that asked for it is not there any more."""

    code = "CANCELLED_SESSION_CHANGE"


class ServerStopped(ExportCancelled):
    """The server that made it has stopped."""

    code = "EXPORT_FAILED"


class ClientDisconnected(ExportCancelled):
    """The client went away in the middle of a one-shot download."""

    code = "CLIENT_DISCONNECTED"


class StoreError(SessionExportError):
    """The record on disk can't be used."""

    code = "STORE_ERROR"


class StoreUnavailable(StoreError):
    """The data folder is full, read-only or failing."""

    code = "STORE_UNAVAILABLE"


class StoreFull(StoreUnavailable):
    """The sessions take as much of the disk as the settings allow."""

    code = "STORE_FULL"


class StoreTooNew(StoreError):
    """The record was written by a newer version; it is left untouched."""

    code = "STORE_TOO_NEW"


class StoreDamaged(StoreError):
    """A record or blob does not hold what it should."""

    code = "STORE_DAMAGED"


class ContentDamaged(StoreDamaged):
    """Some recorded content is missing or not what was sealed; the rest of the record is whole."""


class SessionLeased(StoreError):
    """Another live process writes this session."""

    code = "SESSION_LEASED"


class MigrationFailed(SessionExportError):
    """A migration could not go on; what it had done is kept and can be resumed or rolled back."""

    code = "MIGRATION_FAILED"


class ArchiveDamaged(SessionExportError):
    """A ZIP is not what its manifest says."""

    code = "ARCHIVE_DAMAGED"


class ArchiveUnreadable(ArchiveDamaged):
    """A file is not a ZIP that this package wrote."""

    code = "ARCHIVE_UNREADABLE"


class ArchiveRefused(SessionExportError):
    """A ZIP could do harm where it is unpacked, or would take more than is allowed."""

    code = "ARCHIVE_REFUSED"


class DestinationUnwritable(SessionExportError):
    """The ZIP can't be written to where it was asked for."""

    code = "DESTINATION_UNWRITABLE"


class ServerUnreachable(SessionExportError):
    """The Jupyter server that holds the session does not answer."""

    code = "SERVER_UNREACHABLE"


class ServerRefused(SessionExportError):
    """The Jupyter server answered with an error; `code` is the server's own."""

    code = "SERVER_REFUSED"

    def __init__(self, message: str, detail: str | None = None, code: str | None = None) -> None:
        super().__init__(message, detail)
        if code:
            self.code = code


class NoRecordingServer(SessionExportError):
    """This kernel was not started by a Jupyter server that records."""

    code = "NO_RECORDING_SERVER"


class RunFailed(SessionExportError):
    """Code that a session ran has failed; only who asks for it gets this raised."""

    code = "RUN_FAILED"


class RunTimedOut(RunFailed):
    """Code ran longer than it was allowed to, and was interrupted."""

    code = "RUN_TIMED_OUT"


class KernelDied(SessionExportError):
    """A session's kernel has ended unasked, and its variables with it."""

    code = "KERNEL_DIED"


class KernelStartFailed(SessionExportError):
    """A kernel did not start, or never answered."""

    code = "KERNEL_START_FAILED"


class KernelNotInstalled(SessionExportError):
    """No kernel of this language is installed where the session would run."""

    code = "KERNEL_NOT_INSTALLED"


class SessionClosed(SessionExportError):
    """The session has been closed, or its time was over."""

    code = "SESSION_CLOSED"


class TooManySessions(SessionExportError):
    """As many sessions live as are allowed."""

    code = "TOO_MANY_SESSIONS"


class StateNotFound(NotFound):
    """The session is not suspended, or has no such snapshot."""

    code = "STATE_NOT_FOUND"


class StateRefused(SessionExportError):
    """A session's saved variables are not what this store has written for it."""

    code = "STATE_REFUSED"


class PackagesFailed(SessionExportError):
    """Packages could not be installed; `detail` has the installer's own words."""

    code = "PACKAGES_FAILED"


class NotSupported(SessionExportError):
    """This can't be done where the session runs."""

    code = "NOT_SUPPORTED"


def error_of(data: Mapping[str, Any]) -> SessionExportError:
    """Return the error that `as_dict` told of, of the most general class that has its code.

    Raises KeyError or TypeError on another layout; an unknown code is a failed export.
    """
    code, message, detail = data["code"], data["message"], data["detail"]
    kinds: deque[type[SessionExportError]] = deque([SessionExportError])
    while kinds:
        kind = kinds.popleft()
        if kind.code == code:
            return kind(message, detail)
        kinds.extend(kind.__subclasses__())
    return ExportFailed(message, detail)
