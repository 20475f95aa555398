"""Fill a session: run cells in a real kernel that print and display a corpus."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from . import corpus
from .exporting import wait_until_recorded
from .kernel import notebook_kernel, shell_client
from .kinds import content
from .server import JupyterServer, jupyter_server
from .watch import watched_memory

SETUP = """
import base64, json, sys
from pathlib import Path
from IPython.display import Image, display

def show_text(path):
    with open(path) as file:
        while chunk := file.read(1 << 20):
            sys.stdout.write(chunk)
    sys.stdout.flush()

def show_json(path):
    rows = [json.loads(line) for line in open(path)]
    display({"application/json": rows, "text/plain": f"{len(rows)} rows"}, raw=True)

def show_table(path):
    rows = (line.rstrip().split(",") for line in open(path))
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    html = "<table>" + "\\n".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
    display({"text/html": html, "text/plain": path}, raw=True)

def show_image(path):
    display(Image(filename=path))

def show_film(path):
    film = base64.b64encode(Path(path).read_bytes()).decode()
    display({"video/mp4": film, "text/plain": "<film>"}, raw=True)
"""
SHOWN_BY = {
    "log": "show_text",
    "csv": "show_text",
    "jsonl": "show_json",
    "html": "show_table",
    "png": "show_image",
    "mp4": "show_film",
}
SHARES = {"log": 0.20, "csv": 0.10, "jsonl": 0.12, "html": 0.08, "png": 0.20, "mp4": 0.30}
"""Of the bytes; half of them, PNG and MP4, are incompressible."""
SIZES_MB = {
    "log": (0.05, 0.3, 1, 6),
    "csv": (0.1, 0.8, 3),
    "jsonl": (0.1, 0.5, 3),
    "html": (0.1, 0.5, 2),
    "png": (0.05, 0.2, 0.6, 1.2),
    "mp4": (3, 10, 20),
}
HTML_GROWTH = 2.2
"""A table's markup is so many times the size of its rows."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How the filling went: raw bytes shown by kind, seconds, and the server's growth in MiB."""

    shown: dict[str, int]
    seconds: float
    growth_mib: float
    cells: int


def fill(home: Path, megabytes: float) -> Filled:
    """Record a corpus below `home`, with `home/root` as the server's root."""
    root = home / "root"
    root.mkdir()
    corpus.write_notebook(root / corpus.NOTEBOOK)
    began = time.perf_counter()
    with jupyter_server(root, home) as server, watched_memory(server) as memory:
        shown, cells = _run_cells(server, home, megabytes)
    return Filled(shown, time.perf_counter() - began, memory.growth_mib, cells)


def _run_cells(server: JupyterServer, home: Path, megabytes: float) -> tuple[dict[str, int], int]:
    shown, cells = dict.fromkeys(SHARES, 0), 0
    with notebook_kernel(server, corpus.NOTEBOOK) as kernel, shell_client(kernel) as client:
        client.run(SETUP)
        for kind, share in SHARES.items():
            left, number = share * megabytes * 1e6, 0
            while left > 0:
                size = min(SIZES_MB[kind][number % len(SIZES_MB[kind])] * 1e6, left)
                path = home / f"content.{kind}"
                raw = _content(kind, int(size), f"{kind}-{number}")
                path.write_bytes(raw)
                client.run(f"{SHOWN_BY[kind]}({str(path)!r})")
                shown[kind] += len(raw)
                left -= size
                number += 1
            cells += number
        # A kernel that ends takes with it what it has not sent yet.
        wait_until_recorded(server)
    return shown, cells


def _content(kind: str, size: int, seed: str) -> bytes:
    if kind == "html":
        return content("csv", int(size / HTML_GROWTH), seed)
    return content(kind, size, seed)
