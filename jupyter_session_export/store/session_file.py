"""`session.json`: what a list needs to know of a session."""

from __future__ import annotations

import json

from ..errors import StoreDamaged
from ..records.session import Session
from .faults import StoreFaults
from .folder import SessionFolder


def write_session(folder: SessionFolder, session: Session, *, durable: bool = False) -> None:
    content = json.dumps(session.to_json(), indent=1).encode()
    folder.write_private(folder.session_json, content, durable=durable)


def read_session(folder: SessionFolder) -> Session:
    """Raises StoreDamaged where it is missing or not that of this folder."""
    with StoreFaults("read session.json"):
        try:
            session = Session.from_json(json.loads(folder.session_json.read_bytes()))
        except FileNotFoundError as error:
            raise _damaged(folder, "session.json is missing.") from error
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise _damaged(folder, f"session.json: {error!r}") from error
    if session.id != folder.session_id:
        raise _damaged(folder, f"session.json is that of {session.id}.")
    return session


def _damaged(folder: SessionFolder, why: str) -> StoreDamaged:
    return StoreDamaged(f"Session {folder.session_id} is damaged.", why)
