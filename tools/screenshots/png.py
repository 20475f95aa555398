"""PNG files that are small enough for a page that many people load."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

MAX_BYTES = 100_000
COLOURS = 256
"""With fewer the median cut makes the indicator's red dot grey."""


def save(shot: bytes, path: Path) -> None:
    """Write a screenshot with a palette of its own, as small as PNG can be."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"{path.name} has {size} bytes, more than {MAX_BYTES}.")
