"""The store: figures and lists of a session after 10,000 executions."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import (
    Execution,
    ExecutionKey,
    Kernel,
    OutputFile,
    Status,
)
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.reader import RecordReader
from jupyter_session_export.store.record import Record

from .bench import Bench
from .samples import percentile
from .server import jupyter_server
from .table import Result, at_most

EXECUTIONS = 10_000
ASKED = 30
PAGE = 100
MOST_MS = 50.0
ROUTES = {
    "figures": "/session-export/api/session/stats",
    "list of sessions": "/session-export/api/sessions",
    "session": "/session-export/api/session",
}


def run(bench: Bench) -> Iterator[Result]:
    """Yield how long answers about a large session take: over HTTP, and from the record itself."""
    home = bench.folder("store")
    root = home / "root"
    root.mkdir()
    note = f"{EXECUTIONS:,} executions"
    catalog = Catalog(home / "session_export")
    began = time.perf_counter()
    session_id = _fill(catalog, root)
    yield Result("store", "filled", time.perf_counter() - began, "s", note=note)
    with catalog.read(session_id) as reader:
        for name, action in (
            ("figures, from disk", reader.stats),
            ("page of executions, from disk", partial(_page, reader)),
        ):
            times = [_timed(action) for _ in range(ASKED)]
            yield Result("store", name, percentile(times, 50), "ms", at_most(MOST_MS), note)
    with jupyter_server(root, home) as server:
        for name, path in ROUTES.items():
            ask = partial(server.call, "GET", path)
            yield Result("store", f"first {name}", _timed(ask), "ms")
            times = [_timed(ask) for _ in range(ASKED)]
            yield Result("store", name, percentile(times, 50), "ms", at_most(MOST_MS), note)


def _page(reader: RecordReader) -> list[Execution]:
    return list(islice(reader.executions(after=EXECUTIONS // 2), PAGE))


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def _fill(catalog: Catalog, root: Path) -> str:
    """Write the executions of this account's session as the recorder writes them."""
    record = catalog.open(SessionKey(getpass.getuser(), str(root.resolve())))
    for number in range(1, EXECUTIONS + 1):
        _write(record, number)
        if number % 100 == 0:
            record.commit()
    record.close()
    return record.session.id


def _write(record: Record, number: int) -> None:
    at = now()
    kernel = Kernel(f"kernel-{number % 5}", "python3", "python", ".py")
    contents = {
        "source.py": f"print({number})\n".encode(),
        "stdout.txt": f"{number}\n".encode() * 20,
        "outputs.json": f'[{{"output_type": "stream", "text": "{number}"}}]'.encode(),
        "metadata.json": f'{{"number": {number}}}'.encode() * 10,
        ".raw.jsonl": f'{{"type": "stream", "bytes": {number}}}\n'.encode() * 5,
    }
    execution = Execution(
        key=ExecutionKey(kernel.id, 1, f"message-{number}"),
        number=record.next_number(),
        session_id=record.session.id,
        user_id=record.session.user_id,
        kernel=kernel,
        notebook=f"notebook-{number % 5}.ipynb",
        status=Status.ERROR if number % 50 == 0 else Status.OK,
        started_at=at,
        finished_at=at,
        outputs=(OutputFile("stream", "text/plain", "stdout.txt", len(contents["stdout.txt"])),),
    )
    members = [Member(name, record.blobs.put(text), at) for name, text in contents.items()]
    record.write(execution, members, source_head=f"print({number})")
