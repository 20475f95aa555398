"""`jupyter session-export purge`: what was recorded goes, for good."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from ..client.moments import moment
from ..client.wording import purged_text
from ..errors import InvalidRequest
from ..exports.served import relative_to_root
from ..records.purge import PurgeScope
from ..records.session import Session
from ..records.times import now
from ..store.catalog import Catalog
from ..upkeep.purging import known, purge_kept
from .live import live_client
from .screen import Screen

DONE, DECLINED = 0, 1


def purge(catalog: Catalog, session: Session, options: Namespace, screen: Screen) -> int:
    """Purge by the server that writes the session, else in its folder."""
    asked, scope = _scope(options)
    if not (options.yes or _agreed(f"Purge {asked} of Session{session.number}?", screen)):
        screen.note("Nothing was purged.")
        return DECLINED
    answer = _purge(catalog, session, scope)
    if screen.json:
        screen.document(answer)
    else:
        screen.line(purged_text(answer))
    return DONE


def _purge(catalog: Catalog, session: Session, scope: PurgeScope) -> dict[str, Any]:
    client = live_client(catalog, session)
    if client is not None:
        with client:
            return client.purge(scope.to_json())
    if scope.notebook is not None:
        path = relative_to_root(scope.notebook, session.root)
        scope = known(catalog, session, scope, path)
    return {"removed": purge_kept(catalog, session, scope).to_json(), "held_by_export": False}


def _scope(options: Namespace) -> tuple[str, PurgeScope]:
    """Return what is asked for, in words and as a scope. Raises InvalidRequest."""
    if options.all:
        return "all that was recorded", PurgeScope()
    if options.notebook is not None:
        data, words = {"notebook": options.notebook}, f"what ran in {options.notebook}"
    elif options.execution is not None:
        data, words = {"execution": options.execution}, f"execution {options.execution}"
    else:
        since = moment(options.since, now())
        data, words = {"since": since}, f"what ran since {since}"
    try:
        return words, PurgeScope.parse(data)
    except ValueError as error:
        raise InvalidRequest(str(error)) from error


def _agreed(question: str, screen: Screen) -> bool:
    """Ask on a terminal. Raises InvalidRequest where there is none."""
    if screen.json or not (sys.stdin.isatty() and screen.err.isatty()):
        raise InvalidRequest("Nobody can be asked whether this is meant.", "Add --yes.")
    screen.note(f"{question} It can't be undone. [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
