"""The boundary to the operating system: what it says of a session's own files, in our words."""

from __future__ import annotations

import errno

from ..errors import FileMissing, InvalidName, SessionExportError, StoreUnavailable
from ..faults import Faults

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NAMES = {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ}
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK}
"""EMLINK is how FreeBSD says that O_NOFOLLOW met a link."""


class FileFaults(Faults):
    """Context manager: OSErrors leave it as ours."""

    __slots__ = ()

    def translated(self, error: BaseException) -> SessionExportError | None:
        return to_file_error(error, self._doing) if isinstance(error, OSError) else None


def to_file_error(error: OSError, doing: str) -> SessionExportError:
    """Return our error for one of the operating system."""
    number = error.errno or 0
    if number in _ABSENT:
        return missing()
    if number in _NAMES:
        return InvalidName(f"Could not {doing}: the system can't hold this name.", str(error))
    if number in _FULL:
        return StoreUnavailable(f"Could not {doing}: there is no room.", f"Make room ({error}).")
    if number in (errno.EISDIR, errno.EEXIST):
        return InvalidName(f"Could not {doing}: the name is taken by a folder.", str(error))
    return StoreUnavailable(f"Could not {doing}.", str(error))


def missing() -> FileMissing:
    """Return the same error for what is not there, is no file, or may not be told of."""
    return FileMissing("The session has no such file.", "session_files.list() shows what it has.")
