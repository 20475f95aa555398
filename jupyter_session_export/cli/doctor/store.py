"""The recorded sessions: each one's record, and how much of the quota they take."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from ...client.wording import counted, size
from ...errors import ContentDamaged, StoreDamaged, StoreError, StoreTooNew
from ...records.session import Session
from ...store.catalog import Catalog
from ...store.examination import examine_record
from ...upkeep.policy import is_nearly_full
from ...workspaces.listing import bytes_below
from .commands import listing, moving, upgrading_us
from .finding import Finding, found, well

SECONDS = 30.0
"""All records together; a large one is some GB to read."""
FULL = 0.98
"""Of the quota; what is left is for sealing, so nothing is recorded beyond it."""


def examine_store(
    catalog: Catalog, quota: int, sessions: Sequence[Session] | None = None
) -> Iterator[Finding]:
    """Check every record, or those of some sessions, and measure all; `quota` 0 is no limit."""
    try:
        known = catalog.sessions()
    except StoreError as error:
        why = f"{error.message} {error.detail or ''}".strip()
        yield found("STORE_UNREADABLE", why, listing(catalog.sessions_dir))
        return
    damaged = [_damaged(catalog, one.id, one.reason) for one in catalog.damaged]
    checked = list(_check(catalog, known if sessions is None else sessions))
    taken = sum(bytes_below(catalog.folder(one.id).path).bytes for one in known)
    yield from damaged
    yield from checked
    yield from judge_quota(taken, quota)
    if not damaged and not checked:
        told = f"{counted(len(known), 'session')}, {size(taken)}; every record is whole."
        yield well("STORE", told, sessions=len(known), bytes=taken, quota_bytes=quota)


def judge_quota(taken: int, quota: int) -> Iterator[Finding]:
    """Tell where the sessions come near what they may take."""
    if not quota or not is_nearly_full(taken, quota):
        return
    code = "QUOTA_FULL" if taken >= quota * FULL else "QUOTA_NEARLY_FULL"
    yield found(
        code,
        f"The sessions take {size(taken)} of the {size(quota)} that max_store_bytes allows.",
        "jupyter session-export cleanup",
        bytes=taken,
        quota_bytes=quota,
    )


def _check(catalog: Catalog, sessions: Sequence[Session]) -> Iterator[Finding]:
    until = time.monotonic() + SECONDS
    unchecked: list[int] = []
    for session in sessions:
        try:
            if not examine_record(catalog.folder(session.id), until):
                unchecked.append(session.number)
        except StoreError as error:
            yield _judge(catalog, session, error)
    if unchecked:
        yield found(
            "STORE_NOT_ALL_CHECKED",
            f"{counted(len(unchecked), 'record')} could not be checked within {SECONDS:g} s.",
            f"jupyter session-export doctor --session {unchecked[0]}",
            sessions=unchecked,
        )


def _judge(catalog: Catalog, session: Session, error: StoreError) -> Finding:
    name, facts = f"Session{session.number}", {"session_id": session.id, "session": session.number}
    why = f"{name}: {error.message} {error.detail or ''}".strip()
    if isinstance(error, StoreTooNew):
        return found("SESSION_TOO_NEW", why, upgrading_us(), **facts)
    if isinstance(error, ContentDamaged):
        command = f"jupyter session-export export {session.number}"
        return found("CONTENT_MISSING", why, command, **facts)
    if isinstance(error, StoreDamaged):
        return _damaged(catalog, session.id, f"{error.message} {error.detail or ''}", name)
    return found(
        "SESSION_UNREADABLE", why, f"jupyter session-export stats {session.number}", **facts
    )


def _damaged(catalog: Catalog, session_id: str, why: str, name: str | None = None) -> Finding:
    folder = catalog.folder(session_id).path
    aside = catalog.data_dir / f"damaged-{session_id[:8]}"
    return found(
        "SESSION_DAMAGED",
        f"{name or f'The session {session_id}'} is damaged: {why}",
        moving(folder, aside),
        session_id=session_id,
        path=str(folder),
    )
