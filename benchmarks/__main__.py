"""`python -m benchmarks [NAMES…]`: measure, print tables, exit with 1 when a bar is missed."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from . import (
    cells,
    cleanup,
    codecs,
    insights,
    live,
    machine,
    memory,
    opening,
    panel,
    pausing,
    readings,
    recorded,
    recording,
    sessions,
    small,
    store,
    unseen,
)
from .bench import LARGE_MB, STALL_SECONDS, Bench, new_bench
from .corpus import FULL_MB
from .delivery import suite as delivery
from .delivery.large import FULL_MB as FULL_LARGE_MB
from .table import Result, markdown_table, text_table

BENCHMARKS: dict[str, Callable[[Bench], Iterator[Result]]] = {
    "codecs": codecs.run,
    "recording": recording.run,
    "recorded": recorded.run,
    "unseen": unseen.run,
    "small": small.run,
    "memory": memory.run,
    "cleanup": cleanup.run,
    "readings": readings.run,
    "sessions": sessions.run,
    "live": live.run,
    "store": store.run,
    "insights": insights.run,
    "pausing": pausing.run,
    "cells": cells.run,
    "panel": panel.run,
    "opening": opening.run,
    "delivery": delivery.run,
}
TITLES = {
    "codecs": codecs.__doc__,
    "recording": recording.__doc__,
    "recorded": recorded.__doc__,
    "unseen": unseen.__doc__,
    "small": small.__doc__,
    "memory": memory.__doc__,
    "cleanup": cleanup.__doc__,
    "readings": readings.__doc__,
    "sessions": sessions.__doc__,
    "live": live.__doc__,
    "store": store.__doc__,
    "insights": insights.__doc__,
    "pausing": pausing.__doc__,
    "cells": cells.__doc__,
    "panel": panel.__doc__,
    "opening": opening.__doc__,
    "delivery": delivery.__doc__,
}


def main() -> int:
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.list:
        for name in BENCHMARKS:
            print(f"{name:10} {_title(name)}")
        return 0
    names = arguments.names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}")
    # So that servers are stopped and files removed when this is.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(machine.sentence(), flush=True)
    results: list[Result] = []
    broken: list[str] = []
    with new_bench(arguments.size, arguments.rounds, arguments.large, arguments.stall) as bench:
        for name in names:
            try:
                results += _run(name, bench, arguments.markdown)
            except Exception:  # noqa: BLE001  # one that breaks spares the others, and fails the run
                traceback.print_exc()
                broken.append(name)
    if arguments.json:
        _write(arguments.json, results)
    return _verdict(results, broken, arguments.size)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all by default")
    parser.add_argument(
        "--size", type=float, default=FULL_MB, help="MB of raw content (%(default)s)"
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="runs of each contender (%(default)s)"
    )
    parser.add_argument(
        "--large",
        type=float,
        default=LARGE_MB,
        help=f"MB of delivery's large session (%(default)g; its bars are about {FULL_LARGE_MB})",
    )
    parser.add_argument(
        "--stall",
        type=float,
        default=STALL_SECONDS,
        help="seconds for which delivery's stalled clients take nothing (%(default)g; bars: 60)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--list", action="store_true", help="list the benchmarks and end")
    return parser


def _title(name: str) -> str:
    return (TITLES[name] or name).partition("\n")[0]


def _run(name: str, bench: Bench, markdown: bool) -> list[Result]:
    began = time.monotonic()
    results = list(BENCHMARKS[name](bench))
    title = f"{name}: {_title(name)} ({time.monotonic() - began:.0f} s)"
    print("\n" + (markdown_table if markdown else text_table)(title, results), flush=True)
    return results


def _write(target: Path, results: Sequence[Result]) -> None:
    whole = {"machine": machine.describe(), "results": [result.to_json() for result in results]}
    target.write_text(json.dumps(whole, indent=1, ensure_ascii=False), encoding="utf-8")


def _verdict(results: Sequence[Result], broken: Sequence[str], megabytes: float) -> int:
    missed = [result for result in results if result.missed]
    held = sum(result.bar is not None for result in results)
    print(f"\n{held - len(missed)} of {held} bars met.")
    for result in missed:
        print(f"missed: {result.benchmark}, {result.name}: {result.cells()[1]}, bar {result.bar}")
    for name in broken:
        print(f"broken: {name}")
    if megabytes < FULL_MB:
        print(f"The bars are about {FULL_MB} MB; this was a trial with {megabytes:g}.")
    return 1 if missed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
