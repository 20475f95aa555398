"""What holds for all tests."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

# How long an example takes says more of the machine than of the code. A change is judged by the
# same examples each time; `make soak` draws others, most often many more, and keeps what failed.
settings.register_profile(
    "tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "soak",
    settings.get_profile("tests"),
    derandomize=False,
    max_examples=1000,
    print_blob=True,
    database=DirectoryBasedExampleDatabase(".hypothesis/examples"),
)
settings.load_profile("tests")


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> Iterator[None]:
    """Have SIGINT end programs, also where the tests run in the background, deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that may take longest, lest one process works on at the end, alone."""
    tests = Counter(item.path for item in items)
    patience: dict[Path, float] = {}
    for item in items:
        marker = item.get_closest_marker("timeout")
        seconds = float(marker.args[0]) if marker else 0.0
        patience[item.path] = max(seconds, patience.get(item.path, 0.0))
    items.sort(key=lambda item: (-patience[item.path], -tests[item.path], item.path))
