"""Store or deflate: a cheap trial on samples from the inside of the content."""

from __future__ import annotations

import re
from collections.abc import Callable

from isal import isal_zlib

SAMPLE_BYTES = 32 * 1024
WHOLE_BYTES = 4 * SAMPLE_BYTES
"""Content up to this size is worth compressing whole rather than guessing."""
LEAST_GAIN = 0.03
MEDIA = re.compile(
    "7z|apk|avi|avif|br|bz2|docx|flac|gif|gz|heic|jar|jpeg|jpg|lz4|m4a|m4v|mkv|mov|mp3|mp4|mpg|npz|"
    "odp|ods|odt|oga|ogg|ogv|opus|parquet|png|pptx|rar|tbz|tgz|txz|webm|webp|whl|woff|woff2|xlsx|"
    "xz|zip|zst",
    re.IGNORECASE,
)
"""Suffixes of what is compressed already, as a rule; a trial has the last word."""


def is_worth_deflating(size: int, read: Callable[[int, int], bytes], name: str = "") -> bool:
    """Tell whether samples of the content shrink by 3 % or more.

    `read(offset, length)` returns bytes of the content. The samples are taken at
    a quarter, a half and three quarters: the ends of media files, with their
    tables and tags, compress well and tell nothing of what is between.
    """
    if size <= WHOLE_BYTES and not (size > SAMPLE_BYTES and is_media(name)):
        return True
    raw = packed = 0
    for quarter in (1, 2, 3):
        sample = read(max(0, size * quarter // 4 - SAMPLE_BYTES // 2), SAMPLE_BYTES)
        raw += len(sample)
        packed += len(isal_zlib.compress(sample, 1, -isal_zlib.MAX_WBITS))
    return packed < raw * (1 - LEAST_GAIN)


def is_media(name: str) -> bool:
    """Tell whether a file of this name is likely to be compressed already."""
    return MEDIA.fullmatch(name.rpartition(".")[2]) is not None
