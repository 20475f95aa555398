"""The readings as JSON and CSV, in one schema, whatever they came as."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from ..records.reading import Reading, Rejection
from .instants import iso_at
from .values import quoted, text_to_cell, to_cell, to_json

ROWS_AT_ONCE = 500
UNIFIED = ("time", "device", "sensor", "value", "unit", "source", "duplicate", "note")
AS_CAME = ("time", "device", "sensor", "value", "unit", "source", "row", "given_time", "extra")


def unified_json(readings: Iterable[Reading]) -> Iterator[bytes]:
    """Yield an array of objects, one a line."""
    return _array(
        readings,
        lambda r: (
            f'{_head(r)}, "duplicate": {"true" if r.duplicate else "false"}, '
            f'"note": {_text(r.note)}}}'
        ),
    )


def unified_csv(readings: Iterable[Reading]) -> Iterator[bytes]:
    """Yield the same as a table."""
    return _table(
        UNIFIED,
        readings,
        lambda r: (*_cells(r), "true" if r.duplicate else "false", text_to_cell(r.note)),
    )


def came_json(readings: Iterable[Reading]) -> Iterator[bytes]:
    """Yield the readings as they came, with what their rows held besides."""
    return _array(
        readings,
        lambda r: (
            f'{_head(r)}, "row": {r.row}, "given_time": {to_json(r.given)}, '
            f'"extra": {to_json(r.extra)}}}'
        ),
    )


def came_csv(readings: Iterable[Reading]) -> Iterator[bytes]:
    """Yield the same as a table."""
    return _table(
        AS_CAME, readings, lambda r: (*_cells(r), str(r.row), to_cell(r.given), to_cell(r.extra))
    )


def rejected_jsonl(rejections: Iterable[Rejection]) -> Iterator[bytes]:
    """Yield what was kept aside, one JSON object a line."""
    return _joined(
        (json.dumps(each._asdict(), ensure_ascii=False) + "\n" for each in rejections), ""
    )


def _head(r: Reading) -> str:
    return (
        f'{{"time": "{iso_at(r.micros)}", "device": {_text(r.device)}, '
        f'"sensor": {quoted(r.sensor)}, "value": {to_json(r.value)}, "unit": {_text(r.unit)}, '
        f'"source": {quoted(r.source)}'
    )


def _cells(r: Reading) -> tuple[str, ...]:
    return (
        iso_at(r.micros),
        text_to_cell(r.device),
        text_to_cell(r.sensor),
        to_cell(r.value),
        text_to_cell(r.unit),
        text_to_cell(r.source),
    )


def _text(text: str | None) -> str:
    return "null" if text is None else quoted(text)


def _array(readings: Iterable[Reading], write: Callable[[Reading], str]) -> Iterator[bytes]:
    yield b"["
    yield from _joined((f"\n{write(reading)}" for reading in readings), ",")
    yield b"\n]\n"


def _joined(texts: Iterable[str], separator: str) -> Iterator[bytes]:
    pending, begun = iter(texts), False
    while some := list(islice(pending, ROWS_AT_ONCE)):
        yield ((separator if begun else "") + separator.join(some)).encode()
        begun = True


def _table(
    heading: tuple[str, ...],
    readings: Iterable[Reading],
    write: Callable[[Reading], tuple[Any, ...]],
) -> Iterator[bytes]:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(heading)
    pending = iter(readings)
    while some := list(islice(pending, ROWS_AT_ONCE)):
        table.writerows(map(write, some))
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()
