"""Whatever lies in a session's folders is in its ZIP, or the manifest says why not."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jupyter_session_export.archive.verify import verify
from tests.exporting import prepared
from tests.hostile_tree import KEYS, MIB, RENAMED, HostileTree, Planting
from tests.kernel_socket import KernelSocket
from tests.servers import RunningServer, running_server
from tests.zip_readers import Sums, by_7z, by_bsdtar, by_python, by_unzip, run

WITHOUT_PRIVILEGES = """
import ctypes, os, sys
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24
prctl = ctypes.CDLL(None, use_errno=True).prctl
for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
    if prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
        sys.exit(os.strerror(ctypes.get_errno()))
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Makes of a root that reads everything one to whom permissions apply, as to any other owner."""

COMMAND = Path(sys.executable).with_name("jupyter-session-export")
PLACES = {"outputs": "bulk/tree/", "workspace": "tree/"}
"""Each section with where the tree lies below its folder."""


@dataclass(frozen=True)
class Export:
    """A ZIP on disk, what its manifest says by source, and how many the server said it left out."""

    path: Path
    lines: dict[str, dict[str, Any]]
    left_out: int | None
    sums: Sums

    def read(self, name: str) -> bytes:
        with zipfile.ZipFile(self.path) as archive:
            return archive.read(name)


@dataclass(frozen=True)
class Scene:
    """A server whose session has a hostile tree among its own files, and one in its workspace."""

    server: RunningServer
    trees: dict[str, HostileTree]


def prepared_first(server: RunningServer, target: Path) -> int | None:
    job = prepared(server, include=INCLUDE, compression="fast", patience=1200.0)
    assert job["state"] == "ready", job
    download(server, f"exports/{job['id']}/download", target)
    assert target.stat().st_size == job["bytes"]
    server.api("DELETE", f"exports/{job['id']}")
    return int(job["left_out"])


def at_once(server: RunningServer, target: Path) -> int | None:
    query = f"include={','.join(INCLUDE)}&compression=fast"
    download(server, f"session/download?{query}", target)
    return None


def download(server: RunningServer, route: str, target: Path) -> None:
    with (
        server.client() as client,
        client.stream("GET", f"session-export/api/{route}") as answer,
        target.open("wb") as file,
    ):
        assert answer.status_code == 200
        file.writelines(answer.iter_raw())


INCLUDE = ["code", "executions", "outputs", "workspace"]
Way = Callable[[RunningServer, Path], "int | None"]
WAYS: list[Way] = [prepared_first, at_once]
each_place = pytest.mark.parametrize("place", PLACES)


def scene(
    folder: Path, *, many: int, sparse: int, huge: tuple[Path, str] | None = None
) -> Iterator[Scene]:
    """Run a server, a cell in it, and plant both trees; `huge` is a file with its SHA-256."""
    launcher = [sys.executable, "-c", WITHOUT_PRIVILEGES] if os.geteuid() == 0 else []
    with running_server(folder, launcher=launcher) as server:
        notebook = server.root / "work/notebook.ipynb"
        notebook.parent.mkdir()
        notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
        kernel_id = server.start_kernel(path="work/notebook.ipynb")
        with KernelSocket(server, kernel_id) as kernel:
            kernel.run("print('all the rest')")
        folders = {
            "outputs": Path(server.access()["files"]) / "bulk/tree",
            "workspace": notebook.parent / "tree",
        }
        outside = folder / "outside"
        planted = {
            place: Planting(path, outside / place, many=many, sparse=sparse)
            for place, path in folders.items()
        }
        try:
            trees = {place: planting.plant() for place, planting in planted.items()}
            for planting in planted.values():
                if huge:
                    planting.add_huge(*huge)
            yield Scene(server, trees)
        finally:
            for planting in planted.values():
                planting.open_up()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    yield from scene(tmp_path_factory.mktemp("hostile"), many=1_000, sparse=64 * MIB)


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.__name__)
def export(
    small: Scene, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Export:
    return exported(small.server, request.param, tmp_path_factory.mktemp("export"))


def exported(server: RunningServer, way: Way, folder: Path) -> Export:
    path = folder / "export.zip"
    left_out = way(server, path)
    with zipfile.ZipFile(path) as archive:
        entries = json.loads(archive.read("manifest.json"))["entries"]
    lines = {line["source"]: line for line in entries if line["path"].startswith(tuple(PLACES))}
    assert len(lines) == sum(line["path"].startswith(tuple(PLACES)) for line in entries)
    return Export(path, lines, left_out, by_python(path, folder))


def lines_below(export: Export, place: str) -> dict[str, dict[str, Any]]:
    """Return the manifest's lines of a tree by the names there."""
    origin = "outputs/bulk/tree/" if place == "outputs" else "work/tree/"
    lines = export.lines.items()
    return {source.removeprefix(origin): line for source, line in lines if origin in source}


def written(name: str) -> str:
    """Return a name as the manifest has it: lone surrogates are spelled out."""
    return name.encode("utf-8", "backslashreplace").decode()


def expected(tree: HostileTree, place: str) -> dict[str, tuple[str, str | None, str | None]]:
    """Return disposition, reason and SHA-256 that each name of a tree must have."""
    lines: dict[str, tuple[str, str | None, str | None]] = {}
    for name, digest in tree.packed.items():
        lines[name] = "included", RENAMED if name in tree.renamed else None, digest
    for name, (disposition, reason) in tree.left_out.items():
        lines[name] = disposition, reason.format(base=PLACES[place]), None
    if place == "workspace":
        # A hidden folder is one line; the session's own files may be called as they like.
        hidden = {name.partition("/")[0]: name for name in lines if name.startswith(".")}
        for first, name in hidden.items():
            del lines[name]
            lines[first] = "skipped", "hidden", None
    return {written(name): line for name, line in lines.items()}


@each_place
def test_each_path_has_its_disposition(small: Scene, export: Export, place: str) -> None:
    """Packed with its SHA-256, or left out with its reason: all of them, and nothing else."""
    _require_told(export, place, small.trees[place])


def _require_told(export: Export, place: str, tree: HostileTree) -> None:
    told = {
        name: (line["disposition"], line["reason"], line["sha256"])
        for name, line in lines_below(export, place).items()
    }
    wanted = expected(tree, place)
    # Of 100,000 lines pytest would take minutes to show the difference.
    differ = [name for name in told.keys() | wanted.keys() if told.get(name) != wanted.get(name)]
    assert [(name, told.get(name), wanted.get(name)) for name in differ[:10]] == []


def test_what_is_packed_is_what_lies_there(export: Export) -> None:
    """Each member has the bytes and the SHA-256 of its line, and there is no member besides."""
    assert verify(export.path).problems == ()
    for line in export.lines.values():
        assert export.sums.get(line["path"]) == line["sha256"] or line["disposition"] != "included"


@pytest.mark.parametrize("read", [by_unzip, by_7z, by_bsdtar], ids=lambda read: read.__name__)
def test_every_reader_extracts_all_of_it(
    export: Export, read: Callable[[Path, Path], Sums], tmp_path: Path
) -> None:
    """Without a warning, to the same names and bytes."""
    assert read(export.path, tmp_path / "out") == export.sums


def test_names_are_fit_for_every_system(export: Export) -> None:
    """No two are one file where case or Unicode form don't count; none is a device or climbs."""
    with zipfile.ZipFile(export.path) as archive:
        names = archive.namelist()
    folded = Counter(unicodedata.normalize("NFC", name).casefold() for name in names)
    assert max(folded.values()) == 1
    for name in names:
        for part in name.split("/"):
            assert part not in ("", ".", "..")
            assert len(part.encode()) <= 255
            assert part.rstrip(". ") == part
            assert not re.search(r'[\x00-\x1f\x7f<>:"|?*\\\u202a-\u202e]', part)
            assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", part)


@each_place
def test_times_are_kept_as_far_as_a_zip_can_hold_them(export: Export, place: str) -> None:
    """Before 1980 and after 2107 the nearest it can tell; to the second where 32 bits allow."""
    folder = "outputs/bulk/tree" if place == "outputs" else "workspace/tree"
    with zipfile.ZipFile(export.path) as archive:
        times = {
            name: archive.getinfo(f"{folder}/{name}").date_time
            for name in ("of-1978", "of-1901", "of-2200", "of-odd-second")
        }
    assert times == {
        "of-1978": (1980, 1, 1, 0, 0, 0),
        "of-1901": (1980, 1, 1, 0, 0, 0),
        "of-2200": (2107, 12, 31, 23, 59, 58),
        "of-odd-second": (2023, 11, 14, 22, 13, 20),
    }


def test_how_many_were_left_out_is_told(small: Scene, export: Export) -> None:
    """README.txt, SESSION_SUMMARY.txt and the job say the number that the manifest has."""
    document = json.loads(export.read("manifest.json"))
    counts = Counter(line["disposition"] for line in document["entries"])
    left_out = counts.total() - counts["included"]
    wanted = [
        line for place, tree in small.trees.items() for line in expected(tree, place).values()
    ]
    assert left_out == sum(disposition != "included" for disposition, _, _ in wanted)
    assert export.left_out in (None, left_out)
    readme, summary = (
        export.read("README.txt").decode(),
        export.read("SESSION_SUMMARY.txt").decode(),
    )
    kinds = f"{counts['skipped']:,} skipped, {counts['failed']:,} failed"
    assert f"{left_out:,} files or folders are not in here as they should be: {kinds}" in readme
    assert f"Not in here as they should be: {left_out:,} (manifest.json has each)" in summary
    reasons = Counter(f"{line[0]}: {line[1]}" for line in wanted if line[0] != "included")
    told = re.findall(r"^ *([\d,]+)  ((?:skipped|failed): .*)$", summary, re.MULTILINE)
    assert told
    for count, reason in told:
        assert reasons[reason] == int(count.replace(",", ""))


def test_nothing_else_is_affected(export: Export) -> None:
    """The record is complete, and what may not be read or lies outside is nowhere."""
    with zipfile.ZipFile(export.path) as archive:
        names = archive.namelist()
        (stdout,) = [name for name in names if name.endswith("/stdout.txt")]
        assert archive.read(stdout) == b"all the rest\n"
        assert "code/notebook_1.ipynb" in names
        for name in names:
            assert KEYS.encode() not in archive.read(name)


def test_an_import_brings_all_of_it_back(export: Export, tmp_path: Path) -> None:
    """By the command line, to the byte; zeros shrink more than it takes on trust."""
    out = tmp_path / "out"
    command = [COMMAND, "import", export.path, "--to", out, "--max-ratio", "2000"]
    assert run(*command, warned=True) == f"{out}\n"
    assert run("sha256sum", "--strict", "--quiet", "-c", "manifest-sha256.txt", cwd=out) == ""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The same with 100,000 files in one folder, 5 GB of nothing, and 4.1 GB of media."""
    folder = tmp_path_factory.mktemp("large")
    digest, huge = hashlib.sha256(), folder / "huge.mp4"
    with huge.open("wb") as file:
        for number in range(4_200):
            block = random.Random(number).randbytes(MIB)  # noqa: S311 - any media
            digest.update(block)
            file.write(block)
    try:
        yield from scene(folder, many=100_000, sparse=5_000 * MIB, huge=(huge, digest.hexdigest()))
    finally:
        shutil.rmtree(folder)  # pytest would keep it, and two older ones


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_large_tree(way: Way, large: Scene, tmp_path: Path) -> None:
    """200,000 members, some of more than 4 GiB: each told and sound, and open to other readers."""
    path = tmp_path / "export.zip"
    try:
        left_out = way(large.server, path)
        found = verify(path)
        assert found.problems == ()
        with zipfile.ZipFile(path) as archive:
            entries = json.loads(archive.read("manifest.json"))["entries"]
        lines = {each["source"]: each for each in entries if each["path"].startswith(tuple(PLACES))}
        for place, tree in large.trees.items():
            _require_told(Export(path, lines, left_out, found.sums), place, tree)
        assert run("unzip", "-tqq", path, seconds=1200) == ""
        assert "Everything is Ok" in run("7z", "t", path, seconds=1200)
        assert len(run("bsdtar", "-tf", path, seconds=1200).splitlines()) == found.entries
    finally:
        path.unlink(missing_ok=True)
