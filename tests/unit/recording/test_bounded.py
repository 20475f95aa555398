"""A journal that keeps the first and the last of its output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.recording import journal as journal_module
from jupyter_session_export.recording.bounded import BoundedJournal
from jupyter_session_export.recording.cut import text_end
from jupyter_session_export.recording.folding import Fold, RichOutput, StreamOutput
from jupyter_session_export.recording.journal import journal_line
from jupyter_session_export.recording.recorder import Recorder
from jupyter_session_export.records.execution import LeftOut
from jupyter_session_export.records.times import now
from tests.unit.recording.fake_sink import FakeSink
from tests.unit.recording.feed import FedKernel

LIMIT = 64 * 1024


def new_journal(folder: Path, limit: int = LIMIT) -> BoundedJournal:
    sink = FakeSink(folder)
    return BoundedJournal(sink.spool(1), sink.commit, limit)


def display(text: str) -> dict[str, Any]:
    return journal_line("display_data", {"data": {"text/plain": text}, "metadata": {}}, now())


def kept(journal: BoundedJournal, name: str = "stdout.txt") -> bytes:
    return journal.view().read_all(name)


def test_up_to_the_limit_all_is_kept(tmp_path: Path) -> None:
    """What fits into the first half is there as it came, and nothing is marked."""
    journal = new_journal(tmp_path)
    journal.append_stream("stdout", b"x" * (LIMIT // 2), 0)
    assert kept(journal) == b"x" * (LIMIT // 2)
    assert not journal.left_out
    assert not journal.is_cut


def test_the_first_and_the_last_are_kept(tmp_path: Path) -> None:
    """Between them a line says how many bytes are missing, and these are as many."""
    journal = new_journal(tmp_path)
    text = b"".join(b"%09d\n" % number for number in range(100_000))
    for at in range(0, len(text), 1000):
        journal.append_stream("stdout", text[at : at + 1000], 0)
    head, _, rest = kept(journal).partition(b"\n[")
    said, _, tail = rest.partition(b"]\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) >= LIMIT // 2 - 4
    assert LIMIT // 4 < len(tail) <= LIMIT // 2
    assert journal.left_out == LeftOut(stdout=len(text) - len(head) - len(tail))
    assert said.startswith(f"{journal.left_out.stdout:,} bytes are left out".encode())


def test_outputs_are_cut_too(tmp_path: Path) -> None:
    """Rich outputs go from the middle; an output says how many, and the status stays."""
    journal = new_journal(tmp_path)
    for number in range(1000):
        journal.append(display(f"{number} " + "y" * 500))
    journal.append(journal_line("status", {"execution_state": "idle"}, now()))
    outputs = Fold().take(journal.view().lines()).outputs
    texts = [one.data["text/plain"] for one in outputs if isinstance(one, RichOutput)]
    assert texts[0].startswith("0 ")
    assert texts[-1].startswith("999 ")
    (said,) = (text for text in texts if text.startswith("["))
    assert said.startswith(f"[{journal.left_out.outputs} outputs")
    assert len(texts) - 1 + journal.left_out.outputs == 1000
    assert any(line.get("type") == "status" for line in journal.view().lines())


def test_one_output_that_is_too_large_is_left_out(tmp_path: Path) -> None:
    """What could not be held even alone is counted, and what comes after it is kept."""
    let_go: list[dict[str, Any]] = []
    sink = FakeSink(tmp_path)
    journal = BoundedJournal(sink.spool(1), sink.commit, LIMIT, let_go.append)
    journal.append(display("z" * LIMIT))
    journal.append(display("small"))
    assert journal.left_out.outputs == len(let_go) == 1
    assert "small" in str(list(journal.view().lines()))


def test_a_view_is_left_in_peace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is being sealed stays on the disk while a flood goes on, and goes after that."""
    monkeypatch.setattr(journal_module, "FLUSH_BYTES", 1000)
    journal = new_journal(tmp_path)
    for _ in range(100):
        journal.append_stream("stdout", b"a" * 1000, 0)
    journal.flush()
    view = journal.view()
    before = view.read_all("stdout.txt")
    journal.hold()
    for _ in range(1000):
        journal.append_stream("stdout", b"b" * 1000, 0)
        journal.flush()
    assert view.read_all("stdout.txt") == before
    journal.release()
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert size < 2 * LIMIT
    journal.remove()
    assert not list(tmp_path.iterdir())


def test_a_crash_leaves_both_ends(tmp_path: Path) -> None:
    """Another writer finds head and tail in the spool, and how much is gone."""
    journal = new_journal(tmp_path)
    for number in range(100_000):
        journal.append_stream("stdout", b"%09d\n" % number, 0)
    journal.flush()
    found = new_journal(tmp_path)
    found.adopt()
    assert found.is_cut
    assert kept(found).startswith(b"000000000\n")
    assert kept(found).endswith(b"000099999\n")
    assert 0 < found.left_out.stdout <= journal.left_out.stdout


def test_what_is_put_back_takes_room(tmp_path: Path) -> None:
    """An execution that is opened again and again stays within its bound."""
    journal = new_journal(tmp_path / "0")
    for _ in range(500):
        journal.append_stream("stdout", b"c" * 1000, 0)
    for count in range(1, 8):
        view, again = journal.view(), new_journal(tmp_path / str(count))
        for name in ("stdout.txt", "journal.jsonl"):
            again.restore(name, view.read(name))
        for line in view.lines():
            again.replayed(line)
        for _ in range(200):
            again.append_stream("stdout", b"d" * 1000, 0)
        journal = again
    assert len(kept(journal)) < 1.5 * LIMIT
    assert len(kept(journal)) + journal.left_out.stdout > 500_000 + 7 * 200_000


def test_a_journal_can_be_shortened(tmp_path: Path) -> None:
    """The shorter one is in memory, has both ends, and its streams add up."""
    journal = new_journal(tmp_path, 0)
    journal.append(display("first"))
    for number in range(100_000):
        journal.append_stream("stdout", b"%09d\n" % number, 0)
    journal.append(display("last"))
    journal.flush()
    short = journal.shortened(LIMIT)
    journal.remove()
    assert not list(tmp_path.iterdir())
    assert short.output_bytes <= LIMIT
    outputs = Fold().take(short.view().lines()).outputs
    assert [type(one) for one in outputs] == [RichOutput, StreamOutput, RichOutput]
    assert kept(short).startswith(b"000000000\n")
    assert kept(short).endswith(b"000099999\n")


@given(
    st.lists(
        st.tuples(st.sampled_from(["stdout", "stderr", ""]), st.integers(0, 40_000)), max_size=30
    )
)
def test_nothing_is_lost_uncounted(chunks: list[tuple[str, int]]) -> None:
    """Kept and left out add up to what came, and kept is never more than the limit."""
    journal = BoundedJournal(FakeSink(Path("/nowhere")).spool(1), lambda: None, LIMIT)
    came = {"stdout": 0, "stderr": 0, "": 0}
    for name, size in chunks:
        came[name] += size if name else 1
        if name:
            journal.append_stream(name, b"e" * size, 0)
        else:
            journal.append(display("o" * size))
    shown = sum(line.get("type") == "display_data" for line in journal.view().lines())
    left_out = journal.left_out
    assert journal.size("stdout.txt") + left_out.stdout == came["stdout"]
    assert journal.size("stderr.txt") + left_out.stderr == came["stderr"]
    assert shown - bool(left_out.outputs) + left_out.outputs == came[""]
    assert journal.output_bytes <= LIMIT


@given(st.text(), st.integers(1, 20))
def test_text_is_cut_between_characters(text: str, most: int) -> None:
    """Both sides of a cut are valid UTF-8 where a character fits at all."""
    data = text.encode("utf-8", "replace")
    end = text_end(data, most)
    assert end <= most or end == len(data)
    if most >= 4:
        data[:end].decode()
        data[end:].decode()


async def test_an_execution_tells_of_its_cut(tmp_path: Path) -> None:
    """Sealed while it floods and after, late output too: marked, counted, and never more."""
    sink = FakeSink(tmp_path / "spool")
    recorder = Recorder(output_bytes=LIMIT)
    recorder.start()
    recorder.attach_session(sink)
    kernel = FedKernel(recorder, sink.session.id)
    kernel.busy("a")
    for number in range(3000):
        kernel.stream("a", f"{number:09}\n" * 10)
        kernel.show("a", f"display {number}" * 10)
        if number == 1500:
            await recorder.freeze(sink)
    kernel.idle("a")
    await recorder.freeze(sink)
    kernel.stream("a", "the very last")
    await recorder.freeze(sink)
    (execution,) = sink.all()
    text = sink.content(execution, "stdout.txt")
    assert execution.truncated
    assert execution.left_out is not None
    assert b"bytes are left out here" in text
    assert text.startswith(b"000000000\n")
    assert text.endswith(b"the very last")
    marks = len(b"\n[1,000,000 bytes are left out here: max_execution_output_bytes]\n")
    came = 300_000 + len("the very last")
    assert 0 <= len(text) + execution.left_out.stdout - came <= marks
    metadata = json.loads(sink.content(execution, "metadata.json"))
    assert metadata["truncated"]
    assert metadata["left_out"]["outputs"] == execution.left_out.outputs > 2000
    assert b'"left_out"' in sink.content(execution, "outputs.json")
    await recorder.aclose()
    assert not list((tmp_path / "spool").iterdir())
