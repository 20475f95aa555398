from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest

from jupyter_session_export.errors import StoreUnavailable
from jupyter_session_export.store.numbering import claim_number

CLAIM = """
import sys
from pathlib import Path
from jupyter_session_export.store.numbering import claim_number
sys.stdin.readline()
print(*[claim_number(Path(sys.argv[1])) for _ in range(50)], flush=True)
"""


def test_numbers_count_from_one(tmp_path: Path) -> None:
    """1, 2, 3 …"""
    assert [claim_number(tmp_path / "numbers") for _ in range(3)] == [1, 2, 3]


def test_processes_never_get_the_same(tmp_path: Path, child: Callable[..., Popen[str]]) -> None:
    """Processes that ask at the same time get different numbers, without gaps."""
    processes = [child(CLAIM, tmp_path / "numbers") for _ in range(3)]
    outputs = [process.communicate("go\n")[0] for process in processes]
    numbers = sorted(int(number) for output in outputs for number in output.split())
    assert numbers == list(range(1, 151))


def test_strange_files_do_not_matter(tmp_path: Path) -> None:
    """What is no number is not counted."""
    (tmp_path / ".DS_Store").touch()
    (tmp_path / "7").touch()
    assert claim_number(tmp_path) == 8


def test_a_file_in_its_place_is_unavailable(tmp_path: Path) -> None:
    """Where no folder can be, there are no numbers."""
    (tmp_path / "numbers").touch()
    with pytest.raises(StoreUnavailable):
        claim_number(tmp_path / "numbers")
