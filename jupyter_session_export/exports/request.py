"""What a client asks an export to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidRequest
from ..records.execution import ExecutionKey
from ..records.sections import DEFAULT_INCLUDE, SECTIONS
from .clients import checked_id

SCOPES = ("session", "notebook")
COMPRESSIONS = ("maximum", "fast")


@dataclass(frozen=True, slots=True)
class Asker:
    """The execution that asked for the export, which stays out of it."""

    kernel_id: str
    msg_id: str

    def is_digest(self, digest: str, incarnation: int) -> bool:
        """Tell whether an execution of this digest is the one that asked."""
        return ExecutionKey(self.kernel_id, incarnation, self.msg_id).digest == digest


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A checked request. `path` is the notebook's, where scope is "notebook".

    With `tools` it has what tools executed (`store_history=False`), too.
    """

    scope: str = "session"
    path: str | None = None
    include: frozenset[str] = DEFAULT_INCLUDE
    compression: str = "maximum"
    tools: bool = False
    client_id: str | None = None
    asked_by: Asker | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any], *, compression: str = "maximum") -> ExportRequest:
        """Check a request's JSON body or query. Raises InvalidRequest, saying what is allowed.

        `include` may be a list or a string with commas. `compression` is the default.
        """
        scope = _one_of(data, "scope", SCOPES, "session")
        path = _text(data, "path")
        if scope == "notebook" and not path:
            raise InvalidRequest(
                "An export of one notebook needs its path.", 'Add "path", relative to the root.'
            )
        return cls(
            scope=scope,
            path=path if scope == "notebook" else None,
            include=_sections(data.get("include")),
            compression=_one_of(data, "compression", COMPRESSIONS, compression),
            tools=_flag(data, "tools"),
            client_id=_client(data),
            asked_by=_asker(data.get("asked_by")),
        )

    @property
    def sections(self) -> list[str]:
        """What is included, in the order of the ZIP."""
        return [name for name in SECTIONS if name in self.include]


def _one_of(data: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = data.get(name)
    if value is None or value == "":
        return default
    if value not in allowed:
        raise InvalidRequest(f"{name} can't be {value!r}.", f"Use one of: {', '.join(allowed)}.")
    return str(value)


def _flag(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name)
    if value in (None, "", False, "false"):
        return False
    if value in (True, "true"):
        return True
    raise InvalidRequest(f"{name} must be true or false, not {value!r}.")


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 4096 or "\0" in value:
        raise InvalidRequest(f"{name} must be a text of at most 4096 characters.")
    return value


def _client(data: Mapping[str, Any]) -> str | None:
    client_id = _text(data, "client_id")
    return None if client_id is None else checked_id(client_id)


def _sections(value: Any) -> frozenset[str]:
    if value is None or value == "":
        return DEFAULT_INCLUDE
    names = [name.strip() for name in value.split(",")] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise InvalidRequest("include must be a list of names.", f"Known: {', '.join(SECTIONS)}.")
    unknown = sorted(set(names) - set(SECTIONS))
    if unknown:
        raise InvalidRequest(
            f"include knows no {', '.join(map(repr, unknown))}.", f"Known: {', '.join(SECTIONS)}."
        )
    return frozenset(names)


def _asker(value: Any) -> Asker | None:
    if value is None:
        return None
    try:
        kernel_id, msg_id = value["kernel_id"], value["msg_id"]
    except (TypeError, KeyError):
        raise InvalidRequest("asked_by must have kernel_id and msg_id.") from None
    if not isinstance(kernel_id, str) or not isinstance(msg_id, str):
        raise InvalidRequest("asked_by's kernel_id and msg_id must be texts.")
    return Asker(kernel_id, msg_id)
