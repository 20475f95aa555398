"""What a deep capture takes, and what a person's steps wait for it: on a machine of its own."""

from __future__ import annotations

import json
import time
from statistics import median, quantiles

import pytest

from tests.debugger import DebugSocket
from tests.exporting import export
from tests.servers import RunningServer
from tests.waiting import wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

DEEP = """\
def deep(n):
    local, text = [n] * 3, str(n) * 100
    if n == 0:
        return n
    return deep(n - 1)
result = deep(9)
"""
STEPS = "total = 0\nfor i in range(40):\n    total += i\nprint(total)\n"
SLOW = """\
class Slow:
    def __repr__(self):
        import time
        time.sleep(0.4)
        return "at last"
slow = Slow()
"""
VALUES = {"plain": "", "slow": SLOW}
MOST_STEPS = 40
CAPTURE_SECONDS = 2.0
DELAY_SECONDS = 0.1


def stops(server: RunningServer) -> int:
    return int(server.api("GET", "session/stats").json()["debug"]["stops"])


def test_ten_frames_are_captured_within_two_seconds(server: RunningServer) -> None:
    """From the stop on to its place in the record, while its person only looks at it."""
    kernel_id = server.start_kernel(path="deep.ipynb")
    before = stops(server)
    with DebugSocket(server, kernel_id) as person:
        person.start()
        person.break_at(DEEP, 4)
        run = person.submit(DEEP, cell_id="cell-deep")
        thread = person.await_event("stopped")["body"]["threadId"]
        began = time.monotonic()
        wait_until(lambda: stops(server) > before)
        took = time.monotonic() - began
        person.step("continue", thread)
        person.end_of(run)
    archive = export(server)
    (name,) = [name for name in archive.namelist() if name.endswith("/debug_data.json")]
    (stop,) = json.loads(archive.read(name))["stops"]
    # Else it was cut off at its end, and of course was in time.
    assert (stop["incomplete"], len(stop["frames"])) == (None, 11)
    print(f"captured 11 frames in {took:.2f} s")
    assert took <= CAPTURE_SECONDS + 1.0  # the record is committed each half second


def slow(seconds: list[float]) -> float:
    return quantiles(seconds, n=10)[-1]


def stepped(server: RunningServer, path: str, before: str = "") -> list[float]:
    """Return the seconds that each step waited for, at many moments of captures."""
    kernel_id = server.start_kernel(path=path)
    waited = []
    with DebugSocket(server, kernel_id) as person:
        person.run(before)
        person.start()
        person.break_at(STEPS, 1)
        run = person.submit(STEPS, cell_id="cell-steps")
        thread = person.await_event("stopped")["body"]["threadId"]
        for number in range(MOST_STEPS):
            time.sleep(0.03 * (number % 7))
            waited.append(person.step("next", thread))
            person.await_event("stopped")
        person.step("continue", thread)
        person.end_of(run)
    return waited


@pytest.mark.parametrize("values", VALUES)
def test_a_step_waits_at_most_a_tenth_of_a_second(server: RunningServer, values: str) -> None:
    """Longer than where nothing is asked, since the recording is paused.

    Of nine in ten: the slowest are slow on a busy machine without us, too. Also where values
    take long to show: they are asked for a few times only.
    """
    server.api("POST", "session/recording", json={"state": "paused"})
    alone = stepped(server, f"{values}-paused.ipynb", VALUES[values])
    server.api("POST", "session/recording", json={"state": "on"})
    before = stops(server)
    watched = stepped(server, f"{values}-watched.ipynb", VALUES[values])
    wait_until(lambda: stops(server) - before >= MOST_STEPS)
    for name, waited in (("alone", alone), ("watched", watched)):
        figures = median(waited), slow(waited), max(waited)
        print(f"{name}: median, p90, max: {figures[0]:.3f} {figures[1]:.3f} {figures[2]:.3f} s")
    assert slow(watched) - slow(alone) <= DELAY_SECONDS, (sorted(watched), sorted(alone))
