from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import Popen

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_session_export.errors import StoreDamaged, StoreUnavailable
from jupyter_session_export.records.activity import LogLine
from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import (
    Execution,
    ExecutionError,
    Kernel,
    OutputFile,
    Status,
)
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.usage import Usage
from jupyter_session_export.store.catalog import Catalog
from jupyter_session_export.store.record import TOUCH_INTERVAL, Record
from jupyter_session_export.store.session_file import read_session

Make = Callable[..., Execution]
Keep = Callable[[Record, str, bytes], Member]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)

WRITE = """
import sys
from pathlib import Path
from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.records.content import Member
from jupyter_session_export.records.execution import Execution, ExecutionKey, Kernel, Status
from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.records.times import now
from jupyter_session_export.store.catalog import Catalog
record = Catalog(Path(sys.argv[1])).open(SessionKey("ada", "/home/ada"))
kernel = Kernel("k1", "python3", "python", ".py")
def write(content):
    number = record.next_number()
    execution = Execution(key=ExecutionKey("k1", 1, str(number)), number=number,
        session_id=record.session.id, user_id="ada", kernel=kernel, status=Status.OK)
    record.write(execution, [Member("stdout.txt", record.blobs.put(content), now())])
"""
KILLED = (
    WRITE
    + """
for n in range(5):
    write(b"small %d" % n)
import os
write(os.urandom(100_000))
record.commit()
write(b"not committed")
write(os.urandom(100_001))
spool = record.spool(record.next_number())
spool.append("stdout.txt", b"still running")
print("ready", flush=True)
sys.stdin.read()
"""
)
BUSY = (
    WRITE
    + """
import os
print("ready", flush=True)
while True:
    for n in range(7):
        write(os.urandom(30_000 * (1 + n % 3)))
    record.commit()
"""
)
LIMITED = (
    WRITE
    + """
import os, resource
write(b"kept")
record.commit()
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
for content in (lambda: os.urandom(50_000), lambda: os.urandom(500_000)):
    try:
        for _ in range(20):
            write(content())
        record.commit()
    except StoreUnavailable as error:
        print(error.code)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
write(b"room again")
record.commit()
print("done", flush=True)
"""
)


def test_an_execution_comes_back_as_it_was(
    record: Record, make_execution: Make, keep: Keep, at: datetime
) -> None:
    """Every field of an execution and each of its members, in order."""
    execution = make_execution(
        1,
        notebook="work/a.ipynb",
        cell_id="c1",
        execution_count=3,
        status=Status.ERROR,
        cause="because",
        error=ExecutionError("ValueError", "no", ("Traceback", "no")),
        submitted_at=at - timedelta(seconds=1),
        usage=Usage(cpu_ms=1.5, peak_rss_bytes=10, cpu_limit=0.5),
        outputs=(OutputFile("stream", "text/plain", "stdout.txt", 3),),
        tool=True,
        truncated=True,
        recovered=True,
        client="browser",
    )
    members = [keep(record, name, name.encode()) for name in ("source.py", ".raw.jsonl", "a.txt")]
    record.write(execution, members, source_head="source.py")
    assert record.find(execution.key) == (execution, members)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.integers())
def test_any_text_is_recorded(
    catalog: Catalog,
    record: Record,
    make_execution: Make,
    keep: Keep,
    text: str,
    kernel: str,
    msg_id: str,
    count: int,
) -> None:
    """Names, ids and errors with lone surrogates, NULs or absurd numbers break nothing."""
    execution = make_execution(
        record.next_number(),
        msg_id=f"{record.position}{msg_id}",
        kernel=Kernel(kernel, text, text, text),
        notebook=text,
        cell_id=text,
        cause=text,
        execution_count=count,
        error=ExecutionError(text, text, (text,)),
    )
    members = [keep(record, f"a{text}", b"x")]
    record.write(execution, members, source_head=text)
    record.set_value(text, {text: text})
    record.commit()
    assert record.find(execution.key) == (execution, members)
    assert record.value(text) == {text: text}
    with catalog.read(record.session.id) as reader, reader.plan(notebook=text) as plan:
        found = plan.executions[-1]
        assert (found.notebook, found.source_head, found.error_name) == (text, text, text)
        assert found.members == members
        assert plan.facts[text] == {text: text}


def test_begun_then_written_is_one_execution(
    record: Record, make_execution: Make, keep: Keep
) -> None:
    """The key is unique: writing replaces what was begun, and its members."""
    begun = make_execution(1, status=Status.RUNNING, finished_at=None)
    record.begin(begun)
    assert record.find(begun.key) == (begun, [])
    done = replace(begun, status=Status.OK)
    first, second = keep(record, "a.txt", b"1"), keep(record, "b.txt", b"2")
    record.write(done, [first, second])
    record.write(done, [second])
    assert record.find(done.key) == (done, [second])
    record.write(replace(done, truncated=True))
    assert record.find(done.key) == (replace(done, truncated=True), [second])


def test_what_is_unfinished_is_found(record: Record, make_execution: Make) -> None:
    """The keys of what was noted as running and never written as ended."""
    ended, running = make_execution(1, status=Status.RUNNING), make_execution(2, msg_id="\ud800")
    running = replace(running, status=Status.RUNNING)
    record.begin(ended)
    record.begin(running)
    record.write(replace(ended, status=Status.OK), [])
    assert record.unfinished() == [running.key]


def test_repeated_ids_are_different_executions(record: Record, make_execution: Make) -> None:
    """A msg_id used again, or by another incarnation, has a row of its own."""
    one = make_execution(1, "same")
    again = replace(one, number=2, key=replace(one.key, repeat=1))
    restarted = replace(one, number=3, key=replace(one.key, incarnation=2))
    for execution in (one, again, restarted):
        record.begin(execution)
    for execution in (one, again, restarted):
        assert record.find(execution.key) == (execution, [])
    assert record.find(replace(one.key, repeat=2)) is None


def test_a_new_number_takes_its_members_along(
    record: Record, make_execution: Make, keep: Keep
) -> None:
    """An execution that is written with another number is still the same one."""
    one = make_execution(1)
    members = [keep(record, "a.txt", b"1")]
    record.write(one, members)
    moved = replace(one, number=5)
    record.write(moved)
    assert record.find(one.key) == (moved, members)


def test_a_number_is_given_once(record: Record, make_execution: Make) -> None:
    """Two executions can't have one number; the first is left as it was."""
    record.begin(make_execution(1, "one"))
    with pytest.raises(StoreDamaged):
        record.begin(make_execution(1, "other"))
    assert record.find(make_execution(1, "one").key) is not None
    assert record.find(make_execution(1, "other").key) is None


def test_numbers_go_on_where_they_stopped(
    catalog: Catalog, record: Record, make_execution: Make
) -> None:
    """A resumed session counts on, past executions that only left a spool."""
    assert [record.next_number(), record.next_number()] == [1, 2]
    record.begin(make_execution(2))
    record.spool(5).append("stdout.txt", b"x")
    record.close()
    resumed = catalog.open(record.session.key)
    assert resumed.session.id == record.session.id
    assert resumed.next_number() == 6
    resumed.close()


def test_each_change_moves_the_position(record: Record, make_execution: Make, at: datetime) -> None:
    """Every kind of change is one step of the counter, also after a resume."""
    changes = [
        lambda: record.begin(make_execution(1)),
        lambda: record.write(make_execution(1), []),
        lambda: record.log(LogLine("activity", at, record.session.id, None, "x")),
        lambda: record.note_notebook("a.ipynb", "k1", at),
        lambda: record.rename_notebook("a.ipynb", "b.ipynb"),
        lambda: record.note_kernel(Kernel("k2", "bash", "bash", ".sh")),
        lambda: record.set_value("a", 1),
    ]
    for number, change in enumerate(changes, start=1):
        change()
        assert record.position == number


def test_facts_are_replaced_by_name(record: Record) -> None:
    """The last value of a name counts; an unknown name has none."""
    record.set_value("environment", {"python": "3.11"})
    record.set_value("environment", {"python": "3.12"})
    assert record.value("environment") == {"python": "3.12"}
    assert record.value("other") is None


def test_content_that_is_not_kept_can_not_be_referred_to(
    record: Record, make_execution: Make, keep: Keep
) -> None:
    """Members of unknown content are refused, and nothing else is lost."""
    record.begin(make_execution(1))
    member = keep(record, "a.txt", b"x")
    strange = member._replace(sealed=member.sealed._replace(sha256="0" * 64))
    with pytest.raises(StoreDamaged):
        record.write(make_execution(2), [strange])
    record.commit()
    assert record.find(make_execution(1).key) is not None
    assert record.find(make_execution(2).key) is None


def test_activity_is_told_now_and_then(record: Record, at: datetime) -> None:
    """session.json lags at most some seconds, and is exact after closing."""
    record.touch(at)
    assert read_session(record.folder).last_active_at == at
    soon = at + TOUCH_INTERVAL / 2
    record.touch(soon)
    assert record.session.last_active_at == soon
    assert read_session(record.folder).last_active_at == at
    record.touch(at - TOUCH_INTERVAL)
    assert read_session(record.folder).last_active_at == at - TOUCH_INTERVAL
    record.touch(at - TOUCH_INTERVAL / 2)
    record.close()
    assert read_session(record.folder).last_active_at == at - TOUCH_INTERVAL / 2


def test_an_ended_session_is_over(catalog: Catalog, record: Record, at: datetime) -> None:
    """Its end is on disk at once, and nobody resumes it."""
    record.end(at)
    assert catalog.find(record.session.id).ended_at == at
    record.close()
    other = catalog.open(record.session.key)
    assert other.session.number == 2
    other.close()


def test_closing_deletes_what_nobody_needs(
    record: Record, make_execution: Make, keep: Keep
) -> None:
    """Replaced content doesn't stay for ever."""
    record.write(make_execution(1), [keep(record, "a.bin", os.urandom(100_000))])
    record.write(make_execution(1), [])
    record.close()
    assert not [path for path in record.folder.blobs.rglob("*") if path.is_file()]


def test_closing_lets_go_whatever_fails(catalog: Catalog, record: Record) -> None:
    """A session whose folder broke is not held for ever."""
    record.folder.session_json.unlink()
    record.folder.session_json.mkdir()
    (record.folder.session_json / "in the way").touch()
    record.touch(record.session.last_active_at + timedelta(seconds=1))
    with pytest.raises(StoreUnavailable):
        record.close()
    assert not record.folder.lease_json.exists()


def test_what_a_killed_writer_committed_is_there(
    tmp_path: Path, child: Callable[..., Popen[str]]
) -> None:
    """After SIGKILL the committed is complete, the rest is gone, and the spool is listed."""
    process = child(KILLED, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.kill()
    process.wait()
    catalog = Catalog(tmp_path)
    (session,) = catalog.sessions()
    with catalog.read(session.id) as reader, reader.plan() as plan:
        assert [execution.number for execution in plan.executions] == list(range(1, 7))
    record = catalog.open(SessionKey("ada", "/home/ada"))
    assert record.session.id == session.id
    (spool,) = record.leftovers()
    assert spool.number == 9
    assert b"".join(spool.read("stdout.txt")) == b"still running"
    spool.remove()
    assert record.leftovers() == []
    assert record.next_number() == 10
    record.close()
    assert sum(path.is_file() for path in record.folder.blobs.rglob("*")) == 1


@pytest.mark.parametrize("kills", [1, 2])
def test_a_kill_at_any_moment_leaves_a_readable_record(
    tmp_path: Path, child: Callable[..., Popen[str]], kills: int
) -> None:
    """Killed while it writes, a session is resumed and all that it refers to can be read."""
    for _ in range(kills):
        process = child(BUSY, tmp_path)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        catalog = Catalog(tmp_path)
        (session,) = catalog.sessions()
        with catalog.read(session.id) as reader:
            start = reader.position
            while reader.position < start + 10 * kills:
                pass
        process.kill()
        process.wait()
    with catalog.read(session.id) as reader, reader.plan() as plan:
        assert len(plan.executions) == plan.position
        assert len(plan.executions) % 7 == 0
        for execution in plan.executions:
            for member in execution.members:
                assert len(reader.read(member.sealed)) == member.sealed.size


def test_a_disk_that_takes_no_more_is_told_and_the_rest_is_kept(
    tmp_path: Path, child: Callable[..., Popen[str]]
) -> None:
    """When files can't grow, each kind of write says so, and goes on when there is room."""
    output, _ = child(LIMITED, tmp_path).communicate()
    assert output.split() == ["STORE_UNAVAILABLE", "STORE_UNAVAILABLE", "done"]
    catalog = Catalog(tmp_path)
    (session,) = catalog.sessions()
    with catalog.read(session.id) as reader, reader.plan() as plan:
        contents = [reader.read(execution.members[0].sealed) for execution in plan.executions]
    assert contents[0] == b"kept"
    assert contents[-1] == b"room again"


def test_the_detail_is_metadata_json(record: Record, make_execution: Make) -> None:
    """What the database keeps of an execution is the JSON of the contract."""
    execution = make_execution(1)
    record.begin(execution)
    record.commit()
    ((detail,),) = record._database.rows("SELECT json FROM details")
    assert json.loads(detail) == execution.to_json()


def test_what_the_disk_has_lost_is_noticed(
    record: Record, make_execution: Callable[..., Execution]
) -> None:
    """A check finds damage that the writer, with its own copy of the pages, doesn't see."""
    record.begin(make_execution())
    record.commit()
    record.check()
    record.begin(make_execution(2))
    for path in record.folder.path.glob("record.sqlite3*"):
        with path.open("r+b") as file:
            file.write(b"\xff" * path.stat().st_size)
    with suppress(StoreDamaged):
        record.commit()
    with pytest.raises(StoreDamaged):
        record.check()


def test_what_failed_as_a_whole_can_be_done_again(
    record: Record, make_execution: Make, keep: Keep
) -> None:
    """Nothing of it is taken for written: neither its kernel nor its notebook."""
    execution = make_execution(1, notebook="new.ipynb")
    member = keep(record, "stdout.txt", b"printed")
    unknown = member._replace(sealed=member.sealed._replace(sha256="0" * 64))
    with pytest.raises(StoreDamaged):
        record.write(execution, [unknown])
    record.write(execution, [member])
    record.commit()
    found = record.find(execution.key)
    assert found is not None
    assert (found[0].notebook, found[1]) == ("new.ipynb", [member])


def test_what_a_killed_writer_was_about_to_write_goes(
    catalog: Catalog, record: Record, key: SessionKey
) -> None:
    """With the next writer; nothing else does."""
    record.close()
    folder = record.folder.path
    for name in (".session.json.0123456789ab", ".access.json.abcdefabcdef", ".other", "kept"):
        (folder / name).write_text("half")
    again = catalog.open(key)
    assert again.session.id == record.session.id
    left = {path.name for path in folder.iterdir()}
    assert left.issuperset({".other", "kept", "session.json"})
    assert not any(name.startswith((".session", ".access")) for name in left)
    again.close()
