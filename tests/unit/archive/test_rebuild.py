from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_session_export.archive import rebuild
from jupyter_session_export.archive.contents import RecordedExecution
from tests.unit.archive.samples import MemoryStore, execution

STORE = MemoryStore()


def shows(files: dict[str, tuple[str, bytes]]) -> RecordedExecution:
    """An execution with one output; each file with its MIME type."""
    data = {mime: {"$ref": f"outputs/{name}"} for name, (mime, _) in files.items()}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    parts = {f"outputs/{name}": content for name, (_, content) in files.items()}
    return execution(STORE, 1, parts={"outputs.json": json.dumps([output]).encode(), **parts})


def shown(*executions: RecordedExecution) -> list[Any]:
    """Return the outputs of all cells."""
    document = rebuild.rebuild_notebook(executions, STORE.load, "gone")
    return [output for cell in document["cells"] for output in cell["outputs"]]


def test_what_is_too_large_is_said_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, and where all together would be too much; what still fits is there."""
    monkeypatch.setattr(rebuild, "MOST_BYTES", 400)
    monkeypatch.setattr(rebuild, "MOST_HELD_BYTES", 1000)
    sizes = {"large": 401, "fits": 400, "also": 300, "more": 300, "small": 200}
    run = shows({f"{name}.txt": (f"x/{name}", b"x" * size) for name, size in sizes.items()})
    (output,) = shown(run)
    held = [mime for mime, text in output["data"].items() if text[0] == "x"]
    assert held == ["x/fits", "x/also", "x/small"]
    place = f"executions/{run.folder}/outputs/large.txt"
    assert output["data"]["x/large"] == f"[401 bytes: see {place}]"


def test_large_json_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any kind of value comes back as it was; a large one would hold up all other threads."""
    monkeypatch.setattr(rebuild, "MOST_JSON_BYTES", 400)
    (output,) = shown(
        shows(
            {
                "list.json": ("application/json", b"[1, 2]"),
                "long.json": ("application/b+json", b"[%s1]" % (b"1," * 200)),
            }
        )
    )
    assert output["data"]["application/json"] == [1, 2]
    assert output["data"]["application/b+json"].startswith("[403 bytes: see ")
    many = execution(STORE, 2, parts={"outputs.json": b"[]".ljust(401)})
    (told,) = shown(many)
    assert told["text"] == f"[401 bytes: see executions/{many.folder}/outputs.json]\n"


def test_a_stream_in_many_pieces_is_read_once() -> None:
    """However often stderr comes in between."""
    pieces = [
        {
            "output_type": "stream",
            "name": name,
            "text": {"$ref": f"{name}.txt", "start": n, "end": n + 1},
        }
        for n in range(50)
        for name in ("stdout", "stderr")
    ]
    parts = {
        "outputs.json": json.dumps(pieces).encode(),
        "stdout.txt": b"o" * 50,
        "stderr.txt": b"e" * 50,
    }
    run = execution(STORE, 1, parts=parts)
    loaded = []

    def load(sealed: Any) -> bytes:
        loaded.append(sealed)
        return STORE.load(sealed)

    document = rebuild.rebuild_notebook([run], load, "gone")
    outputs = document["cells"][0]["outputs"]
    assert "".join(output["text"] for output in outputs) == "oe" * 50
    assert len(loaded) == len(run.members) - 1


def test_only_the_last_run_of_a_cell_is_read() -> None:
    """The others may be many; the cell keeps its place."""
    runs = [execution(STORE, n, cell_id=f"cell-{n % 2}") for n in range(1, 9)]
    loaded = []

    def load(sealed: Any) -> bytes:
        loaded.append(sealed)
        return STORE.load(sealed)

    document = rebuild.rebuild_notebook(runs, load, "gone")
    assert [cell["source"] for cell in document["cells"]] == ["print(7)\n", "print(8)\n"]
    assert len(loaded) == 6
