"""Entries that are made for the archive."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from ..entries import Entry, Text

MADE = "made for this export"


def text_entry(path: str, text: str, modified: datetime) -> Entry:
    """Return a text as a member."""
    return Entry(path, Text(text.encode("utf-8", "backslashreplace")), modified, MADE)


def json_entry(path: str, value: Any, modified: datetime) -> Entry:
    """Return a JSON document as a member, for people to read."""
    return text_entry(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n", modified)


def shown(path: str) -> str:
    """Return a path that any reader of JSON takes: lone surrogates are spelled out."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()
