"""Hostile trees: what becomes of the files beside one thing that can't be packed."""

from __future__ import annotations

import json
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from io import BytesIO
from pathlib import Path

from ..bench import Bench
from ..exporting import API, prepare
from ..kernel import notebook_kernel, shell_client
from ..peers import jupyter_archive
from ..server import JupyterServer, jupyter_server
from ..table import Result, at_least
from ..unseen import workspace
from .connection import asked, head_of
from .trees import GOOD, GOOD_BYTES, SECRET, TREES, Tree, build
from .trees import good as content_of
from .unprivileged import LAUNCHER

NAME = "delivery"
ENDS_WITHIN = 15.0
"""A FIFO whose writer never comes, a device without an end: a packer may wait for ever."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many of the good files came, and in words what else there is to say."""

    good: int
    said: str
    sound: bool
    """Whether the hostile thing is in the ZIP or told of, and nothing of outside is in it."""


def run(bench: Bench) -> Iterator[Result]:
    """Pack each tree by both of our routes and by jupyter-archive, in the same server."""
    for tree in TREES:
        home = bench.folder("hostile")
        folder = home / "root"
        try:
            build(tree, folder)
        except OSError as error:
            yield Result(NAME, f"{tree.name}: can't be made", 0, "", None, str(error))
            continue
        with jupyter_server(folder, home, launcher=LAUNCHER, stops_within=5.0) as server:
            yield from _compare(server, tree, folder)


def _compare(server: JupyterServer, tree: Tree, folder: Path) -> Iterator[Result]:
    with notebook_kernel(server, "analysis.ipynb") as kernel, shell_client(kernel) as client:
        client.run("print('begin')")
    contenders: dict[str, Callable[[], str]] = {
        "prepared": lambda: prepare(server, include=["workspace"])[0],
        "one-shot": lambda: workspace("maximum"),
        "jupyter-archive": jupyter_archive.route,
    }
    for name, route in contenders.items():
        with tree.busy(folder):
            verdict = _pack(server, tree, route)
        bar = None if name == "jupyter-archive" else at_least(len(GOOD))
        what = f"{tree.name}, {name}: good files"
        good = verdict.good if verdict.sound or bar is None else 0
        yield Result(NAME, what, good, f"of {len(GOOD)}", bar, verdict.said)


def _pack(server: JupyterServer, tree: Tree, route: Callable[[], str]) -> Verdict:
    try:
        status, body, whole = _fetched(server, route())
    except TimeoutError:
        return Verdict(0, f"no end within {ENDS_WITHIN:g} s; {_alive(server)}", False)
    except (OSError, RuntimeError) as error:
        return Verdict(0, f"{type(error).__name__}: {error}; {_alive(server)}", False)
    said = f"HTTP {status}" + ("" if whole else ", cut off")
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            return _look(tree, archive, said)
    except (zipfile.BadZipFile, zlib.error):
        return Verdict(0, f"{said}, no ZIP that opens; {_alive(server)}", False)


def _look(tree: Tree, archive: zipfile.ZipFile, said: str) -> Verdict:
    names = {name.rpartition("/")[2] for name in archive.namelist()}
    good = _good(archive)
    told = _told(tree, archive)
    broken = archive.testzip()
    leaked = any(
        SECRET in archive.read(info) for info in archive.infolist() if info.file_size < GOOD_BYTES
    )
    words = [said, f"ZIP damaged at {broken}" if broken else "ZIP opens"]
    if leaked:
        words.append("holds what lies outside")
    elif told:
        words.append(f"tells: {told}")
    elif tree.hostile in names:
        words.append(f"{tree.hostile} is in it")
    if not told and (good < len(GOOD) or tree.hostile not in names):
        words.append("says nothing of what is missing")
    sound = not broken and not leaked and bool(told) and (not tree.packed or tree.hostile in names)
    return Verdict(good, ", ".join(words), sound)


def _good(archive: zipfile.ZipFile) -> int:
    """Return how many of the good files are in it as they are."""
    found = set()
    for path in archive.namelist():
        name = path.rpartition("/")[2]
        with suppress(zipfile.BadZipFile, zlib.error):
            if name in GOOD and archive.read(path) == content_of(name):
                found.add(name)
    return len(found)


def _told(tree: Tree, archive: zipfile.ZipFile) -> str:
    """Return what the manifest says of the hostile thing; nothing where there is no manifest."""
    if "manifest.json" not in archive.namelist():
        return ""
    lines = json.loads(archive.read("manifest.json"))["entries"]
    path = f"workspace/{tree.hostile}"
    for line in lines:
        if line["path"] == path or line["path"].startswith(f"{path}/"):
            reason = f" ({line['reason']})" if line["reason"] else ""
            return f"{line['disposition']}{reason}"
    return ""


def _fetched(server: JupyterServer, path: str) -> tuple[int, bytes, bool]:
    """Return status, body and whether it came whole. Raises TimeoutError."""
    deadline = time.monotonic() + ENDS_WITHIN
    with asked(server.port, server.token, path, timeout=ENDS_WITHIN) as client:
        head, body = head_of(client)
        parts = [body]
        while piece := client.recv(1 << 20):
            parts.append(piece)
            if time.monotonic() > deadline:
                raise TimeoutError
    body = b"".join(parts)
    if head.length is not None:
        return head.status, body, len(body) == head.length
    return head.status, _joined(body), body.endswith(b"0\r\n\r\n")


def _joined(chunked: bytes) -> bytes:
    """Return a body that came in chunks (RFC 9112, section 7.1), as far as it came."""
    parts, at = [], 0
    while (end := chunked.find(b"\r\n", at)) > 0 and (size := int(chunked[at:end], 16)):
        parts.append(chunked[end + 2 : end + 2 + size])
        at = end + 4 + size
    return b"".join(parts)


def _alive(server: JupyterServer) -> str:
    try:
        server.call("GET", f"{API}/session", timeout=3)
    except (OSError, HTTPException, RuntimeError):
        return "the server doesn't answer any more"
    return "the server still answers"
