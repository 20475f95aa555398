"""A finding: what an examination says, by a code that never changes its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Level(str, Enum):
    """`PROBLEM`: something doesn't work. `WARNING`: it does, but not all of it, or not for long."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


CODES: dict[Level, tuple[str, ...]] = {
    Level.OK: (
        "VERSIONS",
        "SETTINGS",
        "SERVER_EXTENSION",
        "LAB_EXTENSION",
        "LAB_NOT_INSTALLED",
        "KERNEL",
        "KERNEL_RECORDED_ONLY",
        "DATA_FOLDER",
        "DISK",
        "LOCKS",
        "STORE",
        "CLOCK",
        "PROXIES",
        "SERVER",
        "NO_SERVER",
    ),
    Level.WARNING: (
        "RECORDING_OFF",
        "SERVER_EXTENSION_NOT_EXAMINED",
        "LAB_PLUGINS_DISABLED",
        "LAB_EXTENSION_OTHER_VERSION",
        "KERNEL_WITHOUT_PLUGIN",
        "KERNEL_PLUGIN_NOT_LOADED",
        "KERNEL_PLUGIN_OTHER_VERSION",
        "KERNEL_SILENT",
        "FILES_OPEN_TO_OTHERS",
        "DISK_NEARLY_FULL",
        "LOCKS_MISSING",
        "LOCKS_NOT_TRIED",
        "SESSION_TOO_NEW",
        "STORE_NOT_ALL_CHECKED",
        "QUOTA_NEARLY_FULL",
        "CLOCK_BEHIND_RECORD",
        "CLOCK_JUMPS",
        "FILE_CLOCK_DIFFERS",
        "SERVER_INFO_STALE",
        "SERVER_NOT_ASKED",
        "ANSWERS_HELD_BACK",
    ),
    Level.PROBLEM: (
        "PACKAGE_MISSING",
        "PACKAGE_TOO_OLD",
        "SETTINGS_WRONG",
        "SERVER_CONFIG_BROKEN",
        "SERVER_EXTENSION_DISABLED",
        "SERVER_EXTENSION_BROKEN",
        "LAB_EXTENSION_MISSING",
        "LAB_EXTENSION_DISABLED",
        "LAB_EXTENSION_SHADOWED",
        "KERNELS_MISSING",
        "KERNEL_UNKNOWN",
        "KERNEL_SPEC_BROKEN",
        "KERNEL_INTERPRETER_GONE",
        "KERNEL_BROKEN",
        "KERNEL_PLUGIN_BROKEN",
        "DATA_FOLDER_NO_FOLDER",
        "DATA_FOLDER_READ_ONLY",
        "DISK_FULL",
        "LOCKS_DISREGARDED",
        "SESSION_DAMAGED",
        "SESSION_UNREADABLE",
        "CONTENT_MISSING",
        "STORE_UNREADABLE",
        "QUOTA_FULL",
        "CLOCK_IN_THE_PAST",
        "SERVER_SILENT",
        "SERVER_WITHOUT_EXTENSION",
        "EXPORTS_HANG",
        "EXAMINATION_FAILED",
    ),
}
"""All codes; docs/doctor.md says what each of them means and what to do."""
LEVELS = {code: level for level, codes in CODES.items() for code in codes}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found; `remedy` is one line, a command where there is one; None: all is well."""

    code: str
    level: Level
    message: str
    remedy: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "level": self.level.value,
            "message": self.message,
            "remedy": self.remedy,
            "facts": dict(self.facts),
        }


def found(code: str, message: str, remedy: str, **facts: Any) -> Finding:
    """Return a problem or a warning, by the level that its code always has, with its remedy.

    Raises KeyError for no code.
    """
    return Finding(code, LEVELS[code], message, remedy, facts)


def well(code: str, message: str, **facts: Any) -> Finding:
    """Return what is as it should be. Raises KeyError for no code."""
    return Finding(code, LEVELS[code], message, None, facts)
