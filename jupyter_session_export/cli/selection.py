"""Which session is meant by what a person typed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import InvalidRequest, SessionNotFound
from ..records.session import Session

_NUMBER = re.compile(r"(?:session)?0*([1-9]\d*)", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{1,32}", re.IGNORECASE)


def may_name_session(text: str) -> bool:
    """Tell whether it looks like a session's number or id, and not like a path."""
    return bool(_NUMBER.fullmatch(text) or _ID.fullmatch(text))


def select(sessions: Sequence[Session], text: str | None) -> Session:
    """Return the session of this number, id or beginning of an id; the newest for None.

    Raises SessionNotFound, or InvalidRequest where several ids begin so.
    """
    if not sessions:
        raise SessionNotFound("No session is recorded here.", "--data-dir names another folder.")
    if text is None:
        return max(sessions, key=lambda session: session.number)
    return _numbered(sessions, text) or _identified(sessions, text)


def _numbered(sessions: Sequence[Session], text: str) -> Session | None:
    match = _NUMBER.fullmatch(text)
    if not match:
        return None
    number = int(match[1])
    return next((session for session in sessions if session.number == number), None)


def _identified(sessions: Sequence[Session], text: str) -> Session:
    found = [session for session in sessions if text and session.id.startswith(text.lower())]
    if not found:
        raise SessionNotFound(
            f"There is no session {text!r}.", "jupyter session-export list shows them."
        )
    if len(found) > 1:
        raise InvalidRequest(f"The ids of {len(found)} sessions begin with {text!r}.", "Add to it.")
    return found[0]
