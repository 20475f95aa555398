from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.client.fake_server import Running, serving
from tests.unit.kernel.real_kernel import RealKernel

KERNEL_ID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the kernel's own files are; `notebooks` in it holds the notebook."""
    home = tmp_path_factory.mktemp("kernel")
    (home / "notebooks").mkdir()
    return home


@pytest.fixture(scope="module")
def kernel(home: Path) -> Iterator[RealKernel]:
    environment = {
        **os.environ,
        "IPYTHONDIR": str(home / "ipython"),
        "JPY_SESSION_EXPORT": str(home / "access.json"),
        "JPY_SESSION_NAME": str(home / "notebooks" / "plots.ipynb"),
        # Its server comes and goes with each test; meanwhile it would record itself.
        "JPY_SESSION_EXPORT_RECORD": "0",
    }
    kernel = RealKernel(str(home / f"kernel-{KERNEL_ID}.json"), environment, str(home))
    yield kernel
    kernel.close()


@pytest.fixture
def folder(home: Path) -> Iterator[Path]:
    """The notebook's folder, empty for each test."""
    yield home / "notebooks"
    for path in (home / "notebooks").iterdir():
        path.unlink()


@pytest.fixture
def server(home: Path) -> Iterator[Running]:
    """The server that the kernel's access file leads to."""
    with serving() as running:
        (home / "access.json").write_text(json.dumps(running.access()))
        yield running
